package tui

import (
	"fmt"
	"regexp"
	"strings"
	"testing"

	tea "charm.land/bubbletea/v2"
	"github.com/charmbracelet/x/ansi"

	"github.com/buildscope/buildscope/model"
)

// Every view in ASCII, at the sizes that people have.
func TestViewFrames(t *testing.T) {
	for _, size := range []struct{ w, h int }{{80, 24}, {120, 40}} {
		for i, name := range []string{"waterfall", "graph", "table"} {
			t.Run(fmt.Sprintf("%s %dx%d", name, size.w, size.h), func(t *testing.T) {
				d := newDriver(t, size.w, size.h, Options{Run: newRun().fail(), Subject: "requests"})
				d.send(tea.EnvMsg{"LC_ALL=C"})
				d.Press("g", "down", "right")
				for range i + 1 {
					d.Press("t")
				}
				d.Expect("extract_python").Golden()
			})
		}
	}
}

// expectNode waits until a node of the graph is the selected one.
func expectNode(d *driver, name string) *driver {
	d.t.Helper()
	marked := regexp.MustCompile("▌ \\S " + name)
	return d.until("selecting "+name, func() bool { return marked.MatchString(d.Screen()) })
}

// Whatever the view, the same row is selected and its details show.
func TestViewsKeepTheSelection(t *testing.T) {
	d := newDriver(t, 120, 40, Options{Run: newRun().midway()})
	d.Open("extract_python").Press("down", "down").ExpectSelected("mod_1.py")
	for range 3 {
		for range rowPanes {
			d.Press("t")
			if d.m.rows == paneGraph {
				expectNode(d, "extract_python") // the node that it is in
			} else {
				d.ExpectSelected("mod_1.py")
			}
			if row, _ := d.m.tree.Selected(); row.Name != "mod_1.py" {
				t.Fatalf("%s: %s is selected", paneNames[d.m.rows], row.Name)
			}
			d.Expect("mod_1.py  [Stats]")
		}
	}
	if d.m.rows != paneTree {
		t.Errorf("three times around ends in %s", paneNames[d.m.rows])
	}
	d.Press("g", ":").Type("view.graph").Press("enter").Expect("Graph")
	expectNode(d, "scan_repo").Press("tab", "t").ExpectSelected("scan_repo").Expect("Nodes ")
	if d.m.focused() != paneGrid {
		t.Error("the new view has not got the keys")
	}
}

// Arrow keys go along the edges.
func TestMovingInTheGraph(t *testing.T) {
	d := newDriver(t, 120, 40, Options{Run: newRun().fail()}).Press("t", "t", "g")
	for _, step := range [][2]string{
		{"right", "extract_python"}, {"down", "extract_go"}, {"down", "extract_go"}, {"right", "cpg_nodes"}, {"up", "cpg_edges"},
		{"right", "cpg_edges"}, {"left", "relate_scopes"}, {"left", "extract_python"}, {"end", "cpg_edges"}, {"home", "scan_repo"}, {"left", "scan_repo"},
	} {
		expectNode(d.Press(step[0]), step[1])
		if row, _ := d.m.tree.Selected(); row.Name != step[1] {
			t.Fatalf("the tree has %s selected, not %s", row.Name, step[1])
		}
	}
	d.Expect("generation 0, read by extract_python ext")
}

// A filter is the same in every view.
func TestAFilterInEveryView(t *testing.T) {
	d := newDriver(t, 120, 40, Options{Run: newRun().fail()}).Press("g", "/").Type("kind:sql").Press("enter")
	for range rowPanes {
		if d.Press("t").Expect("hidden"); d.m.rows == paneGraph {
			expectNode(d.Expect("· extract_go").Press("left", "up", "home", "end"), "relate_scopes") // the others are out of reach
		} else {
			d.ExpectSelected("relate_scopes").ExpectNot("extract_go")
		}
	}
	d.Press("/").Type(" dur>2").Expect(`"2" is no length of time`).Press("esc").Press("t", "t", "/").Press("ctrl+u").Type("sessions.py").Press("enter")
	expectNode(d, "extract_python").Expect("· extract_go") // the node below which it is
	d.Press("esc").Expect("✔ extract_go")
}

