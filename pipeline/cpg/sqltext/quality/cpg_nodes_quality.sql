-- cpg_nodes_quality: nodes that are broken; a sound graph has none.
-- Columns: entity_kind VARCHAR, entity_id VARCHAR, issue VARCHAR (duplicate_id), source_table VARCHAR.
-- Cost: one grouping of cpg_nodes.
SELECT 'node' AS entity_kind, node_id AS entity_id, 'duplicate_id' AS issue, 'cpg_nodes' AS source_table
FROM cpg_nodes GROUP BY node_id HAVING count(*) > 1
ORDER BY entity_id
