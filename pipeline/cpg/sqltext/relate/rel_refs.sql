-- What references mean without looking at classes or types: bare names and
-- attributes of modules, up to two dots.
--
-- Result: as rel_refs_1. Any order.
-- Cost: a union.
SELECT ref_key, value_kind, value_key, value_name, method, confidence, n_candidates FROM rel_refs_1
UNION ALL
SELECT ref_key, value_kind, value_key, value_name, method, confidence, n_candidates FROM rel_refs_2
UNION ALL
SELECT ref_key, value_kind, value_key, value_name, method, confidence, n_candidates FROM rel_refs_3
