-- logs: one row for each line that the build logged. Cost: reads the event log whole.
SELECT try_cast(json ->> '$.time' AS TIMESTAMP_NS) AS time, json ->> '$.level' AS level, json ->> '$.message' AS message,
	json ->> '$.trace_id' AS trace_id, json ->> '$.span_id' AS span_id,
	json_merge_patch(json, '{"time": null, "event": null, "run_id": null, "level": null, "message": null, "trace_id": null, "span_id": null}') AS attributes,
	{RUN} AS run_id
FROM read_json_objects({FILES}, format = 'newline_delimited', ignore_errors = true, hive_partitioning = false)
WHERE json ->> '$.event' = 'log'
