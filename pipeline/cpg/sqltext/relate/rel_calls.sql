-- rel_calls: the best answer to what each call calls.
-- Columns: call_key BIGINT, caller_def_key BIGINT (NULL at package level), callee_def_key BIGINT, qname VARCHAR,
-- method VARCHAR, confidence DOUBLE. callee_def_key or qname is set, never both.
-- Cost: three equi-joins on the callee reference; no name fan-out.
WITH definitions AS (
  SELECT binding_key, min(def_key) AS def_key, count(*) AS n FROM ev_defs WHERE binding_key IS NOT NULL GROUP BY binding_key
)
SELECT c.call_key, c.def_key AS caller_def_key,
       coalesce(d1.def_key, d2.def_key) AS callee_def_key,
       CASE WHEN d1.def_key IS NULL AND d2.def_key IS NULL THEN i.module_fqn || '.' || i.name END AS qname,
       CASE WHEN d1.def_key IS NOT NULL THEN n.method
            WHEN d2.def_key IS NOT NULL THEN 'IMPORT' ELSE 'EXTERNAL' END AS method,
       CASE WHEN d1.def_key IS NOT NULL THEN 0.99 / d1.n
            WHEN d2.def_key IS NOT NULL THEN 0.97 / d2.n ELSE 0.9 END AS confidence
FROM ev_calls c
LEFT JOIN rel_names n ON n.ref_key = c.callee_ref_key
LEFT JOIN definitions d1 ON d1.binding_key = n.binding_key
LEFT JOIN rel_imported i ON i.ref_key = c.callee_ref_key
LEFT JOIN definitions d2 ON d2.binding_key = i.binding_key
WHERE d1.def_key IS NOT NULL OR i.ref_key IS NOT NULL
