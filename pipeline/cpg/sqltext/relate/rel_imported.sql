-- rel_imported: attributes of an imported package, pkg.Name, with the package they are looked up in.
-- Columns: ref_key BIGINT, module_fqn VARCHAR, name VARCHAR, binding_key BIGINT (NULL when the package is outside the sources).
-- Cost: one pass over the attribute references whose base is an imported name.
WITH package_level AS (
  SELECT m.module_fqn, b.name, min(b.binding_key) AS binding_key
  FROM ev_bindings b
  JOIN ev_scopes s ON s.scope_key = b.scope_key AND s.kind = 'module'
  JOIN ev_modules m ON m.file_no = b.file_no
  WHERE (b.flags & 64) <> 0 AND (b.flags & 2) = 0 AND m.package NOT LIKE '%\_test' ESCAPE '\'
  GROUP BY m.module_fqn, b.name
)
SELECT r.ref_key, i.module AS module_fqn, r.name, p.binding_key
FROM ev_refs r
JOIN ev_refs base ON base.ref_key = r.base_ref_key AND base.kind = 'name'
JOIN ev_imports i ON i.binding_key = base.binding_key
LEFT JOIN package_level p ON p.module_fqn = i.module AND p.name = r.name
WHERE r.kind = 'attribute'
