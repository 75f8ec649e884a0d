-- Which types annotations write, by their text with white space collapsed.
--
-- Result: type_expr_key BIGINT, type_repr VARCHAR, type_id VARCHAR (the node),
-- type_no BIGINT (rank of type_repr, for ordering). One row per annotation. Any order.
-- Cost: one sort of the distinct texts.
SELECT type_expr_key, type_repr, concat('type:', left(md5(type_repr), 20)) AS type_id,
       dense_rank() OVER (ORDER BY type_repr) AS type_no
FROM (SELECT type_expr_key, trim(regexp_replace(text, '\s+', ' ', 'g')) AS type_repr FROM ev_type_exprs) t
WHERE type_repr <> ''
