package pane

import (
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/charmbracelet/x/ansi"

	"github.com/buildscope/buildscope/model"
	"github.com/buildscope/buildscope/otel/runview"
	"github.com/buildscope/buildscope/tui/theme"
	"github.com/buildscope/buildscope/tui/ui"
)

// operator is one with inputs; its time in milliseconds is in its name.
func operator(name string, ms int64, inputs ...model.Operator) model.Operator {
	return model.Operator{Name: name, TimeNS: ms * 1e6, Rows: 10, EstimatedRows: -1, Children: inputs}
}

func operatorsOf(sql string, root ...model.Operator) *Operators {
	p := NewOperators()
	p.SetSize(80, 40)
	p.SetQuery(runview.Statement{SQL: sql, Profile: &model.QueryProfile{Root: root}}, "", true)
	return p
}

// screen is what the pane shows, without colours and the spaces at the end of lines.
func operatorsScreen(p *Operators) string {
	var out []string
	for _, s := range p.Lines(Look{Theme: theme.New(theme.Options{NoColor: true}), Focused: true}) {
		out = append(out, strings.TrimRight(ansi.Strip(s), " "))
	}
	return strings.TrimRight(strings.Join(out, "\n"), "\n")
}

func treeNames(p *Operators) string {
	var out []string
	for _, l := range p.visible {
		if l.kind == opOperator {
			out = append(out, fmt.Sprintf("%d%s", p.ops[l.at].depth, p.ops[l.at].op.Name))
		}
	}
	return strings.Join(out, " ")
}

// A chain stands below each other, the inputs of a join go in, and a fold hides a
// chain with all that it reads.
func TestOperatorTree(t *testing.T) {
	p := operatorsOf("SELECT 1", operator("copy", 1, operator("join", 7, operator("filter", 2, operator("left", 3)), operator("right", 9))))
	if got := treeNames(p); got != "0copy 0join 1filter 1left 1right" {
		t.Fatalf("tree %s", got)
	}
	for i, want := range []string{"right", "join", "left", "filter"} { // by time
		if name, ok := p.Slowest(); !ok || name != want {
			t.Errorf("slowest %d is %s, not %s", i, name, want)
		}
	}
	p.Side(-1) // folds the chain of filter
	if got := treeNames(p); got != "0copy 0join 1filter 1right" || !strings.Contains(operatorsScreen(p), "▸ filter +1") || !strings.Contains(operatorsScreen(p), "5.0ms") {
		t.Errorf("folded: %s\n%s", got, operatorsScreen(p))
	}
	p.Side(-1) // to the join
	if at, _ := p.current(); p.ops[at].op.Name != "join" {
		t.Errorf("left of a folded chain leads to %s", p.ops[at].op.Name)
	}
	p.Side(-1)
	p.Side(-1)
	if got := treeNames(p); got != "0copy" {
		t.Errorf("all folded: %s", got)
	}
	p.SetSearch("LEFT")
	if !p.Next(1) || treeNames(p) != "0copy 0join 1filter 1left 1right" {
		t.Errorf("a hit is not unfolded: %s", treeNames(p))
	}
	if p.SetSearch("zebra"); p.Next(1) {
		t.Error("found a zebra")
	}
	if got := p.Copy(); !strings.HasPrefix(got, "left\t3.0ms, 14%\n10 rows out") {
		t.Errorf("copied %q", got)
	}
}

func TestEstimates(t *testing.T) {
	for _, tc := range []struct{ rows, expected, want int64 }{
		{100, 10, 0}, {101, 10, 10}, {10, 100, 0}, {10, 101, -10}, {0, 0, 0}, {0, 11, -11}, {11, 0, 11}, {5, -1, 0}, {1, 1 << 62, -(1 << 62)},
	} {
		if got := misjudged(&model.Operator{Rows: tc.rows, EstimatedRows: tc.expected}); got != tc.want {
			t.Errorf("%d rows, %d expected: %d, not %d", tc.rows, tc.expected, got, tc.want)
		}
	}
}

