-- Customers with the name of their country.
-- @tags core
-- @test unique customer_id
-- @test not_null country severity=warn
SELECT c.id AS customer_id, c.name, k.country
FROM raw_customers c
LEFT JOIN countries k ON k.code = c.country
