-- rel_names: what every name in the sources means.
-- Columns: ref_key BIGINT, binding_key BIGINT, method VARCHAR (LEXICAL within the file, PACKAGE across its files).
-- Cost: scans ev_refs once; the package join reads only names that their file does not declare.
WITH package_level AS (
  SELECT m.module_fqn, m.package, b.name, min(b.binding_key) AS binding_key
  FROM ev_bindings b
  JOIN ev_scopes s ON s.scope_key = b.scope_key AND s.kind = 'module'
  JOIN ev_modules m ON m.file_no = b.file_no
  WHERE (b.flags & 64) <> 0 AND (b.flags & 2) = 0
  GROUP BY m.module_fqn, m.package, b.name
), undeclared AS (
  SELECT b.binding_key, p.binding_key AS target_key
  FROM ev_bindings b
  JOIN ev_modules m ON m.file_no = b.file_no
  LEFT JOIN package_level p ON p.module_fqn = m.module_fqn AND p.package = m.package AND p.name = b.name
  WHERE (b.flags & 2048) <> 0
)
SELECT r.ref_key,
       CASE WHEN u.binding_key IS NULL THEN r.binding_key ELSE u.target_key END AS binding_key,
       CASE WHEN u.binding_key IS NULL THEN 'LEXICAL' ELSE 'PACKAGE' END AS method
FROM ev_refs r
LEFT JOIN undeclared u ON u.binding_key = r.binding_key
WHERE r.binding_key IS NOT NULL
  AND (u.binding_key IS NULL OR u.target_key IS NOT NULL)