// A long statement is folded while there are operators; without them it is all there
// is to see, with the reason.
func TestLongStatements(t *testing.T) {
	sql := strings.Repeat("SELECT\n", 30)
	p := operatorsOf(sql, operator("copy", 1))
	if s := operatorsScreen(p); !strings.Contains(s, "▸ Statement 30 lines") || strings.Contains(s, "SELECT") {
		t.Errorf("not folded:\n%s", s)
	}
	if p.Toggle(); !strings.Contains(operatorsScreen(p), "SELECT") {
		t.Error("not unfolded")
	}
	p.SetQuery(runview.Statement{SQL: sql}, planDiagnostics, true)
	if s := operatorsScreen(p); !strings.Contains(s, "SELECT") || !strings.Contains(s, "enable_plan_diagnostics") {
		t.Errorf("without a profile:\n%s", s)
	}
}

func TestWhyThereAreNoOperators(t *testing.T) {
	profile := &model.QueryProfile{Root: []model.Operator{operator("copy", 1)}}
	for _, tc := range []struct {
		state model.NodeState
		query runview.Statement
		want  string
	}{
		{model.NodeSucceeded, runview.Statement{Profile: profile}, ""},
		{model.NodeSucceeded, runview.Statement{Profile: &model.QueryProfile{}}, "gave none"},
		{model.NodeSucceeded, runview.Statement{Cut: "unexpected end"}, "attribute_value_length_limit"},
		{model.NodeSucceeded, runview.Statement{}, "diagnostics.enable_plan_diagnostics was off"},
		{model.NodeCached, runview.Statement{}, "when it was filled"},
		{model.NodeRunning, runview.Statement{}, "has ended"},
		{model.NodeFailed, runview.Statement{}, "did not end well"},
		{model.NodeBlocked, runview.Statement{}, "not run"},
	} {
		got := noOperators(runview.Detail{Row: runview.Row{State: tc.state}, Query: tc.query})
		if !strings.Contains(got, tc.want) || (tc.want == "") != (got == "") {
			t.Errorf("%s: %q", tc.state, got)
		}
	}
}

// However a random plan is folded and walked, what shows is what a plain recursion
// over the plan with the same folds gives, and every line has the width of the pane.
func TestOperatorsLikeTheirTwin(t *testing.T) {
	rng := rand.New(rand.NewPCG(5, 6))
	n := 0
	var grow func(depth int) model.Operator
	grow = func(depth int) model.Operator {
		o := operator(fmt.Sprintf("op%d", n), rng.Int64N(50))
		n++
		for range map[bool]int{true: 0, false: []int{0, 1, 1, 1, 2, 2, 3}[rng.IntN(7)]}[depth > 12] {
			o.Children = append(o.Children, grow(depth+1))
		}
		return o
	}
	for range 40 {
		n = 0
		root := grow(0)
		p := operatorsOf("SELECT\n1", root)
		for range 60 {
			switch rng.IntN(6) {
			case 0:
				p.Toggle()
			case 1:
				p.Slowest()
			case 2:
				p.Side(2*rng.IntN(2) - 1)
			case 3:
				p.SetSize(1+rng.IntN(120), 1+rng.IntN(40))
			default:
				p.Move(rng.IntN(9) - 4)
			}
			var want []string
			at := 0
			var walk func(o model.Operator, depth int, head, hidden bool)
			walk = func(o model.Operator, depth int, head, hidden bool) {
				me := at
				at++
				if !hidden {
					want = append(want, fmt.Sprintf("%d%s", depth, o.Name))
				}
				inside := hidden || head && p.folded[me]
				join := len(o.Children) > 1
				for _, c := range o.Children {
					walk(c, depth+map[bool]int{true: 1}[join], join, inside)
				}
			}
			walk(root, 0, true, false)
			if got := treeNames(p); got != strings.Join(want, " ") {
				t.Fatalf("shown %s\nwant  %s", got, strings.Join(want, " "))
			}
			for _, s := range p.Lines(Look{Theme: theme.New(theme.Options{})}) {
				if ui.Width(s) != p.w {
					t.Fatalf("a line of %d cells in a pane of %d: %q", ui.Width(s), p.w, s)
				}
			}
		}
	}
}

