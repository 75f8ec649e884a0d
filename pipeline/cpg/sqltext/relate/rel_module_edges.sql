-- Which modules each module imports, directly.
--
-- Result: module_no, target_no INT, distinct. Any order.
-- Cost: one aggregate over the imports.
SELECT DISTINCT module_no, target_no FROM rel_imports WHERE target_no IS NOT NULL
UNION
SELECT DISTINCT module_no, submodule_no FROM rel_imports WHERE submodule_no IS NOT NULL
