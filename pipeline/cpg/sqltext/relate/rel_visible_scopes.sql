-- Which enclosing scopes lend their names to a scope: function-like ones, at any
-- distance. Class scopes are skipped, the module scope is reached directly.
--
-- Only scopes with a name that an enclosing function must have are followed.
--
-- Result: scope_key, ancestor_scope_key BIGINT, hops INT (1: the parent). Any order.
-- Cost: one recursive join over the scopes with free names, as deep as they nest.
WITH RECURSIVE visible(scope_key, ancestor_scope_key, hops) AS (
  SELECT s.scope_key, s.parent_scope_key, 1
  FROM ev_scopes s
  JOIN (SELECT DISTINCT scope_key FROM ev_bindings WHERE flags & 288 <> 0) f ON f.scope_key = s.scope_key
  WHERE s.parent_scope_key IS NOT NULL
  UNION ALL
  SELECT v.scope_key, s.parent_scope_key, v.hops + 1
  FROM visible v JOIN ev_scopes s ON s.scope_key = v.ancestor_scope_key
  WHERE s.parent_scope_key IS NOT NULL)
SELECT v.scope_key, v.ancestor_scope_key, v.hops
FROM visible v JOIN ev_scopes s ON s.scope_key = v.ancestor_scope_key
WHERE s.kind NOT IN ('class', 'module')
