-- The files that took longest to read
SELECT attributes ->> '$."code.file.path"' AS file, round(sum(duration_ms), 3) AS ms, count(*) AS spans, run_id
FROM spans
WHERE attributes ->> '$."code.file.path"' IS NOT NULL
GROUP BY ALL
ORDER BY ms DESC
LIMIT 20
