-- cpg_nodes: every node of the graph, in the order of path, start and id.
-- Columns: node_id VARCHAR, node_kind VARCHAR, path VARCHAR, bstart INTEGER, bend INTEGER, file_id VARCHAR, name VARCHAR.
-- path, span and file_id are NULL for names outside the sources.
-- Cost: one scan per entity table and one sort.
WITH entities AS (
  SELECT scope_id AS node_id, 'CST_SCOPE' AS node_kind, file_no, bstart, bend, qualname AS name FROM ev_scopes
  UNION ALL SELECT binding_id, 'CST_BINDING', file_no, bstart, bend, name FROM ev_bindings
  UNION ALL SELECT def_id, 'CST_DEF', file_no, bstart, bend, name FROM ev_defs
  UNION ALL SELECT ref_id, 'CST_REF', file_no, bstart, bend, name FROM ev_refs
  UNION ALL SELECT call_id, 'CST_CALLSITE', file_no, bstart, bend, callee FROM ev_calls
  UNION ALL SELECT import_id, 'CST_IMPORT_ALIAS', file_no, bstart, bend, module FROM ev_imports
)
SELECT * FROM (
  SELECT e.node_id, e.node_kind, f.path, e.bstart, e.bend, f.file_id, e.name
  FROM entities e JOIN repo_files f ON f.file_no = e.file_no
  UNION ALL
  SELECT file_id, 'FILE', path, 0, CAST(size_bytes AS INTEGER), file_id, path FROM repo_files
  UNION ALL
  SELECT 'qname:' || md5(qname), 'QUALIFIED_NAME', NULL, NULL, NULL, NULL, qname
  FROM (SELECT DISTINCT qname FROM rel_calls WHERE qname IS NOT NULL) q
) n
ORDER BY path NULLS LAST, bstart, node_kind, node_id
