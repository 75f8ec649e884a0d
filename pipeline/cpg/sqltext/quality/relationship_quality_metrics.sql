-- How many edges there are of each kind and method, and how sure they are.
--
-- Averages are rounded to six digits: a sum of floating-point numbers depends on the
-- order in which the workers add them.
--
-- Result: relationship_name VARCHAR (edge kind), resolution_method VARCHAR, total_edges
-- BIGINT, distinct_sources, distinct_targets BIGINT, avg_confidence, min_confidence,
-- max_confidence DOUBLE, low_confidence_edges BIGINT (below 0.5), avg_score, min_score,
-- max_score DOUBLE; ordered by relationship_name, resolution_method.
-- Cost: one aggregate over the edges, with exact distinct counts of their ends.
SELECT edge_kind AS relationship_name, resolution_method, count(*) AS total_edges,
       count(DISTINCT src_no) AS distinct_sources, count(DISTINCT dst_no) AS distinct_targets,
       round(avg(confidence), 6) AS avg_confidence, min(confidence) AS min_confidence, max(confidence) AS max_confidence,
       count(CASE WHEN confidence < 0.5 THEN 1 END) AS low_confidence_edges,
       round(avg(score), 6) AS avg_score, min(score) AS min_score, max(score) AS max_score
FROM cpg_edges
GROUP BY edge_kind, resolution_method
ORDER BY relationship_name, resolution_method
