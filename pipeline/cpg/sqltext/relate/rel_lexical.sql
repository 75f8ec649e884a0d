-- Which binding a name means that its own scope does not bind.
--
-- A free or nonlocal name means the nearest enclosing function's; a global one the
-- module's. Names of Go are resolved within their file already; a global one there
-- means another file of the package, and may have a row per build variant.
-- Names without a row are builtins, come from a star import, or are unbound.
--
-- Result: binding_key, target_binding_key BIGINT, kind (FREE, NONLOCAL, GLOBAL),
-- hops INT (scopes between), n_candidates INT. Any order.
-- Cost: two hash joins of the bindings on (scope, name). The names are narrowed first:
-- joined whole, DuckDB pairs every file with every use of a name, 50 times slower.
WITH used AS (
  SELECT file_no, binding_key, name FROM ev_bindings WHERE flags & 2048 <> 0),
module_names AS (
  SELECT file_no, binding_key, name, flags FROM ev_bindings WHERE scope_key = file_no * 4294967296 AND flags & 64 <> 0),
near AS (
  SELECT b.binding_key, t.binding_key AS target_binding_key,
         CASE WHEN b.flags & 32 <> 0 THEN 'NONLOCAL' ELSE 'FREE' END AS kind, v.hops,
         row_number() OVER (PARTITION BY b.binding_key ORDER BY v.hops) AS rn
  FROM ev_bindings b
  JOIN rel_visible_scopes v ON v.scope_key = b.scope_key
  JOIN ev_bindings t ON t.scope_key = v.ancestor_scope_key AND t.name = b.name
  WHERE b.flags & 288 <> 0 AND t.flags & 64 <> 0),
package_names AS (
  SELECT m.module_no, b.name, b.binding_key
  FROM module_names b JOIN rel_modules m ON m.file_no = b.file_no
  WHERE m.language = 'go' AND b.flags & 2 = 0)
SELECT binding_key, target_binding_key, kind, hops, 1 AS n_candidates FROM near WHERE rn = 1
UNION ALL
SELECT b.binding_key, t.binding_key, 'GLOBAL', 0, 1
FROM used b
JOIN module_names t ON t.file_no = b.file_no AND t.name = b.name
WHERE b.binding_key <> t.binding_key
UNION ALL
SELECT b.binding_key, p.binding_key, 'GLOBAL', 0, CAST(count(*) OVER (PARTITION BY b.binding_key) AS INT)
FROM (
  SELECT b.binding_key, b.name, m.module_no
  FROM used b JOIN rel_modules m ON m.file_no = b.file_no
  WHERE m.language = 'go') b
JOIN package_names p ON p.module_no = b.module_no AND p.name = b.name
