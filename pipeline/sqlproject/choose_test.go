package sqlproject

import (
	"context"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/buildscope/buildscope/model"
	"github.com/buildscope/buildscope/pipeline"
)

func TestChoose(t *testing.T) {
	s, dir := session(t), filepath.Join(t.TempDir(), "shop")
	if _, err := WriteExample(dir); err != nil {
		t.Fatal(err)
	}
	nodes, err := Nodes(model.BuildSettings{RepoRoot: dir})
	if err != nil {
		t.Fatal(err)
	}
	g, err := pipeline.New(context.Background(), s, nodes...)
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct{ targets, exclude, want string }{
		{"countries", "", "countries"},
		{"customers", "", "countries customers raw_customers test_not_null_customers_country test_unique_customers_customer_id"},
		{"+customers", "tag:core", ""},
		{"raw_customers+", "orders", "countries customers raw_customers test_not_null_customers_country test_unique_customers_customer_id"},
		{"tag:mart", "test_rows_revenue_by_country", "countries customers orders raw_customers raw_orders revenue_by_country revenue_is_whole"},
		{"", "raw_customers", "countries orders raw_orders revenue_by_day test_accepted_values_orders_status test_not_null_orders_customer_id test_not_null_raw_orders_order_id test_unique_raw_orders_order_id test_unique_revenue_by_day_day"},
		{"customer", "tag:cor", "build.targets: customer is no node of this pipeline; did you mean customers?\nbuild.exclude: tag:cor is on no node of this pipeline; did you mean tag:core?"},
	} {
		part, err := g.Only(context.Background(), s, splitList(c.targets), splitList(c.exclude))
		got := ""
		switch {
		case err != nil && strings.Contains(err.Error(), "leaves no node"):
		case err != nil:
			got = err.Error()
		default:
			var names []string
			for _, n := range part.Nodes() {
				names = append(names, n.Name)
			}
			slices.Sort(names)
			got = strings.Join(names, " ")
		}
		if got != c.want {
			t.Errorf("%q without %q:\n got %s\nwant %s", c.targets, c.exclude, got, c.want)
		}
	}
}

func TestVariables(t *testing.T) {
	s := session(t)
	file := "[variables]\nlow = 2\nname = \"Bob\"\n[sources.people]\npath = \"data/people.json\"\n[sources.raw_orders]\npath = \"data/**/orders*.csv\"\n"
	files := map[string]string{FileName: file, "models/some.sql": "SELECT id FROM people WHERE id >= {{ low }} AND name <> '{{who}}'"}
	if _, err := run(t, s, project(t, files)); err == nil || !strings.Contains(err.Error(), "models/some.sql:1:58: there is no variable who") {
		t.Error(err)
	}
	files["models/some.sql"] = "SELECT id, '{{name}}' AS n FROM people WHERE id >= {{ low }}"
	dir := project(t, files)
	r, err := run(t, s, dir)
	if err != nil || cells(t, r, "some") != "2,Bob" {
		t.Errorf("%v", err)
	}
	for given, want := range map[string]string{"low": "{{low}}", "lo": "build.variables: lo is not under [variables] in " + FileName + "; did you mean low?"} {
		nodes, err := Nodes(model.BuildSettings{RepoRoot: dir, Variables: map[string]string{given: "{{low}}"}})
		if err == nil {
			i := slices.IndexFunc(nodes, func(n *pipeline.Node) bool { return n.Name == "some" })
			if _, err = pipeline.New(context.Background(), s, nodes[i]); err == nil {
				t.Fatal("a value was read as a placeholder")
			}
		}
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v, want %s", given, err, want)
		}
	}
}