// Tokens make up the line again, in the colours of what they are.
func TestSQLTokens(t *testing.T) {
	th := theme.New(theme.Options{})
	for _, tc := range []struct{ text, want string }{
		{"SELECT a.b, 'x''y' -- it's", "K:SELECT| |a|.|b|, |S:'x'|S:'y'| |D:-- it's"},
		{"x::INT>=10/*c*/FROM\"from\"", "x|::|INT|>=|N:10|D:/*c*/|K:FROM|\"from\""},
		{"a--b", "a|D:--b"}, {"'open", "S:'open"}, {"/* open", "D:/* open"}, {"größe = 1", "größe| = |N:1"},
	} {
		var got []string
		for s := tc.text; s != ""; {
			n, paint := sqlToken(th, s)
			kind := map[theme.Paint]string{th.Accent: "K:", th.Good: "S:", th.Dim: "D:", th.Info: "N:"}[paint]
			got = append(got, kind+s[:n])
			s = s[n:]
		}
		if text := strings.Join(got, "|"); text != tc.want {
			t.Errorf("%q: %s, not %s", tc.text, text, tc.want)
		}
	}
}

func FuzzSQLTokens(f *testing.F) {
	f.Add("SELECT 'a' -- b /* c */ \"d\"")
	f.Fuzz(func(t *testing.T, s string) {
		th := theme.New(theme.Options{})
		for s = ui.Clean(s); s != ""; {
			n, _ := sqlToken(th, s)
			if n <= 0 || n > len(s) {
				t.Fatalf("a token of %d bytes of %q", n, s)
			}
			s = s[n:]
		}
	})
}

// A column tells what it is computed from, where its node has one table.
func TestOriginsOfColumns(t *testing.T) {
	p := NewStatistics()
	p.SetSize(100, 30)
	columns := []model.ColumnStats{{Name: "total", Type: "double", Count: 3}, {Name: "n", Type: "int64", Pos: 1, Count: 3}}
	p.SetTables("m", []model.TableStats{{Table: "m", Rows: 3, Columns: columns}})
	shows := func(want string) {
		t.Helper()
		if text := ansi.Strip(strings.Join(p.Lines(Look{Theme: theme.New(theme.Options{NoColor: true})}), "\n")); want == "" && strings.Contains(text, "from") || !strings.Contains(text, want) {
			t.Errorf("no %q in\n%s", want, text)
		}
	}
	shows("")
	p.SetOrigins([]model.Origin{{Column: "total", From: []string{"orders.amount", "rates.rate"}}, {Column: "n"}})
	shows("from     orders.amount, rates.rate")
	p.Move(1)
	shows("from     no column")
	p.SetTables("m", []model.TableStats{{Table: "m", Columns: columns}, {Table: "k"}})
	p.Move(0)
	shows("")
}

// A plan of which nothing is known but what was expected has no times and no slowest.
func TestOperatorsUntold(t *testing.T) {
	o := operator("scan", 0)
	o.Rows, o.EstimatedRows = -1, 175
	p := NewOperators()
	p.SetSize(80, 40)
	p.SetQuery(runview.Statement{SQL: "SELECT 1", Profile: &model.QueryProfile{Engine: model.EngineFlightSQL, LatencyNS: 1e6, Root: []model.Operator{o}}}, "", true)
	p.SetSearch("scan")
	p.Next(1)
	if got := operatorsScreen(p); strings.Contains(got, "0ns") || strings.Contains(got, "slowest") || !strings.Contains(got, "175") || !strings.Contains(got, "not reported by the server") {
		t.Errorf("it says\n%s", got)
	}
	if got := p.Copy(); !strings.HasPrefix(got, "scan\n") {
		t.Errorf("copied %q", got)
	}
}
