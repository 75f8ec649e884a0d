-- events: one row for each whole line of the event log; data is the line. Cost: reads
-- the file whole.
SELECT try_cast(json ->> '$.time' AS TIMESTAMP_NS) AS time, json ->> '$.event' AS event, json ->> '$.node' AS node, json ->> '$.state' AS state,
	json ->> '$.kind' AS kind, try_cast(json ->> '$.duration_ns' AS BIGINT) / 1e6 AS duration_ms, try_cast(json ->> '$.rows' AS BIGINT) AS rows,
	try_cast(json ->> '$.bytes' AS BIGINT) AS bytes, json ->> '$.cache' AS cache, json ->> '$.error' AS error,
	json ->> '$.trace_id' AS trace_id, json ->> '$.span_id' AS span_id, json AS data, {RUN} AS run_id
FROM read_json_objects({FILES}, format = 'newline_delimited', ignore_errors = true, hive_partitioning = false)
WHERE json IS NOT NULL
