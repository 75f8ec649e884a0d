-- Which names outside the tree something here refers to: called, imported or
-- inherited from.
--
-- Result: language, qname VARCHAR, qname_id VARCHAR (the node), qname_no BIGINT (its
-- rank, for ordering). One row per name. Any order.
-- Cost: one aggregate over callees, imports and bases outside the tree.
WITH names AS (
  SELECT m.language, k.value_name AS qname
  FROM rel_callees k
  JOIN ev_calls c ON c.call_key = k.call_key
  JOIN rel_modules m ON m.file_no = c.file_no
  WHERE k.value_name IS NOT NULL
  UNION
  SELECT m.language, i.target
  FROM rel_imports i JOIN rel_modules m ON m.file_no = i.file_no
  WHERE i.target_no IS NULL AND i.target <> ''
  UNION
  SELECT m.language, b.base_name
  FROM rel_bases b
  JOIN ev_defs d ON d.def_key = b.def_key
  JOIN rel_modules m ON m.file_no = d.file_no
  WHERE b.base_name IS NOT NULL)
SELECT language, qname, concat('qname:', left(md5(concat(language, chr(31), qname)), 20)) AS qname_id,
       CAST(row_number() OVER (ORDER BY language, qname) AS BIGINT) AS qname_no
FROM names
