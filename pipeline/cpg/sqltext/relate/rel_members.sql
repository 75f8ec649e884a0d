-- Which functions, methods and classes a class or type defines itself.
--
-- For Go: methods by the receiver's type name within the package, and those listed
-- by an interface.
--
-- Result: class_key BIGINT, name VARCHAR, def_key BIGINT, n_candidates INT (several:
-- defined more than once). Any order.
-- Cost: one self-join of the definitions.
WITH members AS (
  SELECT c.def_key AS class_key, d.name, d.def_key
  FROM ev_defs d JOIN ev_defs c ON c.body_scope_key = d.scope_key
  WHERE c.kind = 'class' AND d.kind <> 'lambda'
  UNION ALL
  SELECT c.def_key, d.name, d.def_key
  FROM ev_defs d
  JOIN rel_modules dm ON dm.file_no = d.file_no
  JOIN rel_modules cm ON cm.module_no = dm.module_no
  JOIN ev_defs c ON c.file_no = cm.file_no AND c.name = d.receiver AND c.kind IN ('type', 'interface')
    AND c.scope_key = c.file_no * 4294967296
  WHERE d.kind = 'method')
SELECT class_key, name, def_key, CAST(count(*) OVER (PARTITION BY class_key, name) AS INT) AS n_candidates
FROM members
