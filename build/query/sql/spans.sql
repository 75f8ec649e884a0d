-- spans: one row for each span that ended, see docs/bundle.md, with what people ask
-- for first taken out. Cost: reads the columns that are used.
SELECT trace_id, span_id, parent_span_id, name, scope, attributes ->> '$."hamilton.node.name"' AS node,
	make_timestamp_ns(start_unix_ns) AS started, (end_unix_ns - start_unix_ns) / 1e6 AS duration_ms, start_unix_ns, end_unix_ns,
	status, status_message, sampled, attributes::JSON AS attributes, events::JSON AS events, {RUN} AS run_id
FROM read_parquet({FILES}, hive_partitioning = false)
