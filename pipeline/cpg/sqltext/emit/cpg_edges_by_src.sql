-- The edges that leave each node, side by side.
--
-- The columns are what a walk over the graph needs; the rest is in cpg_edges. A list
-- per node would say the same, but making the lists costs twice the sort, and a
-- filter on src_no reads one row group here.
--
-- Result: src_node_id, edge_kind, dst_node_id VARCHAR, bstart INT, bend INT (of the
-- occurrence), confidence DOUBLE, src_no BIGINT (node_no of the node); ordered by
-- src_no, that is as cpg_nodes, then kind and the other end.
-- Cost: one sort on integers and the kind.
SELECT src_node_id, edge_kind, dst_node_id, bstart, bend, confidence, src_no
FROM cpg_edges
ORDER BY src_no, edge_kind, dst_no, bstart, bend
