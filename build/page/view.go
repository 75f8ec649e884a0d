package page

import (
	"cmp"
	"fmt"
	"html/template"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/buildscope/buildscope/model"
	"github.com/buildscope/buildscope/model/human"
)

// view is what the template shows: facts in the order and the words of the page.
type view struct {
	Policy string
	Style  template.CSS
	Script template.JS

	Facts
	Title     string
	Subject   string // last element of the path that was built
	Took      string
	Commit    string
	Figures   []figure
	Causes    []shownCause
	Path      []segment
	Waterfall waterfall
	Graph     *graph // nil: there is no plan
	Nodes     []shownNode
	MoreNodes int
	Tables    []shownTable

	Columns    []nodeColumns
	MoreCols   string        // what is left out of them
	MoreTables string        // what is left out of the statistics
	Set        []model.Value // settings that somebody or a profile set
	Defaults   []model.Value
	Artifacts  []Artifact
	MoreFails  int
	Missing    []string // what the page lacks, and why
}

// figure is one number of the summary.
type figure struct{ Name, Value, Note string }

// shownCause is a cause with its share of the build.
type shownCause struct {
	model.Cause
	Share int // of the wall time, 0 to 100
	ID    string
}

// segment is one step of the critical path: a node, or waiting in front of it.
type segment struct {
	Name   string // "" is waiting
	NS     int64
	X, W   int // in parts of Scale
	ID     string
	Failed bool
	Brief  bool // too short to be listed beside the others
}

// shownNode is a row of the table of nodes.
type shownNode struct {
	model.NodeExecution
	ID         string
	Generation int
	Planned    bool
	Critical   bool  // on the path that was really critical
	TookNS     int64 // nanoseconds
	WaitNS     int64 // for a worker, nanoseconds
	OffsetNS   int64 // of its start in the run, nanoseconds
	Share      string
	Columns    string // id of the entry of its columns, "" without one
}

// nodeIDs gives each node an id for links within the page. Names are not fit for it.
func nodeIDs(nodes []model.NodeExecution) map[string]string {
	ids := map[string]string{}
	for i, n := range nodes {
		ids[n.Name] = fmt.Sprintf("n%d", i)
	}
	return ids
}

func newView(f Facts, b bounds) view {
	m := f.Manifest
	v := view{Policy: policy(), Style: template.CSS(style), Script: template.JS(script), Facts: f, Took: "unknown"}
	v.Subject = filepath.Base(m.RepoRoot)
	if m.RepoRoot == "" {
		v.Subject = cmp.Or(m.Pipeline, "run")
	}
	v.Title = fmt.Sprintf("%s: %s", cut(v.Subject, b.text), m.Status)
	if end := f.ended(); !end.IsZero() && end.After(m.Started) {
		v.Took = human.Duration(end.Sub(m.Started))
	}
	v.Commit = f.Resource["vcs.ref.head.revision"]
	ids := nodeIDs(f.Execution.Nodes)
	t := newTimeline(f)
	v.Figures = figures(f)
	for _, c := range f.Causes[:min(len(f.Causes), b.listed)] {
		sc := shownCause{Cause: c, ID: ids[c.Node]}
		if f.Execution.WallNS > 0 {
			sc.Share = int(min(100, 100*c.CostNS/f.Execution.WallNS))
		}
		v.Causes = append(v.Causes, sc)
	}
	chosen := chooseNodes(f, b.nodes)
	v.MoreNodes = len(f.Execution.Nodes) - len(chosen)
	v.Nodes = showNodes(f, chosen, ids, t)
	shown := map[string]string{}
	for _, n := range v.Nodes {
		shown[n.Name] = n.ID
	}
	for i := range v.Causes {
		v.Causes[i].ID = shown[v.Causes[i].Node]
	}
	v.Path = criticalPath(f, shown, b.listed)
	v.Columns, v.MoreCols = showColumns(f, v.Nodes, b)
	entries := make(map[string]string, len(v.Columns)) // by the node's id
	for _, c := range v.Columns {
		entries[c.Node] = c.ID
	}
	for i := range v.Nodes {
		v.Nodes[i].Columns = entries[v.Nodes[i].ID]
	}
	v.Waterfall = newWaterfall(f, v.Nodes, t, b)
	v.Graph = newGraph(f, shown, b)
	v.Tables, v.MoreTables = showTables(f.Capture, b)
	for _, s := range f.Settings {
		if s.Source == "default" {
			v.Defaults = append(v.Defaults, s)
		} else {
			v.Set = append(v.Set, s)
		}
	}
	v.Artifacts = boundArtifacts(f.Artifacts, b)
	v.Failures = slices.Clone(f.Failures[:min(len(f.Failures), b.failures)])
	v.MoreFails = len(f.Failures) - len(v.Failures)
	for i := range v.Failures {
		if n := len(v.Failures[i].Blocked); n > mostBelow {
			v.Failures[i].Blocked = append(slices.Clone(v.Failures[i].Blocked[:mostBelow]), fmt.Sprintf("and %d more", n-mostBelow))
		}
	}
	if f.Spans.Missing != "" && len(f.Execution.Nodes) > 0 {
		v.Missing = append(v.Missing, "Spans: "+f.Spans.Missing+".")
	}
	if m.Status == model.RunIncomplete {
		v.Missing = append(v.Missing, "The process died before the run came to its end. This page has what it left.")
	}
	return v
}

