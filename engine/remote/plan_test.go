package remote

import (
	"fmt"
	"strings"
	"testing"

	"github.com/buildscope/buildscope/engine"
	"github.com/buildscope/buildscope/model"
)

const planText = `== Physical Plan ==
ProjectionExec: expr=[#25@0 as l_orderkey, #26@1 as n], statistics=[Rows=Inexact(1), Bytes=Inexact(16), [(Col[0]:),(Col[1]:)]], schema=[l_orderkey:Int64, n:Int64]
  CoalescePartitionsExec, statistics=[Rows=Absent, Bytes=Absent, [(Col[0]:)]], schema=[#0:Int64]
    HashJoinExec: mode=Partitioned, join_type=Inner, on=[(#0@0, #16@0)], projection=[#0@0], statistics=[Rows=Exact(12)], schema=[#0:Int64]
      DataSourceExec: file_groups={2 groups: [[data/lineitem/part-000.parquet:4..8078264], [data/lineitem/part-001.parquet]]}, projection=[l_orderkey@0 as #0], file_type=parquet, statistics=[Rows=Inexact(599629)], schema=[#0:Int64]
      FilterExec: o_orderdate@1 > 1995-01-01, projection=[o_orderkey@0], statistics=[Rows=Absent], schema=[o_orderkey:Int64]
        DataSourceExec: file_groups={1 group: [[data/orders/part-000.parquet]]}, predicate=o_orderdate@4 > 1995-01-01, schema=[]
`

func show(b *strings.Builder, ops []model.Operator, depth int) {
	for _, op := range ops {
		fmt.Fprintf(b, "%s%s rows=%d expected=%d %s %s\n", strings.Repeat("  ", depth), op.Name, op.Rows, op.EstimatedRows, op.Extra["Table"], op.Extra["Filters"])
		show(b, op.Children, depth+1)
	}
}

func TestParsePlan(t *testing.T) {
	ops := parsePlan("== Parsed Logical Plan ==\nSort: a\n\n" + planText)
	nameTables(ops, []engine.Input{{Name: "orders", Files: files("/data/orders/part-000.parquet")}, {Name: "lineitem", Files: files("/data/lineitem/part-000.parquet")}})
	var b strings.Builder
	show(&b, ops, 0)
	want := `Projection rows=-1 expected=1  
  CoalescePartitions rows=-1 expected=-1  
    HashJoin rows=-1 expected=12  
      DataSource rows=-1 expected=599629 lineitem 
      Filter rows=-1 expected=-1  
        DataSource rows=-1 expected=-1 orders o_orderdate@4 > 1995-01-01
`
	if b.String() != want {
		t.Errorf("got\n%s\nwant\n%s", b.String(), want)
	}
	join := ops[0].Children[0].Children[0]
	if join.Extra["join_type"] != "Inner" || join.Extra["on"] != "[(#0@0, #16@0)]" {
		t.Errorf("the join tells %v", join.Extra)
	}
	if f := join.Children[1]; f.Extra[""] != "o_orderdate@1 > 1995-01-01" {
		t.Errorf("the filter tells %v", f.Extra)
	}
}

// FuzzParsePlan holds that a plan of any text has an operator for each line at most, and
// no deeper tree than viewers walk.
func FuzzParsePlan(f *testing.F) {
	for _, seed := range []string{planText, "a\n b\n  c\n b", "== Physical Plan ==", "a: b=[", "a: ]]], c=", ", ", "   a\n  b\n a"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		n := 0
		var walk func(ops []model.Operator, depth int)
		walk = func(ops []model.Operator, depth int) {
			if depth > maxDepth+1 {
				t.Fatalf("%d deep", depth)
			}
			for _, op := range ops {
				n++
				walk(op.Children, depth+1)
			}
		}
		walk(parsePlan(text), 0)
		if lines := strings.Count(text, "\n") + 1; n > lines {
			t.Fatalf("%d operators of %d lines", n, lines)
		}
	})
}
