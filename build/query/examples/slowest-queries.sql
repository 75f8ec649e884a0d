-- The engine's slowest queries, scans and writes, with their nodes
SELECT e.duration_ms, e.name, coalesce(e.node, p.node) AS node, e.status, e.attributes, e.run_id
FROM spans e LEFT JOIN spans p ON p.span_id = e.parent_span_id AND p.run_id = e.run_id
WHERE e.name LIKE 'engine.%'
ORDER BY e.duration_ms DESC
LIMIT 20
