-- How often an edge of each kind is one of several candidates.
--
-- Result: relationship_name VARCHAR (edge kind), total_sources BIGINT (choices made:
-- groups of competing edges, and edges without competition), ambiguous_sources BIGINT,
-- max_candidates INT, avg_candidates DOUBLE, ambiguity_rate DOUBLE (0 to 1); ordered by
-- relationship_name.
-- Cost: one aggregate over the edges.
WITH groups AS (
  SELECT edge_kind, ambiguity_group_id, max(n_candidates) AS n_candidates, count(*) AS n_edges
  FROM cpg_edges WHERE ambiguity_group_id IS NOT NULL GROUP BY edge_kind, ambiguity_group_id),
choices AS (
  SELECT edge_kind, 1 AS n_candidates, count(*) AS n FROM cpg_edges WHERE ambiguity_group_id IS NULL GROUP BY edge_kind
  UNION ALL
  SELECT edge_kind, n_candidates, count(*) FROM groups GROUP BY edge_kind, n_candidates)
SELECT edge_kind AS relationship_name, CAST(sum(n) AS BIGINT) AS total_sources,
       CAST(sum(CASE WHEN n_candidates > 1 THEN n ELSE 0 END) AS BIGINT) AS ambiguous_sources,
       max(n_candidates) AS max_candidates,
       round(CAST(sum(n_candidates * n) AS DOUBLE) / CAST(sum(n) AS DOUBLE), 6) AS avg_candidates,
       round(CAST(sum(CASE WHEN n_candidates > 1 THEN n ELSE 0 END) AS DOUBLE) / CAST(sum(n) AS DOUBLE), 6) AS ambiguity_rate
FROM choices
GROUP BY edge_kind
ORDER BY relationship_name
