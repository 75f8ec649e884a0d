-- The edges of the graph.
--
-- Every end is a node of cpg_nodes. edge_id is the hash in the id of the occurrence
-- that makes the edge, which covers path and span, after a prefix for the kind; where
-- one occurrence makes several edges, what tells them apart follows. score is the
-- confidence in the method, confidence the score shared among n_candidates; edges
-- that compete share an ambiguity_group_id.
--
-- Result: edge_id, edge_kind, src_node_id, dst_node_id, path VARCHAR, bstart INT, bend INT
-- (of the occurrence), origin, resolution_method VARCHAR, confidence DOUBLE, score
-- DOUBLE, ambiguity_group_id VARCHAR, n_candidates INT, src_no BIGINT, dst_no BIGINT
-- (node_no of the ends); ordered by kind, then file and position.
-- Cost: one hash join per kind of edge, one sort on integers; writing the ids is most.
WITH
scope_parent AS (
  SELECT 1 AS kind_no, x.scope_key AS k1, CAST(0 AS BIGINT) AS k2, x.scope_id AS own_id, CAST(NULL AS VARCHAR) AS other_id,
         x.scope_id AS src, 2 AS src_kind, x.scope_key AS src_key, p.scope_id AS dst, 2 AS dst_kind, p.scope_key AS dst_key, x.file_no, x.bstart AS bstart, x.bend AS bend
  FROM ev_scopes x JOIN ev_scopes p ON p.scope_key = x.parent_scope_key),
scope_binds AS (
  SELECT 2 AS kind_no, x.binding_key AS k1, CAST(0 AS BIGINT) AS k2, x.binding_id AS own_id, CAST(NULL AS VARCHAR) AS other_id,
         s.scope_id AS src, 2 AS src_kind, s.scope_key AS src_key, x.binding_id AS dst, 3 AS dst_kind, x.binding_key AS dst_key, x.file_no, x.bstart AS bstart, x.bend AS bend
  FROM ev_bindings x JOIN ev_scopes s ON s.scope_key = x.scope_key
  WHERE x.flags & 64 <> 0),
type_param_of AS (
  SELECT 3 AS kind_no, x.binding_key AS k1, CAST(0 AS BIGINT) AS k2, x.binding_id AS own_id, CAST(NULL AS VARCHAR) AS other_id,
         x.binding_id AS src, 3 AS src_kind, x.binding_key AS src_key, d.def_id AS dst, 5 AS dst_kind, d.def_key AS dst_key, x.file_no, x.bstart AS bstart, x.bend AS bend
  FROM ev_bindings x
  JOIN ev_scopes s ON s.scope_key = x.scope_key
  JOIN ev_defs d ON d.def_key = s.owner_def_key
  WHERE x.flags & 8 <> 0),
def_site_of AS (
  SELECT 4 AS kind_no, x.def_site_key AS k1, CAST(0 AS BIGINT) AS k2, x.def_site_id AS own_id, CAST(NULL AS VARCHAR) AS other_id,
         coalesce(d.def_id, i.import_id, x.def_site_id) AS src, CASE WHEN d.def_key IS NOT NULL THEN 5 WHEN i.import_key IS NOT NULL THEN 6 ELSE 4 END AS src_kind, coalesce(d.def_key, i.import_key, x.def_site_key) AS src_key, b.binding_id AS dst, 3 AS dst_kind, b.binding_key AS dst_key, x.file_no, x.bstart AS bstart, x.bend AS bend
  FROM ev_def_sites x
  JOIN ev_bindings b ON b.binding_key = x.binding_key
  LEFT JOIN ev_defs d ON d.def_key = x.def_key
  LEFT JOIN ev_imports i ON i.import_key = x.import_key),
