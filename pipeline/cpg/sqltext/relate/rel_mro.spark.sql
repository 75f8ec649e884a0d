-- As rel_mro.sql, for engines without recursion: each path through the bases is walked
-- to its end by one join per level, then cut into the ways to its stations.
WITH bases AS (
  SELECT def_key, base_def_key, chr(65 + ordinal) AS step FROM rel_bases
  WHERE base_def_key IS NOT NULL AND ordinal < 50),
paths AS (
  SELECT b1.def_key AS class_key,
         array(b1.base_def_key, b2.base_def_key, b3.base_def_key, b4.base_def_key, b5.base_def_key, b6.base_def_key,
               b7.base_def_key, b8.base_def_key, b9.base_def_key, b10.base_def_key, b11.base_def_key, b12.base_def_key) AS ancestors,
         concat_ws('', b1.step, b2.step, b3.step, b4.step, b5.step, b6.step,
               b7.step, b8.step, b9.step, b10.step, b11.step, b12.step) AS path
  FROM bases b1
  LEFT JOIN bases b2 ON b2.def_key = b1.base_def_key
  LEFT JOIN bases b3 ON b3.def_key = b2.base_def_key
  LEFT JOIN bases b4 ON b4.def_key = b3.base_def_key
  LEFT JOIN bases b5 ON b5.def_key = b4.base_def_key
  LEFT JOIN bases b6 ON b6.def_key = b5.base_def_key
  LEFT JOIN bases b7 ON b7.def_key = b6.base_def_key
  LEFT JOIN bases b8 ON b8.def_key = b7.base_def_key
  LEFT JOIN bases b9 ON b9.def_key = b8.base_def_key
  LEFT JOIN bases b10 ON b10.def_key = b9.base_def_key
  LEFT JOIN bases b11 ON b11.def_key = b10.base_def_key
  LEFT JOIN bases b12 ON b12.def_key = b11.base_def_key),
up AS (
  SELECT def_key AS class_key, def_key AS ancestor_key, '' AS path FROM ev_defs WHERE kind IN ('class', 'type', 'interface')
  UNION ALL
  SELECT class_key, ancestor_key, left(path, i + 1)
  FROM (SELECT class_key, path, posexplode(ancestors) AS (i, ancestor_key) FROM paths) p
  WHERE ancestor_key IS NOT NULL AND ancestor_key <> class_key),
places AS (
  SELECT class_key, ancestor_key, max(path) AS path FROM up
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
