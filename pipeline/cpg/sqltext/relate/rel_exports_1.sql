-- Which names each module offers to its importers, and what they are; round 1.
--
-- Names the module binds itself, then names it gets by star imports unless it
-- binds them too. A name that a later round has to look up elsewhere is pending;
-- a pending name that its module lacks is the submodule of that name, if any, else
-- it stays outside: it may be made at run time or in C.
--
-- Result: module_no INT, name VARCHAR, value_kind (def, binding, module, pending,
-- external), value_key BIGINT, value_name VARCHAR, via_star BOOLEAN, n_sites INT.
-- Any order.
-- Cost: one pass over module-level bindings, plus the names that stars bring.
WITH own AS (
  SELECT m.module_no, m.language, b.name, b.binding_key
  FROM ev_bindings b JOIN rel_modules m ON m.file_no = b.file_no
  WHERE b.scope_key = b.file_no * 4294967296 AND b.flags & 64 <> 0
    AND (m.language <> 'go' OR b.flags & 2 = 0)),
named AS (
  SELECT o.module_no, o.name, coalesce(v.value_kind, 'binding') AS value_kind,
         coalesce(v.value_key, CASE WHEN v.value_kind IS NULL THEN o.binding_key END) AS value_key,
         v.value_name, FALSE AS via_star, coalesce(v.n_sites, 1) AS n_sites
  FROM own o LEFT JOIN rel_bound v ON v.binding_key = o.binding_key),
starred AS (
  SELECT DISTINCT s.module_no, o.name, s.source_no
  FROM rel_star_imports s
  JOIN (SELECT DISTINCT module_no, name FROM own WHERE language = 'python') o ON o.module_no = s.source_no
  LEFT JOIN (SELECT DISTINCT module_no, name FROM own) mine ON mine.module_no = s.module_no AND mine.name = o.name
  WHERE mine.name IS NULL AND left(o.name, 1) <> '_'),
all_names AS (
  SELECT module_no, name, value_kind, value_key, value_name, via_star, n_sites,
         CASE WHEN value_kind = 'pending' THEN CAST(value_key AS INT) END AS target_no
  FROM named
  UNION ALL
  SELECT module_no, name, 'pending', CAST(source_no AS BIGINT), name, TRUE, 1, source_no FROM starred),
looked_up AS (
  SELECT a.module_no, a.name, a.value_kind, a.value_key, a.value_name, a.via_star, a.n_sites,
         a.target_no IS NULL OR k.name IS NOT NULL AS known, s.submodule_no, t.name AS target
  FROM all_names a
  LEFT JOIN (SELECT DISTINCT module_no, name FROM all_names) k ON k.module_no = a.target_no AND k.name = a.value_name
  LEFT JOIN rel_submodules s ON s.module_no = a.target_no AND s.name = a.value_name
  LEFT JOIN rel_modules t ON t.file_no = a.target_no)
SELECT module_no, name,
       CASE WHEN known THEN value_kind WHEN submodule_no IS NOT NULL THEN 'module' ELSE 'external' END AS value_kind,
       CASE WHEN known THEN value_key ELSE CAST(submodule_no AS BIGINT) END AS value_key,
       CASE WHEN known THEN value_name ELSE concat(target, '.', value_name) END AS value_name,
       via_star, n_sites
FROM looked_up
