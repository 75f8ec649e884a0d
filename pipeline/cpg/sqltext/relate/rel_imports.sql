-- What each import statement imports: modules of this tree, or names outside it.
--
-- A statement asks for up to three dotted names: the module it names, the module
-- that a plain "import a.b" binds (a), and the submodule that "from a import b"
-- may mean (a.b). Relative names are looked up as paths. An absolute name is looked
-- up below the importer's own root first, then in roots that share their names.
--
-- Result: import_key BIGINT, file_no, module_no INT (the importer), binding_key
-- BIGINT, kind, name VARCHAR, star BOOLEAN, target VARCHAR (absolute dotted name),
-- target_no INT, bound VARCHAR, bound_no INT (what the binding denotes when it is a
-- module), submodule_no INT, at_module_level BOOLEAN. *_no are NULL outside the
-- tree. Any order.
-- Cost: three lookups per import.
WITH imports AS (
  SELECT i.import_key, i.file_no, m.module_no, m.language, m.root, i.binding_key, i.kind, i.name, i.star, i.asname,
         i.scope_key = i.file_no * 4294967296 AS at_module_level,
         i.level > 0 AS is_relative, i.module,
         CASE i.level WHEN 0 THEN '' WHEN 1 THEN m.dir
           WHEN 2 THEN regexp_replace(m.dir, '/?[^/]*$', '')
           WHEN 3 THEN regexp_replace(m.dir, '/?[^/]*/?[^/]*$', '')
           ELSE regexp_replace(m.dir, '/?[^/]*/?[^/]*/?[^/]*$', '') END AS base
  FROM ev_imports i JOIN rel_modules m ON m.file_no = i.file_no),
asked AS (
  SELECT import_key, file_no, module_no, language, root, binding_key, kind, name, star, at_module_level, is_relative, base,
         module AS target,
         CASE WHEN kind = 'import' AND asname = '' AND language = 'python' THEN split_part(module, '.', 1) ELSE module END AS bound,
         CASE WHEN kind = 'importfrom' AND NOT star THEN CASE WHEN module = '' THEN name ELSE concat(module, '.', name) END END AS submodule
  FROM imports),
wanted AS (
  SELECT DISTINCT language, root, is_relative, base, dotted FROM (
    SELECT language, root, is_relative, base, target AS dotted FROM asked
    UNION ALL SELECT language, root, is_relative, base, bound FROM asked
    UNION ALL SELECT language, root, is_relative, base, submodule FROM asked WHERE submodule IS NOT NULL) w),
candidates AS (
  SELECT w.language, w.root, w.is_relative, w.base, w.dotted, n.module_no,
         CASE WHEN w.language = 'go' OR n.root = w.root AND n.rank = 0 THEN 0 WHEN n.rank = 0 THEN 1 ELSE 1 + n.rank END AS preference,
         n.is_stub
  FROM wanted w JOIN rel_module_names n ON n.language = w.language AND n.name = w.dotted
  WHERE NOT w.is_relative
    AND (n.shared OR n.root = w.root OR left(w.root, length(n.root) + 1) = concat(n.root, '/'))
  UNION ALL
  SELECT w.language, w.root, w.is_relative, w.base, w.dotted, m.module_no, CASE WHEN m.is_package THEN 0 ELSE 1 END, m.is_stub
  FROM wanted w JOIN rel_modules m ON m.language = 'python'
    AND m.module_path = CASE WHEN w.dotted = '' THEN w.base WHEN w.base = '' THEN replace(w.dotted, '.', '/')
                             ELSE concat(w.base, '/', replace(w.dotted, '.', '/')) END
  WHERE w.is_relative),
found AS (
  SELECT language, root, is_relative, base, dotted, module_no FROM (
    SELECT language, root, is_relative, base, dotted, module_no,
           row_number() OVER (PARTITION BY language, root, is_relative, base, dotted
                              ORDER BY is_stub, preference, module_no) AS rn
    FROM candidates) c
  WHERE rn = 1)
SELECT a.import_key, a.file_no, a.module_no, a.binding_key, a.kind, a.name, a.star,
       coalesce(t.name, CASE WHEN a.is_relative THEN concat(replace(a.base, '/', '.'), CASE WHEN a.target = '' THEN '' ELSE concat('.', a.target) END)
                             ELSE a.target END) AS target,
       ft.module_no AS target_no,
       a.bound, fb.module_no AS bound_no, fs.module_no AS submodule_no, a.at_module_level
FROM asked a
LEFT JOIN found ft ON ft.language = a.language AND ft.root = a.root AND ft.is_relative = a.is_relative AND ft.base = a.base AND ft.dotted = a.target
LEFT JOIN found fb ON fb.language = a.language AND fb.root = a.root AND fb.is_relative = a.is_relative AND fb.base = a.base AND fb.dotted = a.bound
LEFT JOIN found fs ON fs.language = a.language AND fs.root = a.root AND fs.is_relative = a.is_relative AND fs.base = a.base AND fs.dotted = a.submodule
LEFT JOIN rel_modules t ON t.file_no = ft.module_no
