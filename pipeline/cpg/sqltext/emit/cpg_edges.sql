-- cpg_edges: every edge of the graph, in the order of kind and id.
-- Columns: edge_id VARCHAR, edge_kind VARCHAR, src_node_id VARCHAR, dst_node_id VARCHAR, path VARCHAR, bstart INTEGER, bend INTEGER,
-- origin VARCHAR, resolution_method VARCHAR, confidence DOUBLE, score DOUBLE (sites behind the edge), n_candidates INTEGER.
-- Cost: one equi-join on integer keys per end, then one sort.
WITH e AS (
  SELECT 'SCOPE_PARENT' AS edge_kind, s.scope_id AS src_node_id, p.scope_id AS dst_node_id, s.file_no, s.bstart, s.bend,
         'SCOPE_PARENT' AS resolution_method, CAST(1.0 AS DOUBLE) AS confidence, CAST(1.0 AS DOUBLE) AS score
  FROM ev_scopes s JOIN ev_scopes p ON p.scope_key = s.parent_scope_key
  UNION ALL
  SELECT 'SCOPE_BINDS', s.scope_id, b.binding_id, b.file_no, b.bstart, b.bend, 'SCOPE_BINDS', 1.0, 1.0
  FROM ev_bindings b JOIN ev_scopes s ON s.scope_key = b.scope_key
  UNION ALL
  SELECT 'CONTAINS', c.def_id, d.def_id, d.file_no, d.bstart, d.bend, 'SYNTAX', 1.0, 1.0
  FROM ev_defs d JOIN ev_defs c ON c.def_key = d.container_def_key
  UNION ALL
  SELECT 'DEF_SITE_OF', d.def_id, b.binding_id, d.file_no, d.bstart, d.bend, 'DEF_SITE', 1.0, 1.0
  FROM ev_defs d JOIN ev_bindings b ON b.binding_key = d.binding_key
  UNION ALL
  SELECT 'RESOLVES_TO', r.ref_id, b.binding_id, r.file_no, r.bstart, r.bend, n.method, 0.99, 1.0
  FROM rel_names n JOIN ev_refs r ON r.ref_key = n.ref_key JOIN ev_bindings b ON b.binding_key = n.binding_key
  UNION ALL
  SELECT 'RESOLVES_TO', r.ref_id, b.binding_id, r.file_no, r.bstart, r.bend, 'IMPORT', 0.97, 1.0
  FROM rel_imported i JOIN ev_refs r ON r.ref_key = i.ref_key JOIN ev_bindings b ON b.binding_key = i.binding_key
  UNION ALL
  SELECT 'CALLSITE_OF', c.call_id, d.def_id, c.file_no, c.bstart, c.bend, 'SYNTAX', 1.0, 1.0
  FROM ev_calls c JOIN ev_defs d ON d.def_key = c.def_key
  UNION ALL
  SELECT 'CALLS', s.def_id, t.def_id, min(s.file_no), min(s.bstart), min(s.bend), min(k.method), max(k.confidence), CAST(count(*) AS DOUBLE)
  FROM rel_calls k JOIN ev_defs s ON s.def_key = k.caller_def_key JOIN ev_defs t ON t.def_key = k.callee_def_key
  GROUP BY s.def_id, t.def_id
  UNION ALL
  SELECT 'CALLS_QNAME', c.call_id, 'qname:' || md5(k.qname), c.file_no, c.bstart, c.bend, k.method, k.confidence, 1.0
  FROM rel_calls k JOIN ev_calls c ON c.call_key = k.call_key WHERE k.qname IS NOT NULL
)
SELECT 'edge:' || md5(concat_ws(chr(31), e.edge_kind, e.src_node_id, e.dst_node_id)) AS edge_id,
       e.edge_kind, e.src_node_id, e.dst_node_id, f.path, e.bstart, e.bend, 'syntax' AS origin,
       e.resolution_method, e.confidence, e.score, CAST(1 AS INTEGER) AS n_candidates
FROM e JOIN repo_files f ON f.file_no = e.file_no
ORDER BY e.edge_kind, edge_id
