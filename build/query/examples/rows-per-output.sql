-- Rows and bytes of the outputs; with several runs they stand below each other
SELECT o ->> '$.name' AS output, (o ->> '$.rows')::BIGINT AS rows, (o ->> '$.bytes')::BIGINT AS bytes, o ->> '$.content_checksum' AS checksum, run_id
FROM (SELECT unnest((payload -> '$.outputs')::JSON[]) AS o, run_id FROM artifacts WHERE name = 'build_output_locations_v1')
ORDER BY output, run_id
