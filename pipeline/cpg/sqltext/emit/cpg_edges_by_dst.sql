-- The edges that reach each node, side by side.
--
-- The columns are what a walk over the graph needs; the rest is in cpg_edges. A list
-- per node would say the same, but making the lists costs twice the sort, and a
-- filter on dst_no reads one row group here.
--
-- Result: dst_node_id, edge_kind, src_node_id VARCHAR, bstart INT, bend INT (of the
-- occurrence), confidence DOUBLE, dst_no BIGINT (node_no of the node); ordered by
-- dst_no, that is as cpg_nodes, then kind and the other end.
-- Cost: one sort on integers and the kind.
SELECT dst_node_id, edge_kind, src_node_id, bstart, bend, confidence, dst_no
FROM cpg_edges
ORDER BY dst_no, edge_kind, src_no, bstart, bend
