-- What attributes of modules mean, two dots after a bare name.
--
-- The attribute of a module is what the module exports under that name, or its
-- submodule; the attribute of something outside the tree is outside as well.
--
-- Result: as rel_refs_1, for the attribute references of this round. Any order.
-- Cost: one hash join of the attributes with round 2, one with the exports.
WITH attributes AS (
  SELECT r.ref_key, r.name, b.value_name, b.method, b.confidence, b.n_candidates,
         CASE WHEN b.value_kind = 'module' THEN CAST(b.value_key AS INT) END AS module_no
  FROM ev_refs r JOIN rel_refs_2 b ON b.ref_key = r.base_ref_key
  WHERE r.kind = 'attribute' AND r.context = 'LOAD' AND b.value_kind IN ('module', 'external')
    AND b.method <> 'BUILTIN'),
found AS (
  SELECT a.ref_key,
         CASE WHEN a.module_no IS NULL THEN 'external' WHEN e.name IS NOT NULL THEN e.value_kind
              WHEN s.submodule_no IS NOT NULL THEN 'module' ELSE 'external' END AS value_kind,
         CASE WHEN e.name IS NOT NULL THEN e.value_key ELSE CAST(s.submodule_no AS BIGINT) END AS value_key,
         CASE WHEN a.module_no IS NULL THEN concat(a.value_name, '.', a.name)
              WHEN e.name IS NOT NULL THEN e.value_name
              WHEN s.submodule_no IS NULL THEN concat(m.name, '.', a.name) END AS value_name,
         a.confidence, a.n_candidates
  FROM attributes a
  LEFT JOIN rel_exports_4 e ON e.module_no = a.module_no AND e.name = a.name
  LEFT JOIN rel_submodules s ON s.module_no = a.module_no AND s.name = a.name
  LEFT JOIN rel_modules m ON m.file_no = a.module_no)
SELECT ref_key, value_kind, value_key, value_name, 'IMPORT' AS method,
       CASE WHEN confidence > 0.97 THEN 0.97 ELSE confidence END AS confidence,
       CAST(count(*) OVER (PARTITION BY ref_key) AS INT) AS n_candidates
FROM (SELECT DISTINCT ref_key, value_kind, value_key, value_name, confidence FROM found WHERE value_kind <> 'pending') f
