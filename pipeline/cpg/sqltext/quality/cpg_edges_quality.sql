-- cpg_edges_quality: edges that are broken; a sound graph has none.
-- Columns: entity_kind VARCHAR, entity_id VARCHAR, issue VARCHAR (dangling_src, dangling_dst, duplicate_id), source_table VARCHAR.
-- Cost: two anti-joins of cpg_edges with cpg_nodes and one grouping.
SELECT 'edge' AS entity_kind, entity_id, issue, 'cpg_edges' AS source_table FROM (
  SELECT e.edge_id AS entity_id, 'dangling_src' AS issue
  FROM cpg_edges e LEFT JOIN cpg_nodes n ON n.node_id = e.src_node_id WHERE n.node_id IS NULL
  UNION ALL
  SELECT e.edge_id, 'dangling_dst'
  FROM cpg_edges e LEFT JOIN cpg_nodes n ON n.node_id = e.dst_node_id WHERE n.node_id IS NULL
  UNION ALL
  SELECT edge_id, 'duplicate_id' FROM cpg_edges GROUP BY edge_id HAVING count(*) > 1
) q
ORDER BY entity_id, issue
