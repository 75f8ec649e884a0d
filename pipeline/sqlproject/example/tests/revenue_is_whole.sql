-- Revenue by country adds up to what was paid.
WITH sums AS (
  SELECT
    (SELECT sum(revenue_cents) FROM revenue_by_country) AS by_country,
    (SELECT sum(amount_cents) FROM orders WHERE status = 'paid') AS paid
)
SELECT * FROM sums WHERE by_country IS DISTINCT FROM paid
