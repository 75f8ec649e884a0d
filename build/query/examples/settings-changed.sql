-- Settings that differ between the runs, or do not have their default
SELECT key, list(DISTINCT value) AS values, list(DISTINCT source) AS sources, count(DISTINCT run_id) AS runs
FROM settings
GROUP BY key
HAVING count(DISTINCT value) > 1 OR any_value(source) <> 'default'
ORDER BY count(DISTINCT value) DESC, key
