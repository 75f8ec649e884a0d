-- The slowest nodes, with what each produced
SELECT node, state, cache, duration_ms, rows, bytes, run_id
FROM events
WHERE event = 'node_finished'
ORDER BY duration_ms DESC NULLS LAST
LIMIT 20
