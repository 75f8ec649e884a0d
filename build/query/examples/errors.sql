-- Everything that failed: nodes, spans, and lines of the log
SELECT time, 'node' AS what, node AS name, coalesce(error, state) AS message, run_id FROM events WHERE event = 'node_finished' AND state NOT IN ('succeeded', 'cached')
UNION ALL
SELECT started, 'span', name, status_message, run_id FROM spans WHERE status = 'error'
UNION ALL
SELECT time, 'log', level, message, run_id FROM logs WHERE level IN ('ERROR', 'WARN')
ORDER BY time
