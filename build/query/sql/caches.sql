-- caches: one row for each cache of the engine, at the start and at the end, and one for
-- the part of each table. limit_bytes and advice are the cache's.
WITH moments AS (SELECT unnest((try_cast(content AS JSON) -> '$.payload.moments')::JSON[]) AS m FROM read_text({FILES})),
whole AS (SELECT m ->> '$.moment' AS moment, unnest((m -> '$.caches')::JSON[]) AS c FROM moments),
parts AS (SELECT moment, c ->> '$.cache' AS cache, NULL AS "table", c FROM whole
	UNION ALL SELECT moment, c ->> '$.cache', unnest((c -> '$.tables')::JSON[]) ->> '$.table', unnest((c -> '$.tables')::JSON[]) FROM whole)
SELECT moment, cache, "table", c ->> '$.setting' AS setting, c ->> '$.value' AS value, c ->> '$.source' AS source,
	try_cast(c ->> '$.hits' AS BIGINT) AS hits, try_cast(c ->> '$.misses' AS BIGINT) AS misses, try_cast(c ->> '$.inserts' AS BIGINT) AS inserts, try_cast(c ->> '$.rejections' AS BIGINT) AS rejections, try_cast(c ->> '$.evictions' AS BIGINT) AS evictions, try_cast(c ->> '$.expirations' AS BIGINT) AS expirations, try_cast(c ->> '$.invalidations' AS BIGINT) AS invalidations, try_cast(c ->> '$.entries' AS BIGINT) AS entries, try_cast(c ->> '$.bytes' AS BIGINT) AS bytes, try_cast(c ->> '$.peak_bytes' AS BIGINT) AS peak_bytes,
	CASE WHEN "table" IS NULL THEN try_cast(c ->> '$.limit_bytes' AS BIGINT) END AS limit_bytes,
	try_cast(c ->> '$.working_set_bytes' AS BIGINT) AS working_set_bytes,
	c ->> '$.advice' AS advice, {RUN} AS run_id
FROM parts
