-- Which methods replace which methods of an ancestor: the nearest one in rel_mro.
--
-- Python classes only; what a Go type embeds it does not override.
--
-- Result: def_key BIGINT, target_key BIGINT, opaque_before BOOLEAN (as in rel_mro),
-- n_candidates INT. Any order.
-- Cost: members joined with ancestors and their members of the same name.
SELECT def_key, target_key, opaque_before, n_candidates FROM (
  SELECT x.def_key, y.def_key AS target_key, y.n_candidates, o.opaque_before,
         rank() OVER (PARTITION BY x.def_key ORDER BY o.position) AS place
  FROM rel_members x
  JOIN ev_defs c ON c.def_key = x.class_key AND c.kind = 'class'
  JOIN rel_mro o ON o.class_key = x.class_key AND o.position > 0
  JOIN rel_members y ON y.class_key = o.ancestor_key AND y.name = x.name) a
WHERE place = 1 AND n_candidates <= 5
