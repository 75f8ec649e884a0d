-- Which bindings are known to hold an instance of a class or type of this tree, or
-- the class itself.
--
-- Python: the first parameter of a method, and a name bound once, to a call of a
-- class. Go: a name declared with a type, given a composite literal of it or an
-- asserted type, or bound to the call of a type (a conversion).
--
-- Result: binding_key, class_key BIGINT, method VARCHAR (SELF_MRO, TYPE_ANNOT, CTOR),
-- confidence DOUBLE. One row per binding. Any order.
-- Cost: joins over parameters and over def sites with a value.
WITH static_methods AS (
  SELECT DISTINCT def_key FROM ev_decorators WHERE text = 'staticmethod'),
selves AS (
  SELECT b.binding_key, c.def_key AS class_key, 'SELF_MRO' AS method, 0.95 AS confidence
  FROM ev_defs d
  JOIN ev_defs c ON c.body_scope_key = d.scope_key AND c.kind = 'class'
  JOIN ev_params p ON p.def_key = d.def_key AND p.position = 0 AND p.kind IN ('positional', 'posonly')
  JOIN ev_bindings b ON b.scope_key = d.body_scope_key AND b.name = p.name
  LEFT JOIN static_methods s ON s.def_key = d.def_key
  WHERE d.kind IN ('function', 'async_function') AND s.def_key IS NULL),
single AS (
  SELECT binding_key, max(value_call_key) AS call_key
  FROM ev_def_sites GROUP BY binding_key
  HAVING count(*) = 1 AND max(value_call_key) IS NOT NULL AND max(CASE WHEN kind IN ('assign', 'walrus') THEN 1 ELSE 0 END) = 1),
made AS (
  SELECT s.binding_key, d.def_key AS class_key, 'CTOR' AS method, 0.9 AS confidence
  FROM single s
  JOIN ev_calls c ON c.call_key = s.call_key
  JOIN rel_refs r ON r.ref_key = c.callee_ref_key AND r.value_kind = 'def' AND r.n_candidates = 1
  JOIN ev_defs d ON d.def_key = r.value_key AND d.kind IN ('class', 'type', 'interface')),
typed AS (
  SELECT s.binding_key, min(d.def_key) AS class_key,
         CASE WHEN max(p.kind) = 'receiver' THEN 'SELF_MRO' ELSE 'TYPE_ANNOT' END AS method,
         CASE WHEN max(p.kind) = 'receiver' THEN 0.95 ELSE 0.9 END AS confidence
  FROM ev_def_sites s
  JOIN rel_refs r ON r.ref_key = s.value_ref_key AND r.value_kind = 'def'
  JOIN ev_defs d ON d.def_key = r.value_key AND d.kind IN ('type', 'interface')
  LEFT JOIN ev_params p ON p.file_no = s.file_no AND p.bstart = s.bstart AND p.kind = 'receiver'
  GROUP BY s.binding_key
  HAVING count(DISTINCT d.def_key) = 1)
SELECT binding_key, class_key, method, confidence FROM (
  SELECT binding_key, class_key, method, confidence,
         row_number() OVER (PARTITION BY binding_key ORDER BY confidence DESC, class_key) AS rn
  FROM (SELECT binding_key, class_key, method, confidence FROM selves
        UNION ALL SELECT binding_key, class_key, method, confidence FROM made
        UNION ALL SELECT binding_key, class_key, method, confidence FROM typed) a) i
WHERE rn = 1
