-- unresolved_calls: calls without an answer, and why.
-- Columns: call_id VARCHAR, path VARCHAR, bstart INTEGER, bend INTEGER, callee VARCHAR, reason VARCHAR.
-- Cost: one anti-join over ev_calls.
SELECT c.call_id, f.path, c.bstart, c.bend, c.callee,
       CASE WHEN c.shape = 'ATTRIBUTE' THEN 'receiver type is not known'
            WHEN c.shape = 'NAME' THEN 'name is a builtin, a variable or a type conversion'
            ELSE 'callee is an expression' END AS reason
FROM ev_calls c
JOIN repo_files f ON f.file_no = c.file_no
LEFT JOIN rel_calls k ON k.call_key = c.call_key
WHERE k.call_key IS NULL
ORDER BY c.call_id