// The table is sorted by any column, both ways.
func TestSortingTheTable(t *testing.T) {
	d := newDriver(t, 200, 40, Options{Run: newRun().fail()}).Press("g", "t", "t", "t").Expect("time ↓")
	names := func() (out []string) {
		for _, r := range d.m.live.db.Window(d.m.tree.Query(0, d.m.live.now.UnixNano())).Rows {
			out = append(out, r.Name)
		}
		return out
	}
	check := func(want string) {
		t.Helper()
		if got := strings.Join(names(), " "); got != want {
			t.Errorf("%s\nwant %s", got, want)
		}
	}
	check("extract_python cpg_nodes relate_scopes scan_repo extract_go cpg_edges")
	d.Press("d").Expect("time ↑", "least or first first")
	check("cpg_edges extract_go scan_repo relate_scopes cpg_nodes extract_python")
	d.Press("<").Expect("start ↑", "sorted by start")
	check("scan_repo extract_python extract_go relate_scopes cpg_nodes cpg_edges")
	d.Press("<").Expect("state ↑")
	check("relate_scopes cpg_edges scan_repo extract_python extract_go cpg_nodes")
	d.Press("left").Expect("name ↑")
	check("cpg_edges cpg_nodes extract_go extract_python relate_scopes scan_repo")
	d.Press("<").Expect("errors ↓").Press("a").Expect("Nodes and spans").ExpectSelected("scan_repo")
	if all := names(); all[0] != "extract_python" || all[1] != "relate_scopes" || all[2] != "sessions.py" || len(all) != 13 {
		t.Errorf("%q", all)
	}
	d.Press("g", "down", "down").ExpectSelected("sessions.py").Press("a").ExpectSelected("extract_python").ExpectNot("Nodes and spans")
	d.Press("e").ExpectSelected("sessions.py").Expect("Nodes and spans") // a span is revealed in a table that has spans
}

// The waterfall shows any part of the time, and when a node waited.
func TestZoomingTheWaterfall(t *testing.T) {
	r := newRun().midway()
	r.db.SetNode(model.NodeExecution{Name: "extract_go", State: model.NodeSucceeded, Ready: at(210), Start: at(8000), End: at(12000)}, nil)
	d := newDriver(t, 120, 40, Options{Run: r}).Press("g", "t").Expect("│0", "│10s")
	row := func(name string) string {
		for _, line := range strings.Split(d.Screen(), "\n") {
			if strings.Contains(line, name) {
				return line
			}
		}
		return ""
	}
	if line := row("extract_go"); !strings.Contains(line, "┄┄█████") {
		t.Errorf("it did not wait: %s", line)
	}
	if line := row("extract_python"); !strings.Contains(line, "▒▶") {
		t.Errorf("the bar does not run: %s", line)
	}
	d.Press("0").Expect("this is the whole run").Press(".").Expect("0 to 231ms", "│100ms")
	if line := row("extract_go"); !strings.Contains(line, "› ") {
		t.Errorf("what ran later is not marked: %s", line)
	}
	d.Press("-").Expect("0 to 462ms").Press("+").Expect("0 to 231ms").Press("<").Expect("there is nothing earlier").Press(">").Expect("57.75ms to 288.75ms")
	d.Press("0").ExpectNot(" to 288")
	for range 60 {
		d.Press("+")
	}
	d.Expect("this is as close as it gets").Press("t").Expect("Graph")
}

// An order is asked for to see its first row. Who has not chosen a row is taken
// there, also from where following the build ended; a row that was chosen stays.
func TestAnOrderShowsItsFirstRow(t *testing.T) {
	r := newRun().midway()
	d := newDriver(t, 80, 24, Options{Run: r}).Expect("following")
	r.node("extract_python", at(215), at(12400), 601064)
	r.node("cpg_edges", at(13310), 0, 0)
	d.ExpectSelected("cpg_edges")
	r.node("cpg_edges", at(13310), at(13900), 98402)
	r.end(model.RunSucceeded, at(14000))
	d.Expect("build succeeded").ExpectSelected("cpg_edges")
	d.Press("s").Expect("ordered by time").ExpectSelected("extract_python")
	r2 := newRun().midway()
	d2 := newDriver(t, 80, 24, Options{Run: r2}).Expect("following").Press("s").Expect("ordered by time", "following")
	r2.node("cpg_edges", at(13310), 0, 0)
	d2.ExpectSelected("cpg_edges")
	r2.node("extract_python", at(215), at(12400), 601064)
	r2.node("cpg_edges", at(13310), at(13900), 98402)
	r2.end(model.RunSucceeded, at(14000))
	d2.Expect("build succeeded").ExpectSelected("extract_python")
	d.Press("t", "t", "t").Expect("time ↓").ExpectSelected("extract_python")
	d.Press("d").Expect("least or first first").ExpectNot("▌  ✔ extract_python")
	row, _ := d.m.tree.Selected()
	d.Press("down", "up", "d").Expect("most or last first").ExpectSelected(row.Name)
}

// A click on a node of the graph selects it, one between nodes does nothing.
func TestMouseInTheGraph(t *testing.T) {
	d := newDriver(t, 120, 40, Options{Run: newRun().succeed(), Subject: "requests"})
	d.Press("g", ":").Type("view.graph").Press("enter").Expect("Graph")
	for _, name := range []string{"extract_python", "scan_repo", "relate_scopes"} {
		x, y := -1, -1
		for line, text := range strings.Split(d.Screen(), "\n") {
			if at := strings.Index(text, "✔ "+name); at >= 0 && x < 0 {
				x, y = ansi.StringWidth(text[:at]), line
			}
		}
		if x < 0 {
			t.Fatalf("%s is not on\n%s", name, d.Screen())
		}
		d.send(tea.MouseClickMsg{X: x + 2, Y: y + 1, Button: tea.MouseLeft})
		expectNode(d, name)
	}
	d.send(tea.MouseClickMsg{X: 1, Y: 36, Button: tea.MouseLeft})
	expectNode(d, "relate_scopes")
}