use_site_of AS (
  SELECT 5 AS kind_no, x.ref_key AS k1, CAST(0 AS BIGINT) AS k2, x.ref_id AS own_id, CAST(NULL AS VARCHAR) AS other_id,
         x.ref_id AS src, 7 AS src_kind, x.ref_key AS src_key, b.binding_id AS dst, 3 AS dst_kind, b.binding_key AS dst_key, x.file_no, x.bstart AS bstart, x.bend AS bend
  FROM ev_refs x JOIN ev_bindings b ON b.binding_key = x.binding_key
  WHERE x.kind = 'name' AND x.context <> 'STORE'),
contains_def AS (
  SELECT 6 AS kind_no, x.def_key AS k1, CAST(0 AS BIGINT) AS k2, x.def_id AS own_id, CAST(NULL AS VARCHAR) AS other_id,
         coalesce(d.def_id, m.file_id) AS src, CASE WHEN d.def_key IS NULL THEN 1 ELSE 5 END AS src_kind, coalesce(d.def_key, CAST(x.file_no AS BIGINT)) AS src_key, x.def_id AS dst, 5 AS dst_kind, x.def_key AS dst_key, x.file_no, x.bstart AS bstart, x.bend AS bend
  FROM ev_defs x
  JOIN rel_modules m ON m.file_no = x.file_no
  LEFT JOIN ev_defs d ON d.def_key = x.container_def_key),
contains_method AS (
  SELECT 6 AS kind_no, x.def_key AS k1, 1 + t.def_key AS k2, x.def_id AS own_id, t.def_id AS other_id,
         t.def_id AS src, 5 AS src_kind, t.def_key AS src_key, x.def_id AS dst, 5 AS dst_kind, x.def_key AS dst_key, x.file_no, x.bstart AS bstart, x.bend AS bend
  FROM rel_members r
  JOIN ev_defs x ON x.def_key = r.def_key AND x.kind = 'method' AND x.container_def_key IS NULL
  JOIN ev_defs t ON t.def_key = r.class_key),
contains_file AS (
  SELECT 6 AS kind_no, CAST(x.file_no AS BIGINT) AS k1, CAST(-1 AS BIGINT) AS k2, x.file_id AS own_id, CAST(NULL AS VARCHAR) AS other_id,
         x.module_id AS src, 13 AS src_kind, CAST(x.module_no AS BIGINT) AS src_key, x.file_id AS dst, 1 AS dst_kind, CAST(x.file_no AS BIGINT) AS dst_key, x.file_no, CAST(NULL AS INT) AS bstart, CAST(NULL AS INT) AS bend
  FROM rel_modules x WHERE x.language = 'go'),
callsite_of AS (
  SELECT 7 AS kind_no, x.call_key AS k1, CAST(0 AS BIGINT) AS k2, x.call_id AS own_id, CAST(NULL AS VARCHAR) AS other_id,
         x.call_id AS src, 8 AS src_kind, x.call_key AS src_key, coalesce(d.def_id, m.file_id) AS dst, CASE WHEN d.def_key IS NULL THEN 1 ELSE 5 END AS dst_kind, coalesce(d.def_key, CAST(x.file_no AS BIGINT)) AS dst_key, x.file_no, x.bstart AS bstart, x.bend AS bend
  FROM ev_calls x
  JOIN rel_modules m ON m.file_no = x.file_no
  LEFT JOIN ev_defs d ON d.def_key = x.def_key),
has_decorator AS (
  SELECT 8 AS kind_no, x.decorator_key AS k1, CAST(0 AS BIGINT) AS k2, x.decorator_id AS own_id, CAST(NULL AS VARCHAR) AS other_id,
         d.def_id AS src, 5 AS src_kind, d.def_key AS src_key, x.decorator_id AS dst, 9 AS dst_kind, x.decorator_key AS dst_key, x.file_no, x.bstart AS bstart, x.bend AS bend
  FROM ev_decorators x JOIN ev_defs d ON d.def_key = x.def_key),
