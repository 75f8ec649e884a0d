-- What each base class or embedded type is.
--
-- A base with several meanings counts as unknown unless all but one are outside
-- the tree; then the one inside is taken.
--
-- Result: base_key, def_key BIGINT (the class), ordinal INT, base_def_key BIGINT
-- (NULL: outside the tree or unknown), base_name VARCHAR (qualified name outside the
-- tree, else NULL), method VARCHAR, confidence DOUBLE. One row per base. Any order.
-- Cost: bases are few; one join with the resolved references.
SELECT b.base_key, b.def_key, b.ordinal,
       CASE WHEN count(d.def_key) = 1 THEN max(d.def_key) END AS base_def_key,
       CASE WHEN count(d.def_key) = 0 THEN max(CASE WHEN r.value_kind = 'external' THEN r.value_name END) END AS base_name,
       max(r.method) AS method, min(r.confidence) AS confidence
FROM ev_bases b
LEFT JOIN rel_refs r ON r.ref_key = b.ref_key
LEFT JOIN ev_defs d ON r.value_kind = 'def' AND d.def_key = r.value_key AND d.kind IN ('class', 'type', 'interface') AND d.def_key <> b.def_key
GROUP BY b.base_key, b.def_key, b.ordinal
