package pipeline_test

import (
	"database/sql"
	"path/filepath"
	"strings"
	"testing"

	_ "github.com/duckdb/duckdb-go/v2"

	"github.com/buildscope/buildscope/pipeline"
)

// checksums writes statements to Parquet with DuckDB and returns their checksums.
func checksums(tb testing.TB) func(statement, options string) string {
	db, err := sql.Open("duckdb", "")
	if err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(func() { db.Close() })
	path := filepath.Join(tb.TempDir(), "t.parquet")
	return func(statement, options string) string {
		tb.Helper()
		if _, err := db.ExecContext(tb.Context(), "COPY ("+statement+") TO '"+path+"' (FORMAT parquet"+options+")"); err != nil {
			tb.Fatal(err)
		}
		sum, err := pipeline.Fingerprint(tb.Context(), path, 2)
		if err != nil {
			tb.Fatal(err)
		}
		return sum.Checksum
	}
}

// everyType has a column of each type that is hashed where it lies decoded, with and
// without NULL, with texts that repeat and texts that do not, and columns that take
// the way of Arrow arrays.
const everyType = `SELECT CAST(n AS INT) AS i, n * 1000 AS l, n % 7 / 3.0 AS d, CAST(n % 7 / 3 AS DOUBLE) AS f, n % 3 = 0 AS b,
	'name ' || n % 5 AS few, 'name ' || n AS many, CASE WHEN n % 11 > 2 THEN 'x' || n % 4 END AS some,
	CASE WHEN n % 2 = 0 THEN n END AS half, CAST(NULL AS VARCHAR) AS none, DATE '2024-01-01' + CAST(n AS INT) AS day,
	[n, NULL] AS list, {'k': n, 'v': [{'w': 'a' || n}]} AS tree FROM range(30000) t(n)`

func TestChecksumIgnoresTheEncoding(t *testing.T) {
	sum := checksums(t)
	want := sum(everyType, "")
	for _, options := range []string{
		", DICTIONARY_SIZE_LIMIT 0", ", PARQUET_VERSION V2", ", COMPRESSION zstd, ROW_GROUP_SIZE 2048", ", COMPRESSION uncompressed, ROW_GROUP_SIZE 5000, PARQUET_VERSION V2, DICTIONARY_SIZE_LIMIT 3",
	} {
		if got := sum(everyType, options); got != want {
			t.Errorf("with%s the checksum is %s, not %s", options[1:], got, want)
		}
	}
}

func TestChecksumTellsRowsApart(t *testing.T) {
	sum := checksums(t)
	seen := map[string]string{sum(everyType, ""): "the rows"}
	for _, change := range [][2]string{
		{"n * 1000 AS l", "n * 1000 + CASE n WHEN 29999 THEN 1 ELSE 0 END AS l"},
		{"'name ' || n AS many", "'name ' || CASE n WHEN 5 THEN 6 WHEN 6 THEN 5 ELSE n END AS many"}, // two rows swap a value
		{"n % 3 = 0 AS b", "n % 3 = 1 AS b"},
		{"CAST(NULL AS VARCHAR) AS none", "'' AS none"},
		{"CASE WHEN n % 2 = 0 THEN n END AS half", "CASE WHEN n % 2 = 0 THEN n ELSE 0 END AS half"},
		{"CASE WHEN n % 2 = 0 THEN n END AS half", "CASE WHEN n % 2 = 1 THEN n END AS half"},
		{"'a' || n", "CASE n WHEN 77 THEN 'b' ELSE 'a' END || n"},
		{"[n, NULL]", "CASE n WHEN 9 THEN NULL ELSE [n, NULL] END"},
		{"range(30000)", "range(29999)"},
		{"'name ' || n % 5 AS few, 'name ' || n AS many", "'name ' || n AS many, 'name ' || n % 5 AS few"}, // columns swap
	} {
		changed := strings.Replace(everyType, change[0], change[1], 1)
		if changed == everyType {
			t.Fatalf("%s is not in the statement", change[0])
		}
		got := sum(changed, "")
		if other, ok := seen[got]; ok {
			t.Errorf("%s has the checksum of %s", change[1], other)
		}
		seen[got] = change[1]
	}
}

func BenchmarkFingerprint(b *testing.B) {
	db, err := sql.Open("duckdb", "")
	if err != nil {
		b.Fatal(err)
	}
	defer db.Close()
	path := filepath.Join(b.TempDir(), "t.parquet")
	const rows = 500_000
	_, err = db.ExecContext(b.Context(), `COPY (SELECT 'id:' || md5(CAST(n AS VARCHAR)) AS id, 'to:' || md5(CAST(n // 3 AS VARCHAR)) AS other,
		'kind ' || n // 50000 AS kind, 'dir/file' || n // 2000 || '.py' AS path, CAST(n % 9000 AS INT) AS bstart, CAST(n % 9000 + 4 AS INT) AS bend,
		1.0 / (1 + n % 3) AS confidence, CASE WHEN n % 9 = 0 THEN 'method ' || n % 4 END AS method, n * 7 AS no
		FROM range(500000) t(n)) TO '`+path+`' (FORMAT parquet, COMPRESSION zstd, COMPRESSION_LEVEL 1, DICTIONARY_SIZE_LIMIT 2000)`)
	if err != nil {
		b.Fatal(err)
	}
	b.ReportAllocs()
	for b.Loop() {
		if _, err := pipeline.Fingerprint(b.Context(), path, 1); err != nil {
			b.Fatal(err)
		}
	}
	b.ReportMetric(rows*float64(b.N)/b.Elapsed().Seconds()/1e6, "Mrow/s")
}