has_docstring AS (
  SELECT 9 AS kind_no, x.docstring_key AS k1, CAST(0 AS BIGINT) AS k2, x.docstring_id AS own_id, CAST(NULL AS VARCHAR) AS other_id,
         coalesce(d.def_id, m.file_id) AS src, CASE WHEN d.def_key IS NULL THEN 1 ELSE 5 END AS src_kind, coalesce(d.def_key, CAST(x.file_no AS BIGINT)) AS src_key, x.docstring_id AS dst, 10 AS dst_kind, x.docstring_key AS dst_key, x.file_no, x.bstart AS bstart, x.bend AS bend
  FROM ev_docstrings x
  JOIN rel_modules m ON m.file_no = x.file_no
  LEFT JOIN ev_defs d ON d.def_key = x.def_key),
has_annotation AS (
  SELECT 10 AS kind_no, x.type_expr_key AS k1, CAST(0 AS BIGINT) AS k2, x.type_expr_id AS own_id, CAST(NULL AS VARCHAR) AS other_id,
         coalesce(d.def_id, m.file_id) AS src, CASE WHEN d.def_key IS NULL THEN 1 ELSE 5 END AS src_kind, coalesce(d.def_key, CAST(x.file_no AS BIGINT)) AS src_key, x.type_expr_id AS dst, 11 AS dst_kind, x.type_expr_key AS dst_key, x.file_no, x.bstart AS bstart, x.bend AS bend
  FROM ev_type_exprs x
  JOIN rel_modules m ON m.file_no = x.file_no
  LEFT JOIN ev_defs d ON d.def_key = x.def_key),
inferred_type AS (
  SELECT 11 AS kind_no, x.type_expr_key AS k1, CAST(0 AS BIGINT) AS k2, x.type_expr_id AS own_id, CAST(NULL AS VARCHAR) AS other_id,
         coalesce(d.def_id, m.file_id) AS src, CASE WHEN d.def_key IS NULL THEN 1 ELSE 5 END AS src_kind, coalesce(d.def_key, CAST(x.file_no AS BIGINT)) AS src_key, t.type_id AS dst, 15 AS dst_kind, t.type_no AS dst_key, x.file_no, x.bstart AS bstart, x.bend AS bend
  FROM ev_type_exprs x
  JOIN rel_types t ON t.type_expr_key = x.type_expr_key
  JOIN rel_modules m ON m.file_no = x.file_no
  LEFT JOIN ev_defs d ON d.def_key = x.def_key),
has_diagnostic AS (
  SELECT 12 AS kind_no, x.error_key AS k1, CAST(0 AS BIGINT) AS k2, x.error_id AS own_id, CAST(NULL AS VARCHAR) AS other_id,
         m.file_id AS src, 1 AS src_kind, CAST(x.file_no AS BIGINT) AS src_key, x.error_id AS dst, 12 AS dst_kind, x.error_key AS dst_key, x.file_no, x.bstart AS bstart, x.bend AS bend
  FROM ev_errors x
  JOIN rel_modules m ON m.file_no = x.file_no),
binding_resolves_to AS (
  SELECT 13 AS kind_no, x.binding_key AS k1, t.binding_key AS k2, x.binding_id AS own_id, CASE WHEN l.n_candidates > 1 THEN t.binding_id END AS other_id,
         x.binding_id AS src, 3 AS src_kind, x.binding_key AS src_key,
         t.binding_id AS dst, 3 AS dst_kind, t.binding_key AS dst_key,
         x.file_no, x.bstart, x.bend, l.kind AS method, 0.99 AS score, l.n_candidates AS n_candidates, x.binding_id AS group_id
  FROM rel_lexical l
  JOIN ev_bindings x ON x.binding_key = l.binding_key
  JOIN ev_bindings t ON t.binding_key = l.target_binding_key),
