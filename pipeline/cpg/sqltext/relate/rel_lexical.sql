-- Which binding a name means that its own scope does not bind.
--
-- A free or nonlocal name means the nearest enclosing function's; a global one the
-- module's. Names of Go are resolved within their file already; a global one there
-- means another file of the package, and may have a row per build variant.
-- Names without a row are builtins, come from a star import, or are unbound.
--
-- Result: binding_key, target_binding_key BIGINT, kind (FREE, NONLOCAL, GLOBAL),
-- hops INT (scopes between), n_candidates INT. Any order.
-- Cost: two hash joins of the bindings on (scope, name).
WITH near AS (
  SELECT b.binding_key, t.binding_key AS target_binding_key,
         CASE WHEN b.flags & 32 <> 0 THEN 'NONLOCAL' ELSE 'FREE' END AS kind, v.hops,
         row_number() OVER (PARTITION BY b.binding_key ORDER BY v.hops) AS rn
  FROM ev_bindings b
  JOIN rel_visible_scopes v ON v.scope_key = b.scope_key
  JOIN ev_bindings t ON t.scope_key = v.ancestor_scope_key AND t.name = b.name
  WHERE b.flags & 288 <> 0 AND t.flags & 64 <> 0),
package_names AS (
  SELECT m.module_no, b.name, b.binding_key
  FROM ev_bindings b JOIN rel_modules m ON m.file_no = b.file_no
  WHERE m.language = 'go' AND b.scope_key = b.file_no * 4294967296 AND b.flags & 66 = 64)
SELECT binding_key, target_binding_key, kind, hops, 1 AS n_candidates FROM near WHERE rn = 1
UNION ALL
SELECT b.binding_key, t.binding_key, 'GLOBAL', 0, 1
FROM ev_bindings b
JOIN ev_bindings t ON t.scope_key = b.file_no * 4294967296 AND t.name = b.name
WHERE b.flags & 2048 <> 0 AND t.flags & 64 <> 0 AND b.binding_key <> t.binding_key
UNION ALL
SELECT b.binding_key, p.binding_key, 'GLOBAL', 0, CAST(count(*) OVER (PARTITION BY b.binding_key) AS INT)
FROM ev_bindings b
JOIN rel_modules m ON m.file_no = b.file_no AND m.language = 'go'
JOIN package_names p ON p.module_no = m.module_no AND p.name = b.name
WHERE b.flags & 2048 <> 0
