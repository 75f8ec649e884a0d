package build

import (
	"fmt"
	"strings"
	"testing"

	"github.com/buildscope/buildscope/model"
)

func TestOriginsMarkdown(t *testing.T) {
	query := func(node string, origins ...model.Origin) model.NodeQuery {
		return model.NodeQuery{Node: node, Profile: model.QueryProfile{Origins: origins}}
	}
	queries := []model.NodeQuery{
		query("orders", model.Origin{Column: "amount", From: []string{"raw.cents"}}, model.Origin{Column: "day", From: []string{"raw.at"}}),
		query("revenue", model.Origin{Column: "Total|sum", From: []string{"Orders.amount", "rates.rate"}}, model.Origin{Column: "n", From: []string{}}, model.Origin{Column: "day", From: []string{"orders.day"}}),
		query("hidden", model.Origin{Column: "x", From: []string{"raw.x"}}),
	}
	var b strings.Builder
	p := func(format string, args ...any) { fmt.Fprintf(&b, format+"\n", args...) }
	originsMarkdown(p, []model.OutputLocation{{Name: "revenue"}, {Name: "of_go"}}, queries)
	want := `## Where columns come from

| column | from | in the end from |
|---|---|---|
| revenue.Total\|sum | Orders.amount, rates.rate | rates.rate, raw.cents |
| revenue.n | - |  |
| revenue.day | orders.day | raw.at |

`
	if b.String() != want {
		t.Errorf("%s", b.String())
	}
	b.Reset()
	originsMarkdown(p, []model.OutputLocation{{Name: "of_go"}}, queries)
	if b.String() != "" {
		t.Errorf("%s", b.String())
	}
	var many []model.Origin
	for i := range mostOrigins + 5 {
		many = append(many, model.Origin{Column: fmt.Sprint("c", i)})
	}
	originsMarkdown(p, []model.OutputLocation{{Name: "wide"}}, []model.NodeQuery{query("wide", many...)})
	if lines := strings.Count(b.String(), "| wide."); lines != mostOrigins || !strings.Contains(b.String(), "5 columns more are in plan_execution_v1.") {
		t.Errorf("%d lines", lines)
	}
}
