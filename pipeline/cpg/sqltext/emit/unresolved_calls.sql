-- Which calls have no callee, and why.
--
-- reason: callee_expression (a subscript, call or lambda is called), local_value (a
-- variable or parameter is), unbound_name (no scope, star import or builtin has it),
-- ambiguous_name (more candidates than are kept), builtin_method_name (an attribute
-- that many builtin types have), unknown_attribute (no definition of that name in
-- the tree), unrelated_attribute (some, but none in a module the caller imports).
--
-- Result: call_id VARCHAR, reason VARCHAR, n_candidates INT (definitions of that name
-- that could be meant), callee_text VARCHAR, path VARCHAR, bstart INT, bend INT;
-- ordered by file and position.
-- Cost: an anti-join of the calls, a lookup by name for what is left.
WITH missing AS (
  SELECT c.file_no, c.call_key, c.call_id, c.callee_ref_key, c.text, c.bstart, c.bend
  FROM ev_calls c
  LEFT JOIN (SELECT DISTINCT call_key FROM rel_callees) k ON k.call_key = c.call_key
  WHERE k.call_key IS NULL),
by_name AS (
  SELECT m.language, d.name, CAST(count(*) AS INT) AS n_defs
  FROM ev_defs d
  JOIN rel_modules m ON m.file_no = d.file_no
  JOIN ev_scopes s ON s.scope_key = d.scope_key AND s.kind IN ('module', 'class')
  WHERE d.kind IN ('function', 'async_function', 'method')
  GROUP BY m.language, d.name),
related AS (
  SELECT c.call_id, c.text, c.bstart, c.bend, c.file_no, c.call_key, m.path, r.kind, b.flags, l.target_binding_key,
         p.name AS builtin, n.n_defs,
         row_number() OVER (PARTITION BY c.call_key ORDER BY l.target_binding_key) AS rn
  FROM missing c
  JOIN rel_modules m ON m.file_no = c.file_no
  LEFT JOIN ev_refs r ON r.ref_key = c.callee_ref_key
  LEFT JOIN ev_bindings b ON b.binding_key = r.binding_key
  LEFT JOIN rel_lexical l ON l.binding_key = r.binding_key
  LEFT JOIN rel_builtins p ON p.language = m.language AND p.kind = 'method' AND p.name = r.name
  LEFT JOIN by_name n ON n.language = m.language AND n.name = r.name)
SELECT call_id,
       CASE WHEN kind IS NULL THEN 'callee_expression'
            WHEN kind = 'name' AND (flags & 64 <> 0 OR target_binding_key IS NOT NULL) THEN 'local_value'
            WHEN kind = 'name' THEN 'unbound_name'
            WHEN builtin IS NOT NULL THEN 'builtin_method_name'
            WHEN n_defs IS NULL THEN 'unknown_attribute'
            WHEN n_defs > 32 THEN 'ambiguous_name'
            ELSE 'unrelated_attribute' END AS reason,
       CASE WHEN kind = 'attribute' AND builtin IS NULL THEN coalesce(n_defs, 0) ELSE 0 END AS n_candidates,
       text AS callee_text, path, bstart, bend
FROM related
WHERE rn = 1
ORDER BY file_no, call_key
