package sqlproject

import (
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/buildscope/buildscope/model"
)

func TestParseTest(t *testing.T) {
	for text, want := range map[string]Test{
		"not_null id":                          {Kind: "not_null", Columns: []string{"id"}, Severity: "error", Text: "not_null id"},
		"unique a, b severity=warn":            {Kind: "unique", Columns: []string{"a", "b"}, Severity: "warn", Text: "unique a, b"},
		"accepted_values s: new, paid out":     {Kind: "accepted_values", Columns: []string{"s"}, Values: []string{"new", "paid out"}, Severity: "error", Text: "accepted_values s: new, paid out"},
		"relationships c: people.id":           {Kind: "relationships", Columns: []string{"c"}, Table: "people", Key: "id", Severity: "error", Text: "relationships c: people.id"},
		"rows 1..1000":                         {Kind: "rows", Min: 1, Max: 1000, Severity: "error", Text: "rows 1..1000"},
		"rows 5..":                             {Kind: "rows", Min: 5, Max: -1, Severity: "error", Text: "rows 5.."},
		"freshness updated_at: 36h":            {Kind: "freshness", Columns: []string{"updated_at"}, Age: 36 * time.Hour, Severity: "error", Text: "freshness updated_at: 36h"},
		" freshness at : 90m  severity=error ": {Kind: "freshness", Columns: []string{"at"}, Age: 90 * time.Minute, Severity: "error", Text: "freshness at : 90m"},
	} {
		if got, err := ParseTest(text); err != nil || !reflect.DeepEqual(got, want) {
			t.Errorf("%q: %+v, %v\nwant %+v", text, got, err, want)
		}
	}
	for text, want := range map[string]string{
		"":                         "unknown test ",
		"notnull id":               "unknown test notnull; did you mean not_null?",
		"not_null":                 "test not_null: it needs a column",
		"not_null a, b":            "test not_null: it takes one column",
		"accepted_values s":        "it needs values",
		"relationships c: people":  "it needs a table and its column",
		"rows 10":                  `"10" is no range of rows`,
		"rows 10..1":               `"10..1" is no range of rows`,
		"freshness at: 1 day":      "it needs the highest age",
		"unique id severity=fatal": `severity is "fatal"; it must be error or warn`,
	} {
		if _, err := ParseTest(text); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: %v, want %s", text, err, want)
		}
	}
}

// Every kind of test finds what it is for, and nothing where there is nothing.
func TestDataTests(t *testing.T) {
	s := session(t)
	for _, c := range []struct {
		test, sql string
		want      string // the sample; "" when the test passes
	}{
		{"not_null v", "SELECT 1 AS v", ""},
		{"not_null v", "SELECT 1 AS k, NULL::INTEGER AS v", "k=1, v=NULL"},
		{"unique v", "SELECT unnest([1, 2]) AS v", ""},
		{"unique v", "SELECT unnest([1, 2, 2]) AS v", "v=2, rows=2"},
		{"unique v, w", "SELECT unnest([1, 1]) AS v, unnest([1, 2]) AS w", ""},
		{"accepted_values v: 1, it's", "SELECT unnest(['1', 'it''s', NULL]) AS v", ""},
		{"accepted_values v: 1, 2", "SELECT unnest([1, 3]) AS v", "v=3, rows=1"},
		{"relationships v: people.id", "SELECT unnest([1, 2, NULL]) AS v", ""},
		{"relationships v: people.id", "SELECT unnest([1, 5]) AS v", "v=5, rows=1"},
		{"rows 1..2", "SELECT 1 AS v", ""},
		{"rows 2..", "SELECT 1 AS v", "rows=1"},
		{"rows ..2", "SELECT unnest([1, 2, 3]) AS v", "rows=3"},
		{"freshness v: 1h", "SELECT now() AS v", ""},
		{"freshness v: 1h", "SELECT DATE '2000-01-01' AS v", "newest=2000-01-01"},
		{"freshness v: 1h", "SELECT NULL::TIMESTAMP AS v", "newest=NULL"},
	} {
		for _, severity := range []string{model.SeverityError, model.SeverityWarn} {
			dir := project(t, map[string]string{"models/t.sql": "-- @test " + c.test + " severity=" + severity + "\n" + c.sql})
			for _, from := range []string{"run", "cache"} {
				r, err := run(t, s, dir)
				if fails := c.want != "" && severity == model.SeverityError; (err != nil) != fails || fails && !strings.Contains(err.Error(), c.want) {
					t.Fatalf("%s over %s (%s, from the %s): %v", c.test, c.sql, severity, from, err)
				}
				p, ok := r.DataTests()
				if !ok || len(p.Tests) != 1 || p.Tests[0].Passed != (c.want == "") || strings.Join(p.Tests[0].Sample, "; ") != c.want {
					t.Errorf("%s over %s (%s, from the %s): %+v, want %q", c.test, c.sql, severity, from, p, c.want)
				}
			}
		}
	}
}

// The example builds, all its tests pass, and it is not written over itself.
func TestExample(t *testing.T) {
	s, dir := session(t), filepath.Join(t.TempDir(), "shop")
	if files, err := WriteExample(dir); err != nil || len(files) < 5 {
		t.Fatal(files, err)
	}
	r, err := run(t, s, dir)
	if err != nil {
		t.Fatal(err)
	}
	if p, _ := r.DataTests(); p.Passed != 10 || p.Warned+p.Failed+p.NotRun != 0 {
		t.Errorf("%+v", p)
	}
	if err := os.Remove(filepath.Join(dir, FileName)); err != nil {
		t.Fatal(err)
	}
	if _, err := WriteExample(dir); err == nil || !strings.Contains(err.Error(), "is there already") {
		t.Error(err)
	}
	if Exists(dir) {
		t.Error("files were written into a folder that has some")
	}
}

// A test of its own SQL has its file's severity, and seeds are tables.
func TestOwnSQL(t *testing.T) {
	s := session(t)
	dir := project(t, map[string]string{"seeds/codes.csv": "code\nX\n", "tests/none.sql": "-- No codes.\n-- @severity warn\nSELECT * FROM codes"})
	r, err := run(t, s, dir)
	p, _ := r.DataTests()
	if err != nil || p.Warned != 1 || p.Tests[0].Check != "No codes." || p.Tests[0].Sample[0] != "code=X" {
		t.Errorf("%+v, %v", p, err)
	}
	for _, c := range []struct{ file, text, want string }{
		{"models/orders.sql", "-- @severity warn\nSELECT 1", "@severity is for the files of the folder tests"},
		{"tests/x.sql", "-- @severity fatal\nSELECT 1", `@severity is "fatal"; it must be error or warn`},
		{"models/orders.sql", "-- @test uniqe id\nSELECT 1", "models/orders.sql: line 1: unknown test uniqe; did you mean unique?"},
		{"models/orders.sql", "-- @test unique nix\nSELECT 1 AS id", "Referenced column \"nix\" not found"},
	} {
		if _, err := run(t, s, project(t, map[string]string{c.file: c.text})); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: %v\nwant %s", c.file, err, c.want)
		}
	}
}
