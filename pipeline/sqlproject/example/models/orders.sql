-- Orders that count, with amounts in cents.
-- @materialized view
-- @column amount_cents What the customer pays.
-- @test not_null customer_id
-- @test accepted_values status: new, paid
-- @test relationships customer_id: customers.customer_id
SELECT
  order_id,
  customer_id,
  status,
  round(amount * 100)::BIGINT AS amount_cents,
  ordered_at
FROM raw_orders
WHERE status <> 'cancelled'
