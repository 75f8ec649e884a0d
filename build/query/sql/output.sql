-- An output table. A column run_id of its own is hidden by the run's.
SELECT COLUMNS(lambda c: lower(c) <> 'run_id'), {RUN} AS run_id FROM read_parquet({FILES}, hive_partitioning = false)
