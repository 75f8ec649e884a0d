package compare

import (
	"cmp"
	"slices"
	"time"

	"github.com/buildscope/buildscope/model"
)

// Side names one of the two runs.
type Side struct {
	RunID   string         `json:"run_id"`
	Status  model.RunState `json:"status"`
	Profile string         `json:"profile"`
	Workers int            `json:"workers"`          // 0 when unknown
	Sources string         `json:"commit,omitempty"` // in few letters, + when files differed from it
	Started time.Time      `json:"started"`
	TookNS  int64          `json:"took_ns"` // 0 when it did not end
	Cached  int            `json:"nodes_cached"`
	Ran     int            `json:"nodes_ran"`
}

// Setting is one that has not the same value in both runs.
type Setting struct {
	Key     string `json:"key"`
	A       string `json:"a"`
	B       string `json:"b"`
	SourceA string `json:"source_a"` // "" when that version has no such setting
	SourceB string `json:"source_b"`
}

// Node is one that both runs have.
type Node struct {
	Name    string          `json:"name"`
	StateA  model.NodeState `json:"state_a"`
	StateB  model.NodeState `json:"state_b"`
	ANS     int64           `json:"a_ns"` // 0 when it did not run there
	BNS     int64           `json:"b_ns"`
	RowsA   int64           `json:"rows_a"`
	RowsB   int64           `json:"rows_b"`
	Code    bool            `json:"code_changed"`
	Files   bool            `json:"files_changed"` // of a source of a SQL project
	Noise   Noise           `json:"earlier"`
	Verdict Verdict         `json:"verdict"` // of B against earlier runs
}

// Over is by how many percent B's time is above what is usual, 0 when unknown.
func (n Node) Over() float64 { return percent(n.BNS, n.Noise.MedianNS) }

// Output is a published table that is not the same in both runs.
type Output struct {
	Name   string `json:"name"`
	Change string `json:"change"` // added, removed, schema, content
	RowsA  int64  `json:"rows_a"`
	RowsB  int64  `json:"rows_b"`
}

// Comparison is what is different in run B, seen from run A.
type Comparison struct {
	A            Side      `json:"a"`
	B            Side      `json:"b"`
	Earlier      int       `json:"earlier_runs"`
	Inputs       bool      `json:"inputs_changed"`
	Files        []File    `json:"files"` // see Files; null when not known
	Settings     []Setting `json:"settings"`
	Added        []string  `json:"nodes_added"`
	Removed      []string  `json:"nodes_removed"`
	Nodes        []Node    `json:"nodes"` // in both; largest difference of time first
	Plans        []Plan    `json:"plans"` // that are not the same, in the order of Nodes
	CaptureSides int       `json:"captured_in"`
	Columns      []Drift   `json:"columns"`
	Outputs      []Output  `json:"outputs"`
	SameOutputs  int       `json:"outputs_same"`
}

// Runs compares two runs. Earlier are those that tell what is usual for B: B itself
// is left out, so that it is not judged by itself.
func Runs(a, b Run, earlier []Run) Comparison {
	earlier = slices.DeleteFunc(slices.Clone(earlier), func(r Run) bool { return r.ID == b.ID })
	c := Comparison{A: side(a), B: side(b), Earlier: len(earlier), Inputs: a.InputsHash != b.InputsHash,
		Settings: settings(a.Settings, b.Settings), Added: []string{}, Removed: []string{}, Nodes: []Node{}}
	c.nodes(a, b, earlier)
	c.plans(a.Queries, b.Queries)
	c.Columns, c.CaptureSides = drift(a.Tables, b.Tables)
	c.outputs(a.Outputs, b.Outputs)
	return c
}

func side(r Run) Side {
	s := Side{RunID: r.ID, Status: r.Status, Profile: r.Profile, Workers: r.Workers, Sources: r.Sources, Started: r.Started}
	if !r.Ended.IsZero() {
		s.TookNS = int64(r.Ended.Sub(r.Started))
	}
	for _, n := range r.Nodes {
		switch n.State {
		case model.NodeCached:
			s.Cached++
		case model.NodeSucceeded:
			s.Ran++
		}
	}
	return s
}

// byKey makes a map of a list.
func byKey[T any](list []T, key func(T) string) map[string]T {
	m := make(map[string]T, len(list))
	for _, v := range list {
		m[key(v)] = v
	}
	return m
}

func settings(a, b []model.Value) []Setting {
	key := func(v model.Value) string { return v.Key }
	inA, inB := byKey(a, key), byKey(b, key)
	out := []Setting{}
	for k, v := range inA {
		if w, both := inB[k]; !both || v.Text != w.Text {
			out = append(out, Setting{k, v.Text, w.Text, v.Source, w.Source})
		}
	}
	for k, w := range inB {
		if _, both := inA[k]; !both {
			out = append(out, Setting{Key: k, B: w.Text, SourceB: w.Source})
		}
	}
	slices.SortFunc(out, func(x, y Setting) int { return cmp.Compare(x.Key, y.Key) })
	return out
}

