-- Which nodes break the rules of the graph: none, in a good build.
--
-- issue: invalid_node_id (NULL or empty), duplicate_node_id, invalid_span (ends
-- before it starts, or has only one end).
--
-- Result: entity_kind, entity_id, issue, source_table VARCHAR; ordered by all columns.
-- Cost: one aggregate over the hashes of the node ids.
SELECT 'node' AS entity_kind, node_id AS entity_id, 'invalid_node_id' AS issue, 'cpg_nodes' AS source_table
FROM cpg_nodes WHERE node_id IS NULL OR node_id = ''
UNION ALL
SELECT 'node', node_id, 'duplicate_node_id', 'cpg_nodes'
FROM cpg_nodes
WHERE hash(node_id) IN (SELECT hash(node_id) FROM cpg_nodes GROUP BY hash(node_id) HAVING count(*) > 1)
GROUP BY node_id HAVING count(*) > 1
UNION ALL
SELECT 'node', node_id, 'invalid_span', 'cpg_nodes'
FROM cpg_nodes WHERE bend < bstart OR (bstart IS NULL) <> (bend IS NULL)
ORDER BY entity_kind, entity_id, issue, source_table
