-- settings: one row for each setting, with where its value came from and what lower
-- layers would have given.
SELECT s ->> '$.key' AS key, s ->> '$.value' AS value, s ->> '$.source' AS source, s -> '$.lower' AS lower, {RUN} AS run_id
FROM (SELECT unnest(try_cast(content AS JSON)::JSON[]) AS s FROM read_text({FILES}))
