"""Makes the data of TPC's own program at a scale and writes down the published
answers to the 22 queries over it. DuckDB's Python packages up to 1.2 have both."""

import pathlib
import sys

import duckdb

scale, out = sys.argv[1], pathlib.Path(sys.argv[2])
db = duckdb.connect()
db.sql(f"CALL dbgen(sf = {scale})")
for (table,) in db.sql("SHOW TABLES").fetchall():
    folder = out / "data" / table
    folder.mkdir(parents=True)
    db.sql(f"COPY {table} TO '{folder}/all.parquet' (FORMAT parquet)")
answers = db.sql(f"SELECT query_nr, answer FROM tpch_answers() WHERE scale_factor = {scale}").fetchall()
for number, answer in answers:
    (out / f"q{number:02}.csv").write_text(answer, encoding="utf-8", newline="")