func (c *Comparison) nodes(a, b Run, earlier []Run) {
	name := func(n model.NodeExecution) string { return n.Name }
	inA, inB := byKey(a.Nodes, name), byKey(b.Nodes, name)
	print := func(f model.Fingerprint) string { return f.Node }
	printA, printB := byKey(a.Prints, print), byKey(b.Prints, print)
	times := map[string][]int64{}
	for _, r := range earlier {
		for _, n := range r.Nodes {
			if n.State == model.NodeSucceeded {
				times[n.Name] = append(times[n.Name], n.DurationNS())
			}
		}
	}
	for _, n := range a.Nodes {
		if _, both := inB[n.Name]; !both {
			c.Removed = append(c.Removed, n.Name)
		}
	}
	for _, n := range b.Nodes {
		before, both := inA[n.Name]
		if !both {
			c.Added = append(c.Added, n.Name)
			continue
		}
		d := Node{Name: n.Name, StateA: before.State, StateB: n.State, RowsA: before.Rows, RowsB: n.Rows,
			Code: printA[n.Name].Code != printB[n.Name].Code, Noise: noiseOf(times[n.Name]), Verdict: Unknown}
		if b.Pipeline == model.PipelineSQL && n.Kind == model.KindExtract { // its version is that of its files
			d.Code, d.Files = false, d.Code
		}
		if before.State == model.NodeSucceeded {
			d.ANS = before.DurationNS()
		}
		if n.State == model.NodeSucceeded {
			d.BNS = n.DurationNS()
			d.Verdict = d.Noise.judge(d.BNS)
		}
		c.Nodes = append(c.Nodes, d)
	}
	slices.Sort(c.Added)
	slices.Sort(c.Removed)
	slices.SortFunc(c.Nodes, func(x, y Node) int {
		away := func(n Node) int64 { return max(n.BNS-n.ANS, n.ANS-n.BNS) }
		return cmp.Or(cmp.Compare(away(y), away(x)), cmp.Compare(x.Name, y.Name))
	})
}

func (c *Comparison) outputs(a, b []model.OutputLocation) {
	name := func(o model.OutputLocation) string { return o.Name }
	inA, inB := byKey(a, name), byKey(b, name)
	c.Outputs = []Output{}
	for n, x := range inA {
		y, both := inB[n]
		o := Output{Name: n, RowsA: x.Rows, RowsB: y.Rows}
		switch {
		case !both:
			o.Change = "removed"
		case x.SchemaHash != y.SchemaHash:
			o.Change = "schema"
		case x.Checksum != y.Checksum || x.Rows != y.Rows:
			o.Change = "content"
		default:
			c.SameOutputs++
			continue
		}
		c.Outputs = append(c.Outputs, o)
	}
	for n, y := range inB {
		if _, both := inA[n]; !both {
			c.Outputs = append(c.Outputs, Output{Name: n, Change: "added", RowsB: y.Rows})
		}
	}
	slices.SortFunc(c.Outputs, func(x, y Output) int { return cmp.Compare(x.Name, y.Name) })
}

// SlowerThan lists the nodes that are slower beyond noise by more than a number of
// percent of what is usual.
func (c Comparison) SlowerThan(percent float64) []Node {
	var out []Node
	for _, n := range c.Nodes {
		if n.Verdict == Slower && n.Over() > percent {
			out = append(out, n)
		}
	}
	return out
}

// DriftBeyond lists the columns whose distributions are further apart than limit, a
// share from 0 to 1, and those that only one of the runs has.
func (c Comparison) DriftBeyond(limit float64) []Drift {
	var out []Drift
	for _, d := range c.Columns {
		if d.Distance > limit || d.What == "column" || d.What == "type" {
			out = append(out, d)
		}
	}
	return out
}

// RowsBeyond lists the outputs whose rows differ by more than a number of percent
// of what run A had; one that came or went does so in any case.
func (c Comparison) RowsBeyond(limit float64) []Output {
	var out []Output
	for _, o := range c.Outputs {
		gone := o.Change == "added" || o.Change == "removed"
		p := percent(o.RowsB, o.RowsA)
		if gone || max(p, -p) > limit || o.RowsA == 0 && o.RowsB > 0 {
			out = append(out, o)
		}
	}
	return out
}

// percent is by how much b is above a, in percent of a.
func percent(b, a int64) float64 {
	if a == 0 {
		return 0
	}
	return 100 * float64(b-a) / float64(a)
}
