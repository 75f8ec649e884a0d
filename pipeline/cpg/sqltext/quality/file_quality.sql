-- How well each file could be read: 1000 points, less for what went wrong.
--
-- 200 points off when the parser reported errors, 10 for each further error up to
-- 300, 150 when a limit cut the evidence short; 0 for a file that was skipped.
--
-- Result: file_id, path VARCHAR, has_parse_errors BOOLEAN, parse_error_count INT,
-- is_truncated BOOLEAN, skipped_reason VARCHAR, file_quality_score INT; ordered by path.
-- Cost: one row per file.
WITH errors AS (
  SELECT file_no, CAST(count(*) AS INT) AS n FROM ev_errors GROUP BY file_no)
SELECT f.file_id, f.path, e.n IS NOT NULL AS has_parse_errors, coalesce(e.n, 0) AS parse_error_count,
       coalesce(m.truncated, FALSE) AS is_truncated, coalesce(f.skipped_reason, '') AS skipped_reason,
       CASE WHEN m.file_no IS NULL THEN 0
            ELSE 1000 - CASE WHEN e.n IS NULL THEN 0 WHEN e.n > 31 THEN 500 ELSE 190 + 10 * e.n END
                 - CASE WHEN m.truncated THEN 150 ELSE 0 END END AS file_quality_score
FROM repo_files f
LEFT JOIN ev_modules m ON m.file_no = f.file_no
LEFT JOIN errors e ON e.file_no = f.file_no
ORDER BY f.path