// figures is the run at a glance.
func figures(f Facts) []figure {
	var ran, cached, failed, blocked int
	var rows int64
	for _, n := range f.Execution.Nodes {
		switch n.State {
		case model.NodeSucceeded:
			ran++
		case model.NodeCached:
			cached++
		case model.NodeFailed:
			failed++
		case model.NodeBlocked, model.NodeCancelled:
			blocked++
		}
		rows += n.Rows
	}
	var note []string
	for _, c := range []struct {
		n    int
		what string
	}{{ran, "ran"}, {cached, "cached"}, {failed, "failed"}, {blocked, "blocked or cancelled"}} {
		if c.n > 0 {
			note = append(note, fmt.Sprintf("%d %s", c.n, c.what))
		}
	}
	x := f.Execution
	out := []figure{{"nodes", human.Commas(int64(len(x.Nodes))), strings.Join(note, ", ")}}
	if x.WallNS > 0 {
		onPath := "" // the wall time does not have nodes that failed, the path has
		if x.CriticalNS <= x.WallNS {
			onPath = human.Percent(x.CriticalNS, x.WallNS) + " of the time"
		}
		out = append(out, figure{"nodes took", dur(x.WallNS), "of work " + dur(x.BusyNS)},
			figure{"critical path", dur(x.CriticalNS), onPath},
			figure{"parallelism", fmt.Sprintf("%.2f", x.Parallelism), fmt.Sprintf("%d workers", x.WorkersAllowed)})
	}
	out = append(out, figure{"rows", human.Count(rows), "of all nodes"})
	var made int64
	for _, o := range f.Locations.Outputs {
		made += o.Bytes
	}
	if len(f.Locations.Outputs) > 0 {
		out = append(out, figure{"outputs", human.Commas(int64(len(f.Locations.Outputs))), human.Bytes(made)})
	}
	var missing int64
	for _, e := range f.Exports {
		missing += e.Missing()
	}
	note = []string{"none exported"}
	if len(f.Exports) > 0 {
		note = []string{fmt.Sprintf("%s items lost", human.Commas(missing))}
	}
	return append(out, figure{"spans", human.Count(max(f.Manifest.SpansTotal, int64(f.Spans.Total))), note[0]})
}

// Mark is the sign of the node's state.
func (n shownNode) Mark() string { return mark(n.State) }

