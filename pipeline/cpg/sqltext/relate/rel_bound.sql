-- What each binding is bound to by a definition or an import.
--
-- A binding may have several rows: a function defined twice, an import with a
-- fallback. value_kind says what value_key is: def (a definition), module (a
-- module_no), pending (the name value_name of module value_key, still to be looked
-- up), external (value_name is a qualified name outside the tree).
--
-- Result: binding_key BIGINT, value_kind VARCHAR, value_key BIGINT, value_name
-- VARCHAR, n_sites INT (places that bind the name, of any kind). Any order.
-- Cost: one aggregate over the def sites.
WITH sites AS (
  SELECT binding_key, count(*) AS n_sites,
         max(CASE WHEN def_key IS NOT NULL OR import_key IS NOT NULL THEN 1 ELSE 0 END) AS known
  FROM ev_def_sites GROUP BY binding_key)
SELECT d.binding_key, 'def' AS value_kind, d.def_key AS value_key, NULL AS value_name, CAST(s.n_sites AS INT) AS n_sites
FROM ev_def_sites d JOIN sites s ON s.binding_key = d.binding_key AND s.known = 1
WHERE d.def_key IS NOT NULL
UNION ALL
SELECT DISTINCT i.binding_key,
       CASE WHEN i.kind = 'import' THEN CASE WHEN i.bound_no IS NULL THEN 'external' ELSE 'module' END
            WHEN i.target_no IS NOT NULL THEN 'pending'
            WHEN i.submodule_no IS NOT NULL THEN 'module'
            ELSE 'external' END,
       CAST(CASE WHEN i.kind = 'import' THEN i.bound_no
            WHEN i.target_no IS NOT NULL THEN i.target_no ELSE i.submodule_no END AS BIGINT),
       CASE WHEN i.kind = 'import' THEN i.bound
            WHEN i.target_no IS NOT NULL THEN i.name
            ELSE concat(i.target, '.', i.name) END,
       CAST(s.n_sites AS INT)
FROM rel_imports i JOIN sites s ON s.binding_key = i.binding_key
