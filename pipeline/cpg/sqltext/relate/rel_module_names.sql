-- Under which names each module can be imported.
--
-- rank 0 is the name below the module's own root, rank 1 the name below a folder
-- that is a source root by custom, rank 2 the name below the top of the tree (for
-- packages without __init__ files). shared says that files below other roots may
-- import the name: the root is the top, a customary source root, or has packages.
--
-- Result: language, name, root VARCHAR, module_no INT, rank INT, is_stub, shared
-- BOOLEAN. Any order.
-- Cost: a few rows per module.
WITH modules AS (
  SELECT DISTINCT language, module_no, name, root, module_path, package, is_package, is_stub
  FROM rel_modules),
shared_roots AS (
  SELECT DISTINCT root FROM modules
  WHERE language = 'python'
    AND (root = '' OR is_package OR regexp_replace(root, '^.*/', '') IN ('src', 'lib', 'Lib', 'python')))
SELECT m.language, m.name, m.root, m.module_no, 0 AS rank, m.is_stub, s.root IS NOT NULL AS shared
FROM modules m LEFT JOIN shared_roots s ON s.root = m.root
WHERE m.language = 'python' AND m.name <> ''
UNION ALL
SELECT language, replace(regexp_replace(module_path, '^(.*/)?(src|lib|Lib|python)/', ''), '/', '.'), root, module_no, 1, is_stub, TRUE
FROM modules
WHERE language = 'python' AND regexp_replace(root, '^(.*/)?(src|lib|Lib|python)/', '') <> root
UNION ALL
SELECT language, replace(module_path, '/', '.'), root, module_no, 2, is_stub, TRUE
FROM modules
WHERE language = 'python' AND root <> '' AND module_path <> ''
UNION ALL
-- An import path names the package that is neither a command nor a test of it.
SELECT 'go', name, '', min(module_no), 0, FALSE, TRUE
FROM modules
WHERE language = 'go' AND package <> 'main'
GROUP BY name
