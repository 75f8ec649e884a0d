-- statistics_cache: the files whose statistics were cached at the end, named as
-- datafusion-cli does; recency is ours. num_columns counts those with statistics.
SELECT path, "table", file_modified, file_size_bytes, NULL::VARCHAR AS e_tag, NULL::VARCHAR AS version, 'Exact(' || coalesce(rows, 0) || ')' AS num_rows,
	coalesce(columns, 0) AS num_columns, 'Absent' AS table_size_bytes, hits, bytes AS statistics_size_bytes, recency, {RUN} AS run_id
FROM read_json({FILES}, format = 'newline_delimited', ignore_errors = true, hive_partitioning = false, columns = {'cache': 'VARCHAR', 'path': 'VARCHAR', 'table': 'VARCHAR', 'file_modified': 'TIMESTAMP',
	'file_size_bytes': 'BIGINT', 'bytes': 'BIGINT', 'hits': 'BIGINT', 'recency': 'BIGINT', 'rows': 'BIGINT', 'columns': 'BIGINT'})
WHERE cache = 'statistics'