resolves_to AS (
  SELECT 14 AS kind_no, x.ref_key AS k1, r.value_key AS k2, x.ref_id AS own_id, CASE WHEN r.n_candidates > 1 THEN coalesce(d.def_id, b.binding_id, m.module_id) END AS other_id,
         x.ref_id AS src, 7 AS src_kind, x.ref_key AS src_key,
         coalesce(d.def_id, b.binding_id, m.module_id) AS dst, CASE r.value_kind WHEN 'def' THEN 5 WHEN 'binding' THEN 3 ELSE CASE WHEN m.language = 'go' THEN 13 ELSE 1 END END AS dst_kind, r.value_key AS dst_key,
         x.file_no, x.bstart, x.bend, r.method AS method, r.confidence AS score, r.n_candidates AS n_candidates, x.ref_id AS group_id
  FROM (SELECT ref_key, value_kind, value_key, method, confidence, n_candidates,
               CASE WHEN value_kind = 'def' THEN value_key END AS def_key,
               CASE WHEN value_kind = 'binding' THEN value_key END AS binding_key,
               CASE WHEN value_kind = 'module' THEN value_key END AS module_no
        FROM rel_refs WHERE value_kind <> 'external'
        UNION ALL
        SELECT ref_key, 'def', value_key, method, confidence, n_candidates, value_key, NULL, NULL FROM rel_member_refs) r
  JOIN ev_refs x ON x.ref_key = r.ref_key
  LEFT JOIN ev_defs d ON d.def_key = r.def_key
  LEFT JOIN ev_bindings b ON b.binding_key = r.binding_key
  LEFT JOIN rel_modules m ON m.file_no = r.module_no),
calls AS (
  SELECT 15 AS kind_no, x.call_key AS k1, k.value_key AS k2, x.call_id AS own_id, CASE WHEN k.n_candidates > 1 THEN t.def_id END AS other_id,
         coalesce(d.def_id, m.file_id) AS src, CASE WHEN d.def_key IS NULL THEN 1 ELSE 5 END AS src_kind, coalesce(d.def_key, CAST(x.file_no AS BIGINT)) AS src_key,
         t.def_id AS dst, 5 AS dst_kind, t.def_key AS dst_key,
         x.file_no, x.bstart, x.bend, k.method AS method, k.score AS score, k.n_candidates AS n_candidates, x.call_id AS group_id
  FROM rel_callees k
  JOIN ev_calls x ON x.call_key = k.call_key
  JOIN ev_defs t ON t.def_key = k.value_key
  JOIN rel_modules m ON m.file_no = x.file_no
  LEFT JOIN ev_defs d ON d.def_key = x.def_key),
calls_qname AS (
  SELECT 16 AS kind_no, x.call_key AS k1, q.qname_no AS k2, x.call_id AS own_id, CASE WHEN k.n_candidates > 1 THEN q.qname_id END AS other_id,
         x.call_id AS src, 8 AS src_kind, x.call_key AS src_key,
         q.qname_id AS dst, 14 AS dst_kind, q.qname_no AS dst_key,
         x.file_no, x.bstart, x.bend, k.method AS method, k.score AS score, k.n_candidates AS n_candidates, x.call_id AS group_id
  FROM rel_callees k
  JOIN ev_calls x ON x.call_key = k.call_key
  JOIN rel_modules m ON m.file_no = x.file_no
  LEFT JOIN rel_qualified_names q ON q.language = m.language AND q.qname = k.value_name
  WHERE k.value_name IS NOT NULL),
