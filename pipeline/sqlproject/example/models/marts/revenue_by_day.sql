-- Revenue by day. A build adds the days that are new.
-- @materialized incremental
-- @time day
-- @test unique day
SELECT ordered_at AS day, count(*) AS orders, sum(amount_cents)::BIGINT AS revenue_cents
FROM orders
WHERE status = 'paid' AND {{ newer(ordered_at) }}
GROUP BY 1
