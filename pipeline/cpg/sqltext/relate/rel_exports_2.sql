-- Which names each module offers and what they are; round 2 of re-exports.
--
-- A pending name takes what round 1 knows of it, which may itself be pending in a
-- module further on: every round doubles the length of the chains that are closed,
-- to 2 re-exports here. Imports that go in a circle stay pending.
--
-- Result: as rel_exports_1. Any order.
-- Cost: one hash join of the names that are still pending.
SELECT module_no, name, value_kind, value_key, value_name, via_star, n_sites
FROM rel_exports_1
WHERE value_kind <> 'pending'
UNION ALL
SELECT DISTINCT e.module_no, e.name, t.value_kind, t.value_key, t.value_name, e.via_star OR t.via_star,
       CASE WHEN e.n_sites > t.n_sites THEN e.n_sites ELSE t.n_sites END
FROM rel_exports_1 e
JOIN rel_exports_1 t ON t.module_no = e.value_key AND t.name = e.value_name
WHERE e.value_kind = 'pending'
