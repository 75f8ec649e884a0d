-- What each read of a bare name means: a definition, a module, a variable of
-- another module, or a qualified name outside the tree.
--
-- Result: ref_key BIGINT, value_kind, value_key BIGINT, value_name, method,
-- confidence DOUBLE, n_candidates INT as in rel_names. Any order.
-- Cost: one hash join of the references with the bindings that mean something.
SELECT r.ref_key, n.value_kind, n.value_key, n.value_name, n.method, n.confidence, n.n_candidates
FROM ev_refs r JOIN rel_names n ON n.binding_key = r.binding_key
WHERE r.kind = 'name' AND r.context = 'LOAD'
