-- Which properties break the rules of the graph: none, in a good build.
--
-- issue: dangling_entity (no such node, or its id and number name different ones),
-- duplicate_prop (one key twice on a node),
-- invalid_value (the column of its type is NULL).
--
-- Result: entity_kind, entity_id, issue, source_table VARCHAR; ordered by all columns.
-- Cost: one anti-join and one aggregate over the properties, both on integers.
SELECT p.entity_kind, p.entity_id, 'dangling_entity' AS issue, 'cpg_props' AS source_table
FROM cpg_props p LEFT JOIN cpg_nodes n ON n.node_no = p.node_no WHERE n.node_id IS NULL OR n.node_id <> p.entity_id
UNION ALL
SELECT p.entity_kind, p.entity_id, 'duplicate_prop', 'cpg_props'
FROM cpg_props p
JOIN (SELECT node_no, prop_key FROM cpg_props GROUP BY node_no, prop_key HAVING count(*) > 1) d
  ON d.node_no = p.node_no AND d.prop_key = p.prop_key
GROUP BY p.entity_kind, p.entity_id, p.prop_key
UNION ALL
SELECT entity_kind, entity_id, 'invalid_value', 'cpg_props'
FROM cpg_props
WHERE CASE value_type WHEN 'string' THEN value_string IS NULL WHEN 'int' THEN value_int IS NULL ELSE value_bool IS NULL END
ORDER BY entity_kind, entity_id, issue, source_table
