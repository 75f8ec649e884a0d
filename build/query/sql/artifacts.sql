-- artifacts: one row for each artifact. One that is no JSON has no payload.
SELECT parse_filename(filename, true) AS name, try_cast(try_cast(content AS JSON) ->> '$.version' AS INTEGER) AS version,
	try_cast(try_cast(content AS JSON) ->> '$.created_at' AS TIMESTAMP_NS) AS created_at, size AS bytes,
	try_cast(content AS JSON) -> '$.payload' AS payload, {RUN} AS run_id
FROM read_text({FILES})
