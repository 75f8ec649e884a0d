-- As rel_visible_scopes.sql, for engines without recursion: the scopes of a file are
-- numbered as they open, so what encloses one at some depth is the last of that depth
-- before it. Any depth is reached.
--
-- Cost: the scopes with free names paired with those before them in their file, which
-- recursion does not do.
WITH inner_scopes AS (
  SELECT s.file_no, s.scope_key, s.depth
  FROM ev_scopes s
  JOIN (SELECT DISTINCT scope_key FROM ev_bindings WHERE flags & 288 <> 0) f ON f.scope_key = s.scope_key),
visible AS (
  SELECT i.scope_key, max(s.scope_key) AS ancestor_scope_key, i.depth - s.depth AS hops
  FROM inner_scopes i
  JOIN ev_scopes s ON s.file_no = i.file_no AND s.scope_key < i.scope_key AND s.depth < i.depth
  GROUP BY i.scope_key, i.depth, s.depth)
SELECT v.scope_key, v.ancestor_scope_key, v.hops
FROM visible v JOIN ev_scopes s ON s.scope_key = v.ancestor_scope_key
WHERE s.kind NOT IN ('class', 'module')
