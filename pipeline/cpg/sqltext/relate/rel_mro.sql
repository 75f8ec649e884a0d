-- In which order a class and its ancestors are asked for an attribute.
--
-- Depth first, left to right, keeping the last place of an ancestor that comes
-- twice: this is the C3 order wherever the hierarchy is a diamond of the usual kind.
-- Embedded types of Go are walked the same way. Followed to twelve levels.
--
-- Result: class_key, ancestor_key BIGINT, position INT (0: the class itself),
-- opaque_before BOOLEAN (a base outside the tree, which may have the attribute, is
-- asked earlier). Any order.
-- Cost: one recursive join over the classes with bases.
WITH RECURSIVE up(class_key, ancestor_key, path, depth) AS (
  SELECT def_key, def_key, '', 0 FROM ev_defs WHERE kind IN ('class', 'type', 'interface')
  UNION ALL
  SELECT u.class_key, b.base_def_key, concat(u.path, chr(CAST(65 + b.ordinal AS INT))), u.depth + 1
  FROM up u JOIN rel_bases b ON b.def_key = u.ancestor_key
  WHERE b.base_def_key IS NOT NULL AND u.depth < 12 AND b.ordinal < 50),
places AS (
  SELECT class_key, ancestor_key, max(path) AS path FROM up
  WHERE depth = 0 OR class_key <> ancestor_key
  GROUP BY class_key, ancestor_key),
opaque AS (
  SELECT def_key, 1 AS is_opaque FROM rel_bases
  WHERE base_def_key IS NULL AND coalesce(base_name, '') NOT IN ('builtins.object', 'typing.Generic', 'typing.Protocol', 'abc.ABC')
  GROUP BY def_key)
SELECT p.class_key, p.ancestor_key,
       CAST(row_number() OVER (PARTITION BY p.class_key ORDER BY p.path, p.ancestor_key) - 1 AS INT) AS position,
       coalesce(sum(o.is_opaque) OVER (PARTITION BY p.class_key ORDER BY p.path, p.ancestor_key
                                       ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING), 0) > 0 AS opaque_before
FROM places p LEFT JOIN opaque o ON o.def_key = p.ancestor_key
