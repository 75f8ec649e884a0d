-- As rel_types.sql. White space is what \s means to DuckDB; here it would take in more.
SELECT type_expr_key, type_repr, concat('type:', left(md5(type_repr), 20)) AS type_id,
       CAST(dense_rank() OVER (ORDER BY type_repr NULLS LAST) AS BIGINT) AS type_no
FROM (SELECT type_expr_key, trim(regexp_replace(text, '[ \\t\\n\\f\\r]+', ' ')) AS type_repr FROM ev_type_exprs) t
WHERE type_repr <> ''
