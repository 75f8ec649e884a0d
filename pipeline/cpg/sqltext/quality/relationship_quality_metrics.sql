-- How many edges there are of each kind and method, and how sure they are.
--
-- Averages are rounded to six digits: a sum of floating-point numbers depends on the
-- order in which the workers add them.
--
-- Result: relationship_name VARCHAR (edge kind), resolution_method VARCHAR, total_edges
-- BIGINT, distinct_sources, distinct_targets BIGINT, avg_confidence, min_confidence,
-- max_confidence DOUBLE, low_confidence_edges BIGINT (below 0.5), avg_score, min_score,
-- max_score DOUBLE; ordered by relationship_name, resolution_method.
-- Cost: one aggregate over the edges, and one over each of their ends for the exact
-- distinct counts. Those go by a hash of kind and method: an aggregate on two integers
-- is a third cheaper than count(DISTINCT) by two texts.
WITH kinds AS (
  SELECT edge_kind, resolution_method, hash(edge_kind, resolution_method) AS kind_hash, count(*) AS total_edges,
         round(avg(confidence), 6) AS avg_confidence, min(confidence) AS min_confidence, max(confidence) AS max_confidence,
         count(CASE WHEN confidence < 0.5 THEN 1 END) AS low_confidence_edges,
         round(avg(score), 6) AS avg_score, min(score) AS min_score, max(score) AS max_score
  FROM cpg_edges
  GROUP BY edge_kind, resolution_method),
sources AS (
  SELECT kind_hash, count(*) AS n
  FROM (SELECT DISTINCT hash(edge_kind, resolution_method) AS kind_hash, src_no FROM cpg_edges) GROUP BY kind_hash),
targets AS (
  SELECT kind_hash, count(*) AS n
  FROM (SELECT DISTINCT hash(edge_kind, resolution_method) AS kind_hash, dst_no FROM cpg_edges) GROUP BY kind_hash)
SELECT k.edge_kind AS relationship_name, k.resolution_method, k.total_edges, s.n AS distinct_sources, t.n AS distinct_targets,
       k.avg_confidence, k.min_confidence, k.max_confidence, k.low_confidence_edges, k.avg_score, k.min_score, k.max_score
FROM kinds k
JOIN sources s ON s.kind_hash = k.kind_hash
JOIN targets t ON t.kind_hash = k.kind_hash
ORDER BY relationship_name, resolution_method