imports_module AS (
  SELECT 17 AS kind_no, x.import_key AS k1, coalesce(CAST(t.module_no AS BIGINT), -q.qname_no) AS k2, x.import_id AS own_id, coalesce(t.module_id, q.qname_id) AS other_id,
         m.file_id AS src, 1 AS src_kind, CAST(x.file_no AS BIGINT) AS src_key,
         coalesce(t.module_id, q.qname_id) AS dst, CASE WHEN t.module_no IS NULL THEN 14 WHEN t.language = 'go' THEN 13 ELSE 1 END AS dst_kind, coalesce(CAST(t.module_no AS BIGINT), q.qname_no) AS dst_key,
         x.file_no, x.bstart, x.bend, CASE WHEN t.module_no IS NULL THEN 'EXTERNAL' ELSE 'IMPORT' END AS method, CASE WHEN t.module_no IS NULL THEN 0.7 ELSE 0.97 END AS score, 1 AS n_candidates, x.import_id AS group_id
  FROM (SELECT import_key, target_no AS module_no, CASE WHEN target_no IS NULL THEN target END AS qname
        FROM rel_imports WHERE target <> '' OR target_no IS NOT NULL
        UNION
        SELECT i.import_key, CAST(n.value_key AS INT), NULL
        FROM rel_imports i JOIN rel_names n ON n.binding_key = i.binding_key AND n.value_kind = 'module'
        WHERE i.kind = 'importfrom') i
  JOIN ev_imports x ON x.import_key = i.import_key
  JOIN rel_modules m ON m.file_no = x.file_no
  LEFT JOIN rel_modules t ON t.file_no = i.module_no
  LEFT JOIN rel_qualified_names q ON q.language = m.language AND q.qname = i.qname),
inherits AS (
  SELECT 18 AS kind_no, x.base_key AS k1, CAST(0 AS BIGINT) AS k2, c.def_id AS own_id, CAST(x.ordinal AS VARCHAR) AS other_id,
         c.def_id AS src, 5 AS src_kind, c.def_key AS src_key,
         coalesce(d.def_id, q.qname_id) AS dst, CASE WHEN d.def_key IS NULL THEN 14 ELSE 5 END AS dst_kind, coalesce(d.def_key, q.qname_no) AS dst_key,
         x.file_no, x.bstart, x.bend, r.method AS method, r.confidence AS score, 1 AS n_candidates, c.def_id AS group_id
  FROM rel_bases r
  JOIN ev_bases x ON x.base_key = r.base_key
  JOIN ev_defs c ON c.def_key = r.def_key
  JOIN rel_modules m ON m.file_no = x.file_no
  LEFT JOIN ev_defs d ON d.def_key = r.base_def_key
  LEFT JOIN rel_qualified_names q ON q.language = m.language AND q.qname = r.base_name
  WHERE coalesce(d.def_id, q.qname_id) IS NOT NULL),
overrides AS (
  SELECT 19 AS kind_no, x.def_key AS k1, t.def_key AS k2, x.def_id AS own_id, t.def_id AS other_id,
         x.def_id AS src, 5 AS src_kind, x.def_key AS src_key,
         t.def_id AS dst, 5 AS dst_kind, t.def_key AS dst_key,
         x.file_no, x.bstart, x.bend, 'SELF_MRO' AS method, CASE WHEN o.opaque_before THEN 0.8 ELSE 0.95 END AS score, o.n_candidates AS n_candidates, x.def_id AS group_id
  FROM rel_overrides o
  JOIN ev_defs x ON x.def_key = o.def_key
  JOIN ev_defs t ON t.def_key = o.target_key),
