-- cache_limits: which limit would have answered how many lookups of each cache: a row for
-- each limit from which on there are more.
WITH moments AS (SELECT unnest((try_cast(content AS JSON) -> '$.payload.moments')::JSON[]) AS m FROM read_text({FILES})),
whole AS (SELECT unnest((m -> '$.caches')::JSON[]) AS c FROM moments WHERE m ->> '$.moment' = 'end'),
points AS (SELECT c ->> '$.cache' AS cache, try_cast(c ->> '$.curve.lookups' AS BIGINT) AS lookups, unnest((c -> '$.curve.points')::JSON[]) AS p FROM whole)
SELECT cache, try_cast(p ->> '$.limit_bytes' AS BIGINT) AS limit_bytes, try_cast(p ->> '$.hits' AS BIGINT) AS hits, lookups,
	hits / lookups AS hit_rate, {RUN} AS run_id
FROM points
