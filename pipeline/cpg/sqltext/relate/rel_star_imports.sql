-- From which modules each module gets names by star imports, directly or through
-- up to three others that star import themselves. For Go these are dot imports,
-- which do not pass names on.
--
-- Result: module_no INT, file_no INT (Go: the file with the dot import, names are
-- per file there), source_no INT, hops INT (1: directly); the fewest hops per pair.
-- Any order.
-- Cost: star imports are few; three self-joins of them.
WITH direct AS (
  SELECT DISTINCT i.module_no, i.file_no, i.target_no AS source_no, m.language
  FROM rel_imports i JOIN rel_modules m ON m.file_no = i.file_no
  WHERE i.star AND i.target_no IS NOT NULL AND i.at_module_level AND i.target_no <> i.module_no),
python AS (
  SELECT module_no, source_no FROM direct WHERE language = 'python'),
two AS (
  SELECT a.module_no, b.source_no FROM python a JOIN python b ON b.module_no = a.source_no),
three AS (
  SELECT a.module_no, b.source_no FROM two a JOIN python b ON b.module_no = a.source_no)
SELECT module_no, file_no, source_no, min(hops) AS hops FROM (
  SELECT module_no, file_no, source_no, 1 AS hops FROM direct
  UNION ALL SELECT module_no, module_no, source_no, 2 FROM two
  UNION ALL SELECT module_no, module_no, source_no, 3 FROM three) s
WHERE module_no <> source_no
GROUP BY module_no, file_no, source_no
