package engine

import (
	"fmt"
	"path/filepath"
	"strings"
	"testing"

	"github.com/buildscope/buildscope/model"
)

func TestQueryValues(t *testing.T) {
	s := open(t, Options{})
	for sql, want := range map[string]string{
		"SELECT 1::TINYINT AS a, 2::UINTEGER AS b, 3::HUGEINT AS c": "int64 1, int64 2, int64 3",
		"SELECT 18446744073709551615::UBIGINT AS a":                 "string 18446744073709551615",
		"SELECT 1.50::DECIMAL(9, 2) AS a, 2.5::FLOAT AS b":          "string 1.5, float64 2.5",
		"SELECT 'x' AS a, NULL AS b, true AS c":                     "string x, <nil> <nil>, bool true",
		"SELECT 'a'::BLOB AS a; -- end":                             "[]uint8 [97]",
	} {
		_, rows, err := s.Query(t.Context(), sql, 5)
		if err != nil {
			t.Errorf("%s: %v", sql, err)
			continue
		}
		var got []string
		for _, v := range rows[0] {
			got = append(got, fmt.Sprintf("%T %v", v, v))
		}
		if strings.Join(got, ", ") != want {
			t.Errorf("%s: %s, want %s", sql, strings.Join(got, ", "), want)
		}
	}
}

func TestQueryKeepsOrderAndLimit(t *testing.T) {
	s, dir := open(t, Options{Threads: 2}), t.TempDir()
	path := table(t, s, filepath.Join(dir, "t.parquet"), "SELECT range AS x, hash(range) AS h FROM range(500000)")
	if err := s.Bind(t.Context(), []model.QueryInput{input("t", path)}); err != nil {
		t.Fatal(err)
	}
	columns, rows, err := s.Query(t.Context(), "SELECT x FROM t ORDER BY x DESC", 3)
	if err != nil || fmt.Sprint(columns, rows) != "[x] [[499999] [499998] [499997]]" {
		t.Errorf("got %v %v, %v", columns, rows, err)
	}
	if columns, rows, err := s.Query(t.Context(), "FROM t", 0); err != nil || len(columns) != 2 || len(rows) != 0 {
		t.Errorf("limit 0: %v %v, %v", columns, rows, err)
	}
	if _, _, err := s.Query(t.Context(), "SELECT x,\n nope FROM t", 3); err == nil || !strings.Contains(err.Error(), "binder error at 2:2") {
		t.Errorf("error %v", err)
	}
	if _, _, err := s.Query(t.Context(), "DROP VIEW t", 3); err == nil || !strings.Contains(err.Error(), "only a SELECT") {
		t.Errorf("error %v", err)
	}
}
