-- list_files_cache: the directory listings that were cached at the end, named as
-- datafusion-cli does; recency is ours. expires_in is null without a lifetime.
SELECT "table", path, bytes AS metadata_size_bytes, to_milliseconds(expires_in_ms) AS expires_in, hits,
	list_transform(files, lambda f: {'file_path': f.file_path, 'file_modified': f.file_modified, 'file_size_bytes': f.file_size_bytes,
		'e_tag': NULL::VARCHAR, 'version': NULL::VARCHAR}) AS metadata_list, recency, {RUN} AS run_id
FROM read_json({FILES}, format = 'newline_delimited', ignore_errors = true, hive_partitioning = false, columns = {'cache': 'VARCHAR', 'path': 'VARCHAR', 'table': 'VARCHAR', 'bytes': 'BIGINT', 'hits': 'BIGINT',
	'recency': 'BIGINT', 'expires_in_ms': 'BIGINT', 'files': 'STRUCT(file_path VARCHAR, file_modified TIMESTAMP, file_size_bytes BIGINT)[]'})
WHERE cache = 'list_files'
