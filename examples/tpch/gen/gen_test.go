package gen

import (
	"context"
	"crypto/sha256"
	"database/sql"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"strings"
	"testing"

	_ "github.com/duckdb/duckdb-go/v2"
)

func write(t *testing.T, o Options) string {
	t.Helper()
	dir := t.TempDir()
	if err := Write(t.Context(), dir, o); err != nil {
		t.Fatal(err)
	}
	return dir
}

// sums are the checksums of the files of a folder.
func sums(t *testing.T, dir string) map[string]string {
	t.Helper()
	out := map[string]string{}
	err := fs.WalkDir(os.DirFS(dir), ".", func(name string, e fs.DirEntry, err error) error {
		if err != nil || e.IsDir() {
			return err
		}
		data, err := os.ReadFile(filepath.Join(dir, name))
		out[name] = fmt.Sprintf("%x", sha256.Sum256(data))
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return out
}

func TestSameSeedSameBytes(t *testing.T) {
	one := sums(t, write(t, Options{Scale: 0.002, Seed: 7}))
	if len(one) != 8 {
		t.Fatalf("%d files: %v", len(one), one)
	}
	if many := sums(t, write(t, Options{Scale: 0.002, Seed: 7, Workers: 8})); !maps.Equal(one, many) {
		t.Errorf("other files with other workers\n%v\n%v", one, many)
	}
	for name, sum := range sums(t, write(t, Options{Scale: 0.002, Seed: 8})) {
		if one[name] == sum {
			t.Errorf("%s is the same with another seed", name)
		}
	}
}

func TestWriteRefuses(t *testing.T) {
	for _, scale := range []float64{0, -1, 0.0005, 5000} {
		if err := Write(t.Context(), t.TempDir(), Options{Scale: scale}); err == nil {
			t.Errorf("scale %v", scale)
		}
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if err := Write(ctx, t.TempDir(), Options{Scale: 0.01}); !errors.Is(err, context.Canceled) {
		t.Error(err)
	}
	file := filepath.Join(t.TempDir(), "file")
	if err := os.WriteFile(file, nil, 0o644); err != nil {
		t.Fatal(err)
	}
	if err := Write(t.Context(), file, Options{Scale: 0.01}); err == nil {
		t.Error("the folder is a file")
	}
}

// The clauses of the specification, each as a condition over the tables of scale 0.02.
var rules = []struct{ clause, holds string }{
	{"rows", `(SELECT count(*) FROM supplier) = 200 AND (SELECT count(*) FROM part) = 4000 AND (SELECT count(*) FROM partsupp) = 16000
		AND (SELECT count(*) FROM customer) = 3000 AND (SELECT count(*) FROM orders) = 30000 AND (SELECT count(*) FROM nation) = 25
		AND (SELECT count(*) FROM lineitem) BETWEEN 119000 AND 121000`},
	{"keys of orders are sparse", `(SELECT bool_and(o_orderkey % 32 < 8) AND count(DISTINCT o_orderkey) = count(*) AND max(o_orderkey) = 120000 FROM orders)`},
	{"a third of the customers orders nothing", `(SELECT count(DISTINCT o_custkey) BETWEEN 1990 AND 2000 AND bool_and(o_custkey % 3 <> 0) FROM orders)`},
	{"price of a part", `(SELECT bool_and(p_retailprice = (90000 + (p_partkey // 10) % 20001 + 100 * (p_partkey % 1000)) / 100) FROM part)`},
	{"brand is of the maker", `(SELECT bool_and(p_brand[7] = p_mfgr[14] AND p_brand[8] BETWEEN '1' AND '5') AND count(DISTINCT p_brand) = 25 FROM part)`},
	{"kinds of parts", `(SELECT count(DISTINCT p_type) = 150 AND count(DISTINCT p_container) = 40 AND count(DISTINCT p_size) = 50 FROM part)`},
	{"names of parts", `(SELECT bool_and(len(list_distinct(string_split(p_name, ' '))) = 5) FROM part)
		AND (SELECT count(DISTINCT w) = 92 FROM (SELECT unnest(string_split(p_name, ' ')) AS w FROM part))`},
	{"four suppliers of a part", `(SELECT min(n) = 4 AND max(n) = 4 FROM (SELECT count(DISTINCT ps_suppkey) AS n FROM partsupp GROUP BY ps_partkey))`},
	{"a line is of a supplier of its part", `(SELECT count(*) = 0 FROM lineitem ANTI JOIN partsupp ON ps_partkey = l_partkey AND ps_suppkey = l_suppkey)`},
	{"one to seven lines", `(SELECT min(n) = 1 AND max(n) = 7 AND bool_and(n = last) FROM (SELECT count(*) AS n, max(l_linenumber) AS last FROM lineitem GROUP BY l_orderkey))`},
	{"price of a line", `(SELECT bool_and(l_extendedprice = l_quantity * p_retailprice) FROM lineitem JOIN part ON p_partkey = l_partkey)`},
	{"ranges of a line", `(SELECT min(l_quantity) = 1 AND max(l_quantity) = 50 AND min(l_discount) = 0 AND max(l_discount) = 0.1 AND min(l_tax) = 0 AND max(l_tax) = 0.08 FROM lineitem)`},
	{"price of an order", `(SELECT bool_and(abs(o_totalprice - s) <= 0.005) FROM orders JOIN
		(SELECT l_orderkey, sum(l_extendedprice * (1 + l_tax) * (1 - l_discount)) AS s FROM lineitem GROUP BY l_orderkey) ON l_orderkey = o_orderkey)`},
	{"status of an order", `(SELECT bool_and(o_orderstatus = CASE WHEN low = high THEN low ELSE 'P' END) AND count(DISTINCT o_orderstatus) = 3 FROM orders JOIN
		(SELECT l_orderkey, min(l_linestatus) AS low, max(l_linestatus) AS high FROM lineitem GROUP BY l_orderkey) ON l_orderkey = o_orderkey)`},
	{"status of a line", `(SELECT bool_and(l_linestatus = CASE WHEN l_shipdate > DATE '1995-06-17' THEN 'O' ELSE 'F' END
		AND (l_returnflag = 'N') = (l_receiptdate > DATE '1995-06-17')) AND count(DISTINCT l_returnflag) = 3 FROM lineitem)`},
	{"dates", `(SELECT min(o_orderdate) = DATE '1992-01-01' AND max(o_orderdate) = DATE '1998-08-02' FROM orders)
		AND (SELECT max(l_receiptdate) <= DATE '1998-12-31' AND min(l_shipdate - o_orderdate) = 1 AND max(l_shipdate - o_orderdate) = 121
			AND min(l_commitdate - o_orderdate) = 30 AND max(l_commitdate - o_orderdate) = 90
			AND min(l_receiptdate - l_shipdate) = 1 AND max(l_receiptdate - l_shipdate) = 30 FROM lineitem JOIN orders ON o_orderkey = l_orderkey)`},
	{"phones", `(SELECT bool_and(regexp_full_match(c_phone, '[0-9]{2}-[0-9]{3}-[0-9]{3}-[0-9]{4}') AND c_phone[:2]::INTEGER = c_nationkey + 10) AND count(DISTINCT c_nationkey) = 25 FROM customer)`},
	{"names", `(SELECT bool_and(s_name = printf('Supplier#%09d', s_suppkey)) FROM supplier) AND (SELECT max(o_clerk) = 'Clerk#000000020' FROM orders)`},
	{"words of orders", `(SELECT count(DISTINCT o_orderpriority) = 5 AND bool_and(o_shippriority = 0) FROM orders)
		AND (SELECT count(DISTINCT l_shipmode) = 7 AND count(DISTINCT l_shipinstruct) = 4 FROM lineitem) AND (SELECT count(DISTINCT c_mktsegment) = 5 FROM customer)`},
	{"lengths of comments", `(SELECT min(length(l_comment)) = 10 AND max(length(l_comment)) = 43 FROM lineitem)
		AND (SELECT min(length(o_comment)) = 19 AND max(length(o_comment)) = 78 FROM orders) AND (SELECT min(length(c_address)) = 10 AND max(length(c_address)) = 40 FROM customer)`},
	{"special requests", `(SELECT avg((o_comment LIKE '%special%requests%')::INTEGER) BETWEEN 0.008 AND 0.014 FROM orders)`},
}

func TestRules(t *testing.T) {
	dir := write(t, Options{Scale: 0.02, Seed: 1, Workers: 2})
	db, err := sql.Open("duckdb", "")
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	for _, f := range families {
		for _, table := range f.tables {
			if _, err := db.Exec(fmt.Sprintf("CREATE VIEW %s AS FROM '%s/*.parquet'", table.name, filepath.Join(dir, table.name))); err != nil {
				t.Fatal(err)
			}
		}
	}
	for _, r := range rules {
		var holds bool
		if err := db.QueryRow("SELECT coalesce(" + r.holds + ", false)").Scan(&holds); err != nil {
			t.Errorf("%s: %v", r.clause, err)
		} else if !holds {
			t.Errorf("%s does not hold", r.clause)
		}
	}
}

// Of 10,000 suppliers about five have complaints, and their words stay whole.
func TestOpinions(t *testing.T) {
	g := &generator{pool: newPool(1)}
	found := map[string]int{}
	for i := range int64(200_000) {
		s := streamOf(1, "supplier", i)
		text := g.opinion(&s)
		if len(text) < 25 || len(text) > 100 {
			t.Fatalf("%d characters: %s", len(text), text)
		}
		for _, about := range []string{"Complaints", "Recommends"} {
			if _, after, ok := strings.Cut(text, "Customer "); ok {
				if _, _, ok := strings.Cut(after, about); ok {
					found[about]++
				}
			}
		}
	}
	if c, r := found["Complaints"], found["Recommends"]; c < 70 || c > 130 || r < 70 || r > 130 {
		t.Errorf("%v of 200,000 suppliers; it should be 100 each", found)
	}
}

// At every scale a part has four suppliers, and from 240 suppliers on they are those
// of the specification.
func TestSuppliersOfAPart(t *testing.T) {
	for suppliers := int64(10); suppliers <= 400; suppliers++ {
		g := &generator{suppliers: suppliers}
		for part := int64(1); part <= suppliers*20; part++ {
			seen := map[int64]bool{}
			for n := range int64(4) {
				s := g.supplierOf(part, n)
				seen[s] = true
				if want := (part+n*(suppliers/4+(part-1)/suppliers))%suppliers + 1; s < 1 || s > suppliers || suppliers >= 240 && s != want {
					t.Fatalf("supplier %d of part %d of %d suppliers, want %d", s, part, suppliers, want)
				}
			}
			if len(seen) != 4 {
				t.Fatalf("part %d of %d suppliers has the suppliers %v", part, suppliers, seen)
			}
		}
	}
}
