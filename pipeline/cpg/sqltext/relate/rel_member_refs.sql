-- What attributes of classes and of their instances mean: self.m, cls.m, super().m,
-- C.m, x.m where x is known to be an instance of C, and receivers of Go.
--
-- The class and its ancestors are asked in the order of rel_mro; super() starts
-- after the class. Reads of data attributes have no row. A variable may hold instances
-- of several classes, and a Go type may be declared once per build tag: what they have
-- in common counts once, with the surest method, and all together are the candidates.
--
-- Result: ref_key, value_key BIGINT (a definition), method VARCHAR (SELF_MRO,
-- SUPER_MRO, CLASS_MRO, CTOR, TYPE_ANNOT), confidence DOUBLE, n_candidates INT. Any order.
-- Cost: one self-join of the references on their base, then one lookup per distinct
-- (class, name).
WITH followed AS (
  SELECT r.ref_key, coalesce(l.target_binding_key, r.binding_key) AS binding_key
  FROM ev_refs r LEFT JOIN rel_lexical l ON l.binding_key = r.binding_key
  WHERE r.kind = 'name' AND r.context = 'LOAD'),
owners AS (
  SELECT f.ref_key, i.class_key, i.method, i.confidence, 0 AS first_position
  FROM followed f JOIN rel_instances i ON i.binding_key = f.binding_key
  UNION ALL
  SELECT r.ref_key, d.def_key, 'CLASS_MRO', r.confidence, 0
  FROM rel_refs r JOIN ev_defs d ON d.def_key = r.value_key
  WHERE r.value_kind = 'def' AND r.n_candidates = 1 AND d.kind IN ('class', 'type', 'interface')),
supers AS (
  SELECT a.ref_key, a.name, k.def_key AS class_key, 'SUPER_MRO' AS method, 0.95 AS confidence, 1 AS first_position
  FROM ev_calls c
  JOIN ev_refs a ON a.file_no = c.file_no AND a.bstart = c.bend + 1 AND a.kind = 'attribute' AND a.base_ref_key IS NULL
  JOIN ev_defs d ON d.def_key = c.def_key
  JOIN ev_defs k ON k.body_scope_key = d.scope_key AND k.kind = 'class'
  WHERE c.text = 'super' AND c.args IN (0, 2)),
asked AS (
  SELECT a.ref_key, a.name, o.class_key, o.method, o.confidence, o.first_position
  FROM ev_refs a JOIN owners o ON o.ref_key = a.base_ref_key
  WHERE a.kind = 'attribute' AND a.context = 'LOAD'
  UNION ALL
  SELECT ref_key, name, class_key, method, confidence, first_position FROM supers),
questions AS (
  SELECT DISTINCT class_key, name, first_position FROM asked),
answers AS (
  SELECT q.class_key, q.name, q.first_position, m.def_key, o.opaque_before, m.n_candidates,
         rank() OVER (PARTITION BY q.class_key, q.name, q.first_position ORDER BY o.position) AS place
  FROM questions q
  JOIN rel_mro o ON o.class_key = q.class_key AND o.position >= q.first_position
  JOIN rel_members m ON m.class_key = o.ancestor_key AND m.name = q.name),
found AS (
  SELECT a.ref_key, w.def_key, a.method,
         CASE WHEN w.opaque_before AND a.confidence > 0.8 THEN 0.8
              WHEN w.n_candidates > 1 AND a.confidence > 0.9 THEN 0.9 ELSE a.confidence END AS confidence
  FROM asked a
  JOIN answers w ON w.class_key = a.class_key AND w.name = a.name AND w.first_position = a.first_position
  WHERE w.place = 1 AND w.n_candidates <= 5),
best AS (
  SELECT ref_key, def_key, method, confidence FROM (
    SELECT ref_key, def_key, method, confidence,
           row_number() OVER (PARTITION BY ref_key, def_key ORDER BY confidence DESC, method) AS rn
    FROM found) f
  WHERE rn = 1)
SELECT ref_key, value_key, method, confidence, n_candidates FROM (
  SELECT ref_key, def_key AS value_key, method, confidence, CAST(count(*) OVER (PARTITION BY ref_key) AS INT) AS n_candidates
  FROM best) b
WHERE n_candidates <= 5
