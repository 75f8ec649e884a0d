-- What became of the files of the repository.
--
-- status: parsed, parsed_with_errors, or skipped, the last with its reason.
--
-- Result: language, status, reason VARCHAR, files BIGINT, bytes BIGINT, lines BIGINT;
-- ordered by language, status, reason.
-- Cost: one row per file.
SELECT coalesce(f.language, '') AS language,
       CASE WHEN m.file_no IS NULL THEN 'skipped' WHEN q.has_parse_errors THEN 'parsed_with_errors' ELSE 'parsed' END AS status,
       coalesce(f.skipped_reason, '') AS reason,
       count(*) AS files, CAST(sum(f.size_bytes) AS BIGINT) AS bytes, CAST(coalesce(sum(m.lines), 0) AS BIGINT) AS lines
FROM repo_files f
JOIN file_quality q ON q.file_id = f.file_id
LEFT JOIN ev_modules m ON m.file_no = f.file_no
GROUP BY 1, 2, 3
ORDER BY language, status, reason
