-- The edges that leave each node.
--
-- The lists hold what a walk over the graph needs; the rest is in cpg_edges. Most
-- nodes have one edge, and sorting a list costs more than the rest of its row, so
-- lists of one are left alone.
--
-- Result: src_node_id VARCHAR, edges LIST of STRUCT(edge_kind, dst_node_id VARCHAR, bstart INT,
-- bend INT, confidence DOUBLE), each list ordered by these columns; ordered as cpg_nodes.
-- Cost: one aggregate over the edges, one sort on integers.
WITH lists AS (
  SELECT src_no, any_value(src_node_id) AS src_node_id,
         list({'edge_kind': edge_kind, 'dst_node_id': dst_node_id, 'bstart': bstart, 'bend': bend, 'confidence': confidence}) AS edges
  FROM cpg_edges
  GROUP BY src_no)
SELECT src_node_id, CASE WHEN length(edges) = 1 THEN edges ELSE list_sort(edges) END AS edges
FROM lists
ORDER BY src_no
