-- The nodes of the graph.
--
-- One occurrence in the source is one node: a definition is not a def site as well,
-- and the store of a bare name is a def site, not a reference. An attribute is a node
-- only when an edge starts there, that is when it means something of this tree.
--
-- Result: node_id VARCHAR, node_kind VARCHAR, path VARCHAR, bstart INT, bend INT (bytes,
-- end exclusive; NULL where a node has no place), file_id VARCHAR, node_no BIGINT (names
-- the node within this build only; joins on it are cheap); ordered by node_no: by
-- kind, then file and position, names outside the tree and types by name.
-- Cost: one scan of each entity table, one sort on integers.
WITH resolved_attributes AS (
  SELECT ref_key FROM rel_refs_2 WHERE value_kind <> 'external'
  UNION
  SELECT ref_key FROM rel_refs_3 WHERE value_kind <> 'external'
  UNION
  SELECT ref_key FROM rel_member_refs),
entities AS (
  SELECT 1 AS kind_no, CAST(file_no AS BIGINT) AS key, file_id AS node_id, file_no, CAST(NULL AS INT) AS bstart, CAST(NULL AS INT) AS bend FROM ev_modules
  UNION ALL
  SELECT 2, scope_key, scope_id, file_no, bstart, bend FROM ev_scopes
  UNION ALL
  SELECT 3, binding_key, binding_id, file_no, bstart, bend FROM ev_bindings
  UNION ALL
  SELECT 4, def_site_key, def_site_id, file_no, bstart, bend FROM ev_def_sites WHERE def_key IS NULL AND import_key IS NULL
  UNION ALL
  SELECT 5, def_key, def_id, file_no, bstart, bend FROM ev_defs
  UNION ALL
  SELECT 6, import_key, import_id, file_no, bstart, bend FROM ev_imports
  UNION ALL
  SELECT 7, ref_key, ref_id, file_no, bstart, bend FROM ev_refs WHERE kind = 'name' AND context <> 'STORE'
  UNION ALL
  SELECT 7, r.ref_key, r.ref_id, r.file_no, r.bstart, r.bend
  FROM ev_refs r JOIN resolved_attributes t ON t.ref_key = r.ref_key
  UNION ALL
  SELECT 8, call_key, call_id, file_no, bstart, bend FROM ev_calls
  UNION ALL
  SELECT 9, decorator_key, decorator_id, file_no, bstart, bend FROM ev_decorators
  UNION ALL
  SELECT 10, docstring_key, docstring_id, file_no, bstart, bend FROM ev_docstrings
  UNION ALL
  SELECT 11, type_expr_key, type_expr_id, file_no, bstart, bend FROM ev_type_exprs
  UNION ALL
  SELECT 12, error_key, error_id, file_no, bstart, bend FROM ev_errors),
sorted AS (
  SELECT e.kind_no, e.node_id, m.language = 'go' AS is_go, m.path, e.bstart, e.bend, m.file_id,
         e.kind_no * 144115188075855872 + e.key AS node_no
  FROM entities e JOIN rel_modules m ON m.file_no = e.file_no
  UNION ALL
  SELECT kind_no, node_id, is_go, CAST(NULL AS VARCHAR), CAST(NULL AS INT), CAST(NULL AS INT), CAST(NULL AS VARCHAR),
         kind_no * 144115188075855872 + key
  FROM (
    SELECT DISTINCT 13 AS kind_no, CAST(module_no AS BIGINT) AS key, module_id AS node_id, TRUE AS is_go
    FROM rel_modules WHERE language = 'go'
    UNION ALL
    SELECT 14, qname_no, qname_id, language = 'go' FROM rel_qualified_names
    UNION ALL
    SELECT DISTINCT 15, type_no, type_id, FALSE FROM rel_types) p
  ORDER BY node_no)
-- Kinds are spelled out after the sort, which is cheaper without the words. Nothing
-- but a projection may follow it, or the order is lost.
SELECT node_id,
       CASE kind_no WHEN 1 THEN CASE WHEN is_go THEN 'GO_FILE' ELSE 'PY_FILE' END
         WHEN 2 THEN CASE WHEN is_go THEN 'GO_SCOPE' ELSE 'PY_SCOPE' END
         WHEN 3 THEN CASE WHEN is_go THEN 'GO_BINDING' ELSE 'PY_BINDING' END
         WHEN 4 THEN CASE WHEN is_go THEN 'GO_DEF_SITE' ELSE 'PY_DEF_SITE' END
         WHEN 5 THEN 'CST_DEF' WHEN 6 THEN 'CST_IMPORT_ALIAS' WHEN 7 THEN 'CST_REF' WHEN 8 THEN 'CST_CALLSITE'
         WHEN 9 THEN 'CST_DECORATOR' WHEN 10 THEN 'CST_DOCSTRING' WHEN 11 THEN 'TYPE_EXPR' WHEN 12 THEN 'DIAG'
         WHEN 13 THEN 'GO_PACKAGE' WHEN 14 THEN CASE WHEN is_go THEN 'GO_QUALIFIED_NAME' ELSE 'PY_QUALIFIED_NAME' END
         ELSE 'TYPE' END AS node_kind,
       path, bstart, bend, file_id, node_no
FROM sorted
