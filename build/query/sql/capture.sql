-- capture: one row for each column of a table whose statistics were captured.
SELECT COLUMNS(lambda c: lower(c) <> 'run_id'), {RUN} AS run_id FROM read_parquet({FILES}, hive_partitioning = false)