// chooseNodes keeps the nodes in order, and of too many those that failed and the
// longest.
func chooseNodes(f Facts, most int) []model.NodeExecution {
	nodes := f.Execution.Nodes
	if len(nodes) <= most {
		return nodes
	}
	order := make([]int, len(nodes))
	for i := range order {
		order[i] = i
	}
	failed := func(n model.NodeExecution) int {
		if n.State == model.NodeFailed {
			return 0
		}
		return 1
	}
	slices.SortStableFunc(order, func(a, b int) int {
		return cmp.Or(cmp.Compare(failed(nodes[a]), failed(nodes[b])), cmp.Compare(nodes[b].DurationNS(), nodes[a].DurationNS()))
	})
	order = order[:most]
	slices.Sort(order)
	out := make([]model.NodeExecution, len(order))
	for i, at := range order {
		out[i] = nodes[at]
	}
	return out
}

func showNodes(f Facts, nodes []model.NodeExecution, ids map[string]string, t timeline) []shownNode {
	planned := map[string]model.PlanNode{}
	for _, n := range f.Plan.Nodes {
		planned[n.Name] = n
	}
	critical := map[string]bool{}
	for _, n := range f.Execution.CriticalPath {
		critical[n] = true
	}
	var out []shownNode
	for _, n := range nodes {
		s := shownNode{NodeExecution: n, ID: ids[n.Name], Critical: critical[n.Name], TookNS: n.DurationNS()}
		if p, ok := planned[n.Name]; ok {
			s.Generation, s.Planned = p.Generation, true
		}
		if n.Start > 0 {
			s.OffsetNS = max(0, n.Start-t.start)
			if n.Ready > 0 {
				s.WaitNS = max(0, n.Start-n.Ready)
			}
		}
		s.Share = human.Percent(s.TookNS, f.Execution.WallNS)
		out = append(out, s)
	}
	return out
}

// criticalPath lays the steps of the real critical path one after the other, with
// the waiting between them.
func criticalPath(f Facts, ids map[string]string, most int) []segment {
	by := map[string]model.NodeExecution{}
	for _, n := range f.Execution.Nodes {
		by[n.Name] = n
	}
	var out []segment
	var first, at int64
	for _, name := range f.Execution.CriticalPath {
		n := by[name]
		if n.Start == 0 || n.End < n.Start {
			continue
		}
		if first == 0 {
			first = n.Start
			if n.Ready > 0 {
				first = min(n.Ready, n.Start)
			}
			at = first
		}
		if n.Start > at {
			out = append(out, segment{NS: n.Start - at})
		}
		out = append(out, segment{Name: name, NS: n.End - n.Start, ID: ids[name], Failed: n.State == model.NodeFailed})
		at = n.End
	}
	if len(out) > most {
		return nil // steps too thin to be seen; the table of nodes marks them
	}
	var x int64
	for i := range out {
		s := &out[i]
		s.X, s.W = scaled(x, at-first), scaled(s.NS, at-first)
		x += s.NS
		s.Brief = s.Name == "" && s.NS < (at-first)/100
	}
	return out
}

// boundArtifacts keeps the texts of all artifacts together below the bound, each
// getting as much as is left; of very many, the last are only named.
func boundArtifacts(list []Artifact, b bounds) []Artifact {
	out := slices.Clone(list[:min(len(list), b.listed)])
	left := b.artifacts
	for i := range out {
		out[i].Text = wholeLines([]byte(out[i].Text), left)
		left -= len(out[i].Text)
	}
	return out
}

// Cut says that the file has more than is shown.
func (a Artifact) Cut() bool { return int64(len(a.Text)) < a.Size }

// Clock is the moment of a time in UTC.
func (v view) Clock(t time.Time) string {
	if t.IsZero() {
		return "unknown"
	}
	return t.UTC().Format("2006-01-02 15:04:05 UTC")
}

// Trouble is the heading of what went wrong, "" when nothing did.
func (v view) Trouble() string {
	switch {
	case v.Manifest.Error != "" || len(v.Failures) > 0:
		return "Errors"
	case len(v.Missing) > 0:
		return "What is missing"
	}
	return ""
}

// Dirty says that the repository had changes that were not committed.
func (v view) Dirty() bool { return v.Resource["buildscope.vcs.dirty"] == "true" }
