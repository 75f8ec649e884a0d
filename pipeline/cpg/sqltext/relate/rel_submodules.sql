-- Which modules lie directly in which Python package.
--
-- Result: module_no INT (the package), name VARCHAR, submodule_no INT; one row
-- per (module_no, name), source files before stubs. Any order.
-- Cost: one self-join of the modules on their paths.
SELECT module_no, name, submodule_no FROM (
  SELECT p.module_no, regexp_replace(m.module_path, '^.*/', '') AS name, m.module_no AS submodule_no,
         row_number() OVER (PARTITION BY p.module_no, regexp_replace(m.module_path, '^.*/', '')
                            ORDER BY m.is_stub, m.is_package DESC, m.module_no) AS rn
  FROM rel_modules m
  JOIN rel_modules p ON p.is_package AND p.language = 'python'
    AND p.module_path = regexp_replace(m.module_path, '/?[^/]*$', '') AND p.module_no <> m.module_no
  WHERE m.language = 'python') s
WHERE rn = 1
