-- Revenue by country and month.
-- @tags core, mart
-- @test rows 1..
WITH paid AS (
  SELECT * FROM orders WHERE status = 'paid'
)
SELECT
  c.country,
  date_trunc('month', p.ordered_at) AS month,
  count(*) AS orders,
  sum(p.amount_cents)::BIGINT AS revenue_cents
FROM paid p
JOIN customers c USING (customer_id)
GROUP BY 1, 2
ORDER BY 1, 2
