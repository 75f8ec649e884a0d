-- Which definitions and outside names each call may mean, by its best tier only.
--
-- tier 0 lexical, 1 through imports, 2 by the method resolution order of self, cls,
-- super() or a receiver, 4 by the class of an instance, 9 the only definition of
-- that name in the tree, 10 one of up to five such definitions in modules the caller
-- imports, 11 a name outside the tree.
--
-- Result: call_key BIGINT, tier INT, value_key BIGINT (a definition; NULL in tier 11),
-- value_name VARCHAR (tier 11), method VARCHAR, score DOUBLE (confidence in the
-- method), confidence DOUBLE (score shared among the candidates), n_candidates INT.
-- Any order.
-- Cost: joins of calls with resolved references; a lookup by name for the rest.
WITH known AS (
  SELECT c.call_key, CASE r.method WHEN 'LEXICAL' THEN 0 ELSE 1 END AS tier, r.value_key, CAST(NULL AS VARCHAR) AS value_name,
         r.method, r.confidence AS score, r.n_candidates
  FROM ev_calls c JOIN rel_refs r ON r.ref_key = c.callee_ref_key
  WHERE r.value_kind = 'def'
  UNION ALL
  SELECT c.call_key, CASE WHEN r.method IN ('CTOR', 'TYPE_ANNOT') THEN 4 ELSE 2 END, r.value_key, NULL,
         r.method, r.confidence, r.n_candidates
  FROM ev_calls c JOIN rel_member_refs r ON r.ref_key = c.callee_ref_key),
outside AS (
  SELECT c.call_key, 11 AS tier, CAST(NULL AS BIGINT) AS value_key, r.value_name,
         CASE r.method WHEN 'BUILTIN' THEN 'BUILTIN' ELSE 'EXTERNAL' END AS method,
         CASE r.method WHEN 'BUILTIN' THEN 0.9 ELSE 0.7 END AS score, r.n_candidates
  FROM ev_calls c
  JOIN rel_refs r ON r.ref_key = c.callee_ref_key
  LEFT JOIN (SELECT DISTINCT call_key FROM known) k ON k.call_key = c.call_key
  WHERE r.value_kind = 'external' AND k.call_key IS NULL),
resolved AS (
  SELECT call_key FROM known UNION SELECT call_key FROM outside),
attribute_calls AS (
  SELECT c.call_key, r.name, m.language, m.module_no
  FROM ev_calls c
  JOIN ev_refs r ON r.ref_key = c.callee_ref_key AND r.kind = 'attribute'
  JOIN rel_modules m ON m.file_no = c.file_no
  LEFT JOIN resolved k ON k.call_key = c.call_key
  LEFT JOIN rel_builtins b ON b.language = m.language AND b.kind = 'method' AND b.name = r.name
  WHERE k.call_key IS NULL AND b.name IS NULL),
by_name AS (
  SELECT m.language, m.module_no, d.name, d.def_key,
         count(*) OVER (PARTITION BY m.language, d.name) AS n_defs
  FROM ev_defs d
  JOIN rel_modules m ON m.file_no = d.file_no
  JOIN ev_scopes s ON s.scope_key = d.scope_key AND s.kind IN ('module', 'class')
  WHERE d.kind IN ('function', 'async_function', 'method')),
guesses AS (
  SELECT a.call_key, n.def_key, n.n_defs,
         n.n_defs = 1 OR n.module_no = a.module_no OR e.target_no IS NOT NULL AS related
  FROM attribute_calls a
  JOIN by_name n ON n.language = a.language AND n.name = a.name AND n.n_defs <= 32
  LEFT JOIN rel_module_edges e ON e.module_no = a.module_no AND e.target_no = n.module_no),
counted AS (
  SELECT call_key, def_key, n_defs, CAST(count(*) OVER (PARTITION BY call_key) AS INT) AS n_candidates
  FROM guesses WHERE related)
SELECT call_key, tier, value_key, value_name, method, score, CAST(score AS DOUBLE) / n_candidates AS confidence, n_candidates FROM known
UNION ALL
SELECT call_key, tier, value_key, value_name, method, score, CAST(score AS DOUBLE) / n_candidates, n_candidates FROM outside
UNION ALL
SELECT call_key, CASE WHEN n_defs = 1 THEN 9 ELSE 10 END, def_key, CAST(NULL AS VARCHAR),
       CASE WHEN n_defs = 1 THEN 'UNIQUE_NAME' ELSE 'NAME_FANOUT' END,
       CASE WHEN n_defs = 1 THEN 0.5 ELSE 0.4 END,
       CASE WHEN n_defs = 1 THEN CAST(0.5 AS DOUBLE) ELSE CAST(0.4 AS DOUBLE) / n_candidates END, n_candidates
FROM counted WHERE n_candidates <= 5
