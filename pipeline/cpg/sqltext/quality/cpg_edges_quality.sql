-- Which edges break the rules of the graph: none, in a good build.
--
-- issue: invalid_edge_id (NULL or empty), duplicate_edge_id, dangling_src and
-- dangling_dst (the end is no node, or its id and number name different ones),
-- invalid_confidence (outside 0 to 1).
--
-- Result: entity_kind, entity_id, issue, source_table VARCHAR; ordered by all columns.
-- Cost: one aggregate over the hashes of the edge ids, one anti-join of their ends on integers.
SELECT 'edge' AS entity_kind, edge_id AS entity_id, 'invalid_edge_id' AS issue, 'cpg_edges' AS source_table
FROM cpg_edges WHERE edge_id IS NULL OR edge_id = ''
UNION ALL
SELECT 'edge', edge_id, 'duplicate_edge_id', 'cpg_edges'
FROM cpg_edges
WHERE hash(edge_id) IN (SELECT hash(edge_id) FROM cpg_edges GROUP BY hash(edge_id) HAVING count(*) > 1)
GROUP BY edge_id HAVING count(*) > 1
UNION ALL
SELECT 'edge', e.edge_id, e.issue, 'cpg_edges'
FROM (SELECT edge_id, src_node_id AS node_id, src_no AS node_no, 'dangling_src' AS issue FROM cpg_edges
      UNION ALL
      SELECT edge_id, dst_node_id, dst_no, 'dangling_dst' FROM cpg_edges) e
LEFT JOIN cpg_nodes n ON n.node_no = e.node_no
WHERE n.node_id IS NULL OR n.node_id <> e.node_id
UNION ALL
SELECT 'edge', edge_id, 'invalid_confidence', 'cpg_edges'
FROM cpg_edges WHERE confidence IS NULL OR confidence < 0 OR confidence > 1
ORDER BY entity_kind, entity_id, issue, source_table
