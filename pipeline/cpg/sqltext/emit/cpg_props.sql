-- The properties of the nodes, one row each; those of edges are their columns.
--
-- Only what says something: no empty texts, no zero counts, no FALSE, and not the
-- usual value of a kind (def_site_kind assign, binding_kind local, expr_context LOAD,
-- callee_shape NAME or ATTRIBUTE). The text of a bare reference is the
-- name of its binding.
--
-- Result: entity_kind (node), entity_id VARCHAR, node_kind VARCHAR, prop_key VARCHAR,
-- value_type (string, int, bool), value_string VARCHAR, value_int BIGINT, value_bool
-- BOOLEAN, node_no BIGINT (of the node, as in cpg_nodes); ordered by node_no and prop_key,
-- that is by node kind, file and position.
-- Cost: one scan per entity table, each row turned into its properties; one sort.
WITH resolved_attributes AS (
  SELECT ref_key FROM rel_refs_2 WHERE value_kind <> 'external'
  UNION
  SELECT ref_key FROM rel_refs_3 WHERE value_kind <> 'external'
  UNION
  SELECT ref_key FROM rel_member_refs),
props AS (
  SELECT 1 AS kind_no, CAST(m.file_no AS BIGINT) AS key, m.file_id AS entity_id, m.file_no, p.prop_key,
         CASE p.prop_key WHEN 'language' THEN m.language WHEN 'module' THEN m.fqn WHEN 'package' THEN m.package END AS s,
         CASE p.prop_key WHEN 'size_bytes' THEN f.size_bytes WHEN 'lines' THEN m.lines END AS i,
         CASE p.prop_key WHEN 'is_package' THEN m.is_package WHEN 'is_stub' THEN m.is_stub WHEN 'is_truncated' THEN m.truncated END AS b
  FROM ev_modules m
  JOIN repo_files f ON f.file_no = m.file_no
  CROSS JOIN (VALUES ('is_package'), ('is_stub'), ('is_truncated'), ('language'), ('lines'), ('module'), ('package'), ('size_bytes')) p(prop_key)
  UNION ALL
  SELECT 2, x.scope_key, x.scope_id, x.file_no, p.prop_key,
         CASE p.prop_key WHEN 'scope_name' THEN CASE WHEN x.owner_def_key IS NULL AND x.kind <> 'block' THEN x.name END ELSE x.kind END, NULL, NULL
  FROM ev_scopes x CROSS JOIN (VALUES ('scope_name'), ('scope_type')) p(prop_key)
  UNION ALL
  SELECT 3, binding_key, binding_id, file_no, 'name', name, NULL, NULL FROM ev_bindings
  UNION ALL
  SELECT 3, binding_key, binding_id, file_no, 'binding_kind',
         CASE WHEN flags & 32 <> 0 THEN 'nonlocal_ref' WHEN flags & 64 = 0 AND flags & 2064 <> 0 THEN 'global_ref' WHEN flags & 256 <> 0 THEN 'free_ref'
              WHEN flags & 4 <> 0 THEN 'param' WHEN flags & 2 <> 0 THEN 'import' WHEN flags & 1024 <> 0 THEN 'namespace'
              WHEN flags & 128 <> 0 AND flags & 512 = 0 THEN 'annot_only' WHEN flags & 8 <> 0 THEN 'type_param' END, NULL, NULL
  FROM ev_bindings
  UNION ALL
  SELECT 4, def_site_key, def_site_id, file_no, 'def_site_kind', CASE WHEN kind <> 'assign' THEN kind END, NULL, NULL
  FROM ev_def_sites WHERE def_key IS NULL AND import_key IS NULL
  UNION ALL
  SELECT 5, x.def_key, x.def_id, x.file_no, p.prop_key,
         CASE p.prop_key WHEN 'def_kind' THEN x.kind WHEN 'docstring' THEN x.docstring WHEN 'name' THEN x.name WHEN 'qualname' THEN x.qualname WHEN 'receiver' THEN x.receiver END,
         CASE p.prop_key WHEN 'decorator_count' THEN x.decorators WHEN 'param_count' THEN x.params END, NULL
  FROM ev_defs x
  CROSS JOIN (VALUES ('decorator_count'), ('def_kind'), ('docstring'), ('name'), ('param_count'), ('qualname'), ('receiver')) p(prop_key)
  UNION ALL
  SELECT 6, x.import_key, x.import_id, x.file_no, p.prop_key,
         CASE p.prop_key WHEN 'asname' THEN x.asname WHEN 'import_kind' THEN x.kind WHEN 'imported_name' THEN x.name WHEN 'module' THEN x.module END,
         CASE p.prop_key WHEN 'relative_level' THEN x.level END,
         CASE p.prop_key WHEN 'is_star' THEN x.star END
  FROM ev_imports x
  CROSS JOIN (VALUES ('asname'), ('import_kind'), ('imported_name'), ('is_star'), ('module'), ('relative_level')) p(prop_key)
  UNION ALL
  SELECT 7, r.ref_key, r.ref_id, r.file_no, p.prop_key, CASE p.prop_key WHEN 'ref_kind' THEN r.kind ELSE r.name END, NULL, NULL
  FROM ev_refs r
  JOIN resolved_attributes t ON t.ref_key = r.ref_key
  CROSS JOIN (VALUES ('ref_kind'), ('ref_text')) p(prop_key)
  UNION ALL
  SELECT 7, ref_key, ref_id, file_no, 'expr_context', context, NULL, NULL
  FROM ev_refs WHERE kind = 'name' AND context = 'DEL'
  UNION ALL
  SELECT 8, call_key, call_id, file_no, 'callee_text', text, NULL, NULL FROM ev_calls
  UNION ALL
  SELECT 8, call_key, call_id, file_no, 'arg_count', NULL, args, NULL FROM ev_calls WHERE args > 0
  UNION ALL
  SELECT 8, call_key, call_id, file_no, 'callee_shape', shape, NULL, NULL FROM ev_calls WHERE shape NOT IN ('NAME', 'ATTRIBUTE')
  UNION ALL
  SELECT 9, decorator_key, decorator_id, file_no, 'decorator_text', text, NULL, NULL FROM ev_decorators
  UNION ALL
  SELECT 11, x.type_expr_key, x.type_expr_id, x.file_no, p.prop_key,
         CASE p.prop_key WHEN 'expr_role' THEN x.role WHEN 'expr_text' THEN x.text ELSE x.param END, NULL, NULL
  FROM ev_type_exprs x
  CROSS JOIN (VALUES ('expr_role'), ('expr_text'), ('param_name')) p(prop_key)
  UNION ALL
  SELECT 12, x.error_key, x.error_id, x.file_no, p.prop_key,
         CASE p.prop_key WHEN 'diag_source' THEN x.stage WHEN 'message' THEN x.message WHEN 'severity' THEN 'ERROR' END,
         CASE p.prop_key WHEN 'line' THEN x.line END, NULL
  FROM ev_errors x
  CROSS JOIN (VALUES ('diag_source'), ('line'), ('message'), ('severity')) p(prop_key)
  UNION ALL
  SELECT DISTINCT 13, CAST(m.module_no AS BIGINT), m.module_id, m.module_no, p.prop_key,
         CASE p.prop_key WHEN 'module' THEN m.name ELSE m.package END, NULL, NULL
  FROM rel_modules m CROSS JOIN (VALUES ('module'), ('package')) p(prop_key)
  WHERE m.language = 'go'),