certain AS (
  SELECT kind_no, k1, k2, own_id, other_id, src, src_kind, src_key, dst, dst_kind, dst_key, file_no, bstart, bend FROM scope_parent
  UNION ALL SELECT kind_no, k1, k2, own_id, other_id, src, src_kind, src_key, dst, dst_kind, dst_key, file_no, bstart, bend FROM scope_binds
  UNION ALL SELECT kind_no, k1, k2, own_id, other_id, src, src_kind, src_key, dst, dst_kind, dst_key, file_no, bstart, bend FROM type_param_of
  UNION ALL SELECT kind_no, k1, k2, own_id, other_id, src, src_kind, src_key, dst, dst_kind, dst_key, file_no, bstart, bend FROM def_site_of
  UNION ALL SELECT kind_no, k1, k2, own_id, other_id, src, src_kind, src_key, dst, dst_kind, dst_key, file_no, bstart, bend FROM use_site_of
  UNION ALL SELECT kind_no, k1, k2, own_id, other_id, src, src_kind, src_key, dst, dst_kind, dst_key, file_no, bstart, bend FROM contains_def
  UNION ALL SELECT kind_no, k1, k2, own_id, other_id, src, src_kind, src_key, dst, dst_kind, dst_key, file_no, bstart, bend FROM contains_method
  UNION ALL SELECT kind_no, k1, k2, own_id, other_id, src, src_kind, src_key, dst, dst_kind, dst_key, file_no, bstart, bend FROM contains_file
  UNION ALL SELECT kind_no, k1, k2, own_id, other_id, src, src_kind, src_key, dst, dst_kind, dst_key, file_no, bstart, bend FROM callsite_of
  UNION ALL SELECT kind_no, k1, k2, own_id, other_id, src, src_kind, src_key, dst, dst_kind, dst_key, file_no, bstart, bend FROM has_decorator
  UNION ALL SELECT kind_no, k1, k2, own_id, other_id, src, src_kind, src_key, dst, dst_kind, dst_key, file_no, bstart, bend FROM has_docstring
  UNION ALL SELECT kind_no, k1, k2, own_id, other_id, src, src_kind, src_key, dst, dst_kind, dst_key, file_no, bstart, bend FROM has_annotation
  UNION ALL SELECT kind_no, k1, k2, own_id, other_id, src, src_kind, src_key, dst, dst_kind, dst_key, file_no, bstart, bend FROM inferred_type
  UNION ALL SELECT kind_no, k1, k2, own_id, other_id, src, src_kind, src_key, dst, dst_kind, dst_key, file_no, bstart, bend FROM has_diagnostic),
uncertain AS (
  SELECT kind_no, k1, k2, own_id, other_id, src, src_kind, src_key, dst, dst_kind, dst_key, file_no, bstart, bend, method, score, n_candidates, group_id FROM binding_resolves_to
  UNION ALL SELECT kind_no, k1, k2, own_id, other_id, src, src_kind, src_key, dst, dst_kind, dst_key, file_no, bstart, bend, method, score, n_candidates, group_id FROM resolves_to
  UNION ALL SELECT kind_no, k1, k2, own_id, other_id, src, src_kind, src_key, dst, dst_kind, dst_key, file_no, bstart, bend, method, score, n_candidates, group_id FROM calls
  UNION ALL SELECT kind_no, k1, k2, own_id, other_id, src, src_kind, src_key, dst, dst_kind, dst_key, file_no, bstart, bend, method, score, n_candidates, group_id FROM calls_qname
  UNION ALL SELECT kind_no, k1, k2, own_id, other_id, src, src_kind, src_key, dst, dst_kind, dst_key, file_no, bstart, bend, method, score, n_candidates, group_id FROM imports_module
  UNION ALL SELECT kind_no, k1, k2, own_id, other_id, src, src_kind, src_key, dst, dst_kind, dst_key, file_no, bstart, bend, method, score, n_candidates, group_id FROM inherits
  UNION ALL SELECT kind_no, k1, k2, own_id, other_id, src, src_kind, src_key, dst, dst_kind, dst_key, file_no, bstart, bend, method, score, n_candidates, group_id FROM overrides),
every AS (
  SELECT kind_no, k1, k2, own_id, other_id, src, src_kind, src_key, dst, dst_kind, dst_key, file_no, bstart, bend,
         CAST(NULL AS VARCHAR) AS method, CAST(1 AS DOUBLE) AS score, 1 AS n_candidates, CAST(NULL AS VARCHAR) AS group_id
  FROM certain
  UNION ALL
  SELECT kind_no, k1, k2, own_id, other_id, src, src_kind, src_key, dst, dst_kind, dst_key, file_no, bstart, bend,
         method, CAST(score AS DOUBLE), n_candidates, CASE WHEN n_candidates > 1 THEN group_id END
  FROM uncertain),
