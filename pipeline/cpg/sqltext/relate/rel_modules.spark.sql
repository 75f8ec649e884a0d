-- As rel_modules.sql; lists have other functions here.
WITH files AS (
  SELECT file_no, file_id, language, path, fqn, package, is_package, is_stub,
         regexp_replace(path, '/?[^/]*$', '') AS dir,
         regexp_replace(path, '(/?__init__)?\\.[^./]*$', '') AS module_path
  FROM ev_modules),
package_dirs AS (
  SELECT DISTINCT dir FROM files WHERE is_package AND dir <> ''),
dirs AS (
  SELECT dir, split(dir, '/') AS parts
  FROM (SELECT DISTINCT dir FROM files WHERE language = 'python') d),
ancestors AS (
  SELECT dir, array_join(slice(parts, 1, k), '/') AS ancestor
  FROM (SELECT dir, parts, explode(sequence(0, size(parts))) AS k FROM dirs) d),
roots AS (
  SELECT a.dir, max(a.ancestor) AS root -- ancestors of one folder sort by length
  FROM ancestors a LEFT JOIN package_dirs p ON p.dir = a.ancestor
  WHERE p.dir IS NULL
  GROUP BY a.dir),
go_modules AS (
  SELECT fqn, package, min(file_no) AS module_no
  FROM files WHERE language = 'go' GROUP BY fqn, package)
SELECT f.file_no, coalesce(g.module_no, f.file_no) AS module_no, f.language, f.file_id,
       CASE WHEN f.language = 'go' THEN concat('go_package:', left(md5(concat(f.fqn, chr(31), f.package)), 20)) ELSE f.file_id END AS module_id,
       f.path, f.dir,
       coalesce(r.root, '') AS root, f.module_path,
       CASE WHEN f.language = 'go' THEN f.fqn
            WHEN coalesce(r.root, '') = '' THEN replace(f.module_path, '/', '.')
            ELSE replace(substr(f.module_path, length(r.root) + 2), '/', '.') END AS name,
       f.package, f.is_package, f.is_stub
FROM files f
LEFT JOIN roots r ON f.language = 'python' AND r.dir = f.dir
LEFT JOIN go_modules g ON f.language = 'go' AND g.fqn = f.fqn AND g.package = f.package