sorted AS (
  SELECT p.kind_no, p.entity_id, p.prop_key, p.s, CASE WHEN p.s IS NULL AND p.i <> 0 THEN CAST(p.i AS BIGINT) END AS i,
         CASE WHEN p.s IS NULL AND p.b THEN p.b END AS b, m.language = 'go' AS is_go,
         p.kind_no * 144115188075855872 + p.key AS node_no
  FROM props p LEFT JOIN rel_modules m ON m.file_no = p.file_no
  WHERE p.s <> '' OR p.i <> 0 OR p.b
  UNION ALL
  SELECT kind_no, entity_id, prop_key, s, CAST(NULL AS BIGINT), CAST(NULL AS BOOLEAN), is_go, kind_no * 144115188075855872 + key
  FROM (
    SELECT 14 AS kind_no, qname_no AS key, qname_id AS entity_id, 'qname' AS prop_key, qname AS s, language = 'go' AS is_go
    FROM rel_qualified_names WHERE qname <> ''
    UNION ALL
    SELECT DISTINCT 15, type_no, type_id, 'type_repr', type_repr, FALSE FROM rel_types) n
  ORDER BY node_no, prop_key)
-- Kinds and types are spelled out after the sort, which is cheaper without the words.
-- Nothing but a projection may follow it, or the order is lost.
SELECT 'node' AS entity_kind, entity_id,
       CASE kind_no WHEN 1 THEN CASE WHEN is_go THEN 'GO_FILE' ELSE 'PY_FILE' END
         WHEN 2 THEN CASE WHEN is_go THEN 'GO_SCOPE' ELSE 'PY_SCOPE' END
         WHEN 3 THEN CASE WHEN is_go THEN 'GO_BINDING' ELSE 'PY_BINDING' END
         WHEN 4 THEN CASE WHEN is_go THEN 'GO_DEF_SITE' ELSE 'PY_DEF_SITE' END
         WHEN 5 THEN 'CST_DEF' WHEN 6 THEN 'CST_IMPORT_ALIAS' WHEN 7 THEN 'CST_REF' WHEN 8 THEN 'CST_CALLSITE'
         WHEN 9 THEN 'CST_DECORATOR' WHEN 11 THEN 'TYPE_EXPR' WHEN 12 THEN 'DIAG' WHEN 13 THEN 'GO_PACKAGE'
         WHEN 14 THEN CASE WHEN is_go THEN 'GO_QUALIFIED_NAME' ELSE 'PY_QUALIFIED_NAME' END
         ELSE 'TYPE' END AS node_kind,
       prop_key,
       CASE WHEN s IS NOT NULL THEN 'string' WHEN i IS NOT NULL THEN 'int' ELSE 'bool' END AS value_type,
       s AS value_string, i AS value_int, b AS value_bool, node_no
FROM sorted
