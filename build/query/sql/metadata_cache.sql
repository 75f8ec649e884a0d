-- metadata_cache: the footers that were cached at the end, named as datafusion-cli does;
-- recency, num_rows, num_columns and num_row_groups are ours.
SELECT path, file_modified, file_size_bytes, NULL::VARCHAR AS e_tag, NULL::VARCHAR AS version, bytes AS metadata_size_bytes, hits, extra,
	recency, rows AS num_rows, columns AS num_columns, row_groups AS num_row_groups, {RUN} AS run_id
FROM read_json({FILES}, format = 'newline_delimited', ignore_errors = true, hive_partitioning = false, columns = {'cache': 'VARCHAR', 'path': 'VARCHAR', 'file_modified': 'TIMESTAMP',
	'file_size_bytes': 'BIGINT', 'bytes': 'BIGINT', 'hits': 'BIGINT', 'extra': 'VARCHAR', 'recency': 'BIGINT', 'rows': 'BIGINT', 'columns': 'BIGINT', 'row_groups': 'BIGINT'})
WHERE cache = 'metadata'