sorted AS (
  SELECT concat(CASE e.kind_no WHEN 1 THEN 'sp:' WHEN 2 THEN 'sb:' WHEN 3 THEN 'tp:' WHEN 4 THEN 'ds:' WHEN 5 THEN 'us:' WHEN 6 THEN 'co:' WHEN 7 THEN 'cs:'
          WHEN 8 THEN 'hd:' WHEN 9 THEN 'ho:' WHEN 10 THEN 'ha:' WHEN 11 THEN 'it:' WHEN 12 THEN 'hg:' WHEN 13 THEN 'br:' WHEN 14 THEN 'rt:'
          WHEN 15 THEN 'ca:' WHEN 16 THEN 'cq:' WHEN 17 THEN 'im:' WHEN 18 THEN 'in:' WHEN 19 THEN 'ov:' END,
                right(e.own_id, 20), CASE WHEN e.other_id IS NOT NULL THEN concat(':', right(e.other_id, 20)) ELSE '' END) AS edge_id,
         e.kind_no, e.src, e.dst, m.path, m.language = 'go' AS is_go, e.bstart, e.bend, e.method, e.score, e.n_candidates, e.group_id,
         e.src_kind * 144115188075855872 + e.src_key AS src_no, e.dst_kind * 144115188075855872 + e.dst_key AS dst_no
  FROM every e JOIN rel_modules m ON m.file_no = e.file_no
  ORDER BY e.kind_no, e.k1, e.k2)
-- Kinds, origins and methods are spelled out after the sort, which is cheaper
-- without the words. Nothing but a projection may follow it, or the order is lost.
SELECT edge_id,
       CASE kind_no WHEN 1 THEN 'SCOPE_PARENT' WHEN 2 THEN 'SCOPE_BINDS' WHEN 3 THEN 'TYPE_PARAM_OF' WHEN 4 THEN 'DEF_SITE_OF'
         WHEN 5 THEN 'USE_SITE_OF' WHEN 6 THEN 'CONTAINS' WHEN 7 THEN 'CALLSITE_OF' WHEN 8 THEN 'HAS_DECORATOR'
         WHEN 9 THEN 'HAS_DOCSTRING' WHEN 10 THEN 'HAS_ANNOTATION' WHEN 11 THEN 'INFERRED_TYPE' WHEN 12 THEN 'HAS_DIAGNOSTIC'
         WHEN 13 THEN 'BINDING_RESOLVES_TO' WHEN 14 THEN 'RESOLVES_TO' WHEN 15 THEN 'CALLS' WHEN 16 THEN CASE WHEN is_go THEN 'GO_CALLS_QNAME' ELSE 'PY_CALLS_QNAME' END
         WHEN 17 THEN 'IMPORTS_MODULE' WHEN 18 THEN 'INHERITS' WHEN 19 THEN 'OVERRIDES' END AS edge_kind,
       src AS src_node_id, dst AS dst_node_id, path, bstart, bend,
       CASE WHEN kind_no <= 5 OR kind_no = 13 THEN 'symtable' WHEN kind_no <= 9 THEN 'syntax' WHEN kind_no = 10 THEN 'annotation'
         WHEN kind_no = 11 THEN 'inferred' WHEN kind_no = 12 THEN 'diagnostic' ELSE 'resolution' END AS origin,
       CASE kind_no WHEN 1 THEN 'SCOPE_PARENT' WHEN 2 THEN 'SCOPE_BINDS' WHEN 3 THEN 'TYPE_PARAM_OF' WHEN 4 THEN 'DEF_SITE'
         WHEN 5 THEN 'USE_SITE' WHEN 10 THEN 'TYPE_ANNOTATION' WHEN 11 THEN 'ANNOTATION_INFER' WHEN 12 THEN 'DIAGNOSTIC'
         ELSE CASE WHEN kind_no <= 9 THEN 'SPAN' ELSE method END END AS resolution_method,
       score / n_candidates AS confidence, score,
       group_id AS ambiguity_group_id, CAST(n_candidates AS INT) AS n_candidates, src_no, dst_no
FROM sorted
