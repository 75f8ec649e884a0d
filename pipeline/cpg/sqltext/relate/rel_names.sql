-- What each binding means in the end: own definitions and imports, names from
-- enclosing scopes, other files of a Go package, star imports and builtins.
--
-- Bindings of variables and parameters have no row, nor have unbound names, nor
-- names with more than five meanings.
--
-- Result: binding_key BIGINT, value_kind (def, module, external, binding), value_key
-- BIGINT, value_name VARCHAR (external: the qualified name), method VARCHAR (LEXICAL,
-- IMPORT, IMPORT_STAR, BUILTIN), confidence DOUBLE, n_candidates INT. binding means a
-- variable of another module. Any order.
-- Cost: hash joins over bindings that are not variables.
WITH followed AS (
  SELECT module_no, name, value_kind, value_key, value_name, via_star, n_sites
  FROM rel_exports_4 WHERE value_kind <> 'pending'),
bound AS (
  SELECT binding_key, value_kind, value_key, value_name, n_sites,
         CASE WHEN value_kind = 'pending' THEN CAST(value_key AS INT) END AS target_no
  FROM rel_bound),
own AS (
  SELECT v.binding_key,
         CASE WHEN v.target_no IS NULL THEN v.value_kind WHEN e.name IS NOT NULL THEN e.value_kind
              WHEN s.submodule_no IS NOT NULL THEN 'module' ELSE 'external' END AS value_kind,
         CASE WHEN v.target_no IS NULL THEN v.value_key WHEN e.name IS NOT NULL THEN e.value_key
              ELSE CAST(s.submodule_no AS BIGINT) END AS value_key,
         CASE WHEN v.target_no IS NULL THEN v.value_name WHEN e.name IS NOT NULL THEN e.value_name
              WHEN s.submodule_no IS NULL THEN concat(m.name, '.', v.value_name) END AS value_name,
         CASE WHEN v.value_kind = 'def' THEN 'LEXICAL' WHEN e.via_star THEN 'IMPORT_STAR' ELSE 'IMPORT' END AS method,
         v.n_sites
  FROM bound v
  LEFT JOIN followed e ON e.module_no = v.target_no AND e.name = v.value_name
  LEFT JOIN rel_submodules s ON s.module_no = v.target_no AND s.name = v.value_name
  LEFT JOIN rel_modules m ON m.file_no = v.target_no),
inherited AS (
  SELECT l.binding_key, o.value_kind, o.value_key, o.value_name, o.method, o.n_sites * l.n_candidates AS n_sites
  FROM rel_lexical l JOIN own o ON o.binding_key = l.target_binding_key),
unbound AS (
  SELECT b.binding_key, b.file_no, b.name
  FROM ev_bindings b LEFT JOIN rel_lexical l ON l.binding_key = b.binding_key
  WHERE b.flags & 2048 <> 0 AND b.flags & 64 = 0 AND l.binding_key IS NULL),
starred AS (
  SELECT DISTINCT u.binding_key, e.value_kind, e.value_key, e.value_name, e.n_sites
  FROM unbound u
  JOIN rel_modules m ON m.file_no = u.file_no
  JOIN rel_star_imports s ON s.module_no = m.module_no AND (m.language = 'python' OR s.file_no = u.file_no)
  JOIN followed e ON e.module_no = s.source_no AND e.name = u.name
  WHERE m.language = 'python' AND left(u.name, 1) <> '_'
     OR m.language = 'go' AND regexp_replace(u.name, '^\p{Lu}', '') <> u.name),
builtin AS (
  SELECT u.binding_key, concat(CASE m.language WHEN 'python' THEN 'builtins.' ELSE 'builtin.' END, u.name) AS value_name
  FROM unbound u
  JOIN rel_modules m ON m.file_no = u.file_no
  JOIN rel_builtins p ON p.language = m.language AND p.name = u.name AND p.kind <> 'method'
  LEFT JOIN (SELECT DISTINCT binding_key FROM starred) s ON s.binding_key = u.binding_key
  WHERE s.binding_key IS NULL),
meanings AS (
  SELECT binding_key, value_kind, value_key, value_name, method, n_sites FROM own
  UNION ALL SELECT binding_key, value_kind, value_key, value_name, method, n_sites FROM inherited
  UNION ALL SELECT binding_key, value_kind, value_key, value_name, 'IMPORT_STAR', n_sites FROM starred
  UNION ALL SELECT binding_key, 'external', CAST(NULL AS BIGINT), value_name, 'BUILTIN', 1 FROM builtin)
SELECT binding_key, value_kind, value_key, value_name, method, confidence, n_candidates FROM (
  SELECT binding_key, value_kind, value_key, value_name, method,
         CASE WHEN n_sites > 1 OR method IN ('IMPORT_STAR', 'BUILTIN') THEN 0.9
              WHEN method = 'LEXICAL' THEN 0.99 ELSE 0.97 END AS confidence,
         CAST(count(*) OVER (PARTITION BY binding_key) AS INT) AS n_candidates
  FROM (SELECT DISTINCT binding_key, value_kind, value_key, value_name, method, n_sites FROM meanings) m) c
WHERE n_candidates <= 5
