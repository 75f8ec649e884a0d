package tracker

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/buildscope/buildscope/model"
	"github.com/buildscope/buildscope/pipeline"
)

// maxAttribute is what the server keeps of the name of an attribute.
const maxAttribute = 63

// disabled is what Hamilton's SDK sends where statistics are off.
const disabled = "RESULT SUMMARY DISABLED"

// attributes are the facts about an ended node. The error stands first: the UI
// shows no other.
func attributes(n *pipeline.NodeRun, o Options) []Attribute {
	statistics := o.Statistics
	name := n.Node.Name
	var out []Attribute
	add := func(key, typ string, version int, value any) {
		out = append(out, Attribute{Node: name, Name: key, Type: typ, Version: version, Value: value, Role: "result_summary"})
	}
	switch {
	case n.Err != nil:
		out = append(out, errorAttribute(name, n.Err.Error()+"\n"+n.Stack))
	case n.Execution.Error != "":
		out = append(out, errorAttribute(name, n.Execution.Error))
	case n.Execution.State != model.NodeSucceeded && n.Execution.State != model.NodeCached:
		out = append(out, errorAttribute(name, "The run was "+n.Execution.State.String()+" before this node ended."))
	case !statistics:
		add("result_summary", "primitive", 1, map[string]any{"type": "str", "value": disabled})
	default:
		for _, t := range n.Stats {
			add(tableAttribute("result_summary", t.Table, len(n.Stats)), "dagworks_describe", 3, describe(t))
		}
		if len(n.Stats) == 0 {
			typ, version, value := valueAttribute(n.Value, o.Limits, o.Redact)
			add("result_summary", typ, version, value)
		}
	}
	for _, t := range n.Tables {
		if t.Schema == nil {
			continue
		}
		columns := map[string]any{}
		for _, f := range t.Schema.Fields() {
			columns[f.Name] = map[string]any{"name": f.Name, "type": f.Type.String(), "nullable": f.Nullable, "metadata": map[string]string{}}
		}
		add(tableAttribute("Schema", t.Name, len(n.Tables)), "schema", 1, columns)
	}
	cache := map[string]any{"outcome": string(n.Execution.Cache), "key": n.Key, "code_version": n.Node.Version}
	if n.Execution.Computed != "" {
		cache["computed"] = n.Execution.Computed
	}
	add("Cache", "dict", 2, map[string]any{"type": "dict", "value": cache})
	if n.Query != nil && statistics {
		add("Query plan", "primitive", 1, map[string]any{"type": "str", "value": planText(n.Query)})
	}
	add("Resources", "dict", 2, map[string]any{"type": "dict", "value": resources(n, statistics)})
	if n.Execution.TraceID != "" {
		add("Trace", "dict", 2, map[string]any{"type": "dict", "value": map[string]any{
			"trace_id": n.Execution.TraceID, "span_id": n.Execution.SpanID}})
	}
	return out
}

// resources is what a node took. Sizes of data are statistics.
func resources(n *pipeline.NodeRun, statistics bool) map[string]any {
	e, ms := n.Execution, func(ns int64) float64 { return float64(ns) / 1e6 }
	out := map[string]any{"ran_ms": ms(e.DurationNS())}
	if e.Ready != 0 && e.Start > e.Ready {
		out["waited_for_a_worker_ms"] = ms(e.Start - e.Ready)
	}
	if q := n.Query; q != nil {
		out["engine_cpu_ms"], out["engine_peak_memory_bytes"], out["engine_peak_temp_bytes"] = ms(q.CPUNS), q.PeakMemory, q.PeakTemp
		if q.FilesListed > 0 {
			out["files_listed"], out["files_read"] = q.FilesListed, q.FilesRead
		}
	}
	if statistics {
		out["rows"], out["bytes"] = e.Rows, e.Bytes
	}
	return out
}

// tableAttribute keeps the attributes of several tables of one node apart.
func tableAttribute(kind, table string, of int) string {
	if of < 2 {
		return kind
	}
	name := kind + " " + table
	return strings.ToValidUTF8(name[:min(len(name), maxAttribute)], "")
}

func errorAttribute(node, text string) Attribute {
	return Attribute{Node: node, Name: "stack_trace", Type: "error", Version: 1, Role: "error",
		Value: map[string]any{"stack_trace": strings.Split(strings.TrimRight(text, "\n"), "\n")}}
}

// diagnosis are the attributes that say what nodes did to the time of the run.
func diagnosis(texts map[string]string) []Attribute {
	var out []Attribute
	for _, node := range slices.Sorted(maps.Keys(texts)) {
		out = append(out, Attribute{Node: node, Name: "Diagnosis", Type: "primitive", Version: 1, Role: "result_summary",
			Value: map[string]any{"type": "str", "value": texts[node]}})
	}
	return out
}

// planText draws the engine's profile of a statement as an indented list.
func planText(q *model.QueryProfile) string {
	var b strings.Builder
	var walk func(list []model.Operator, depth int)
	walk = func(list []model.Operator, depth int) {
		for _, o := range list {
			fmt.Fprintf(&b, "%s%s: %d rows, %.3f ms\n", strings.Repeat("  ", depth), o.Name, o.Rows, float64(o.TimeNS)/1e6)
			walk(o.Children, depth+1)
		}
	}
	walk(q.Root, 0)
	if b.Len() == 0 {
		return fmt.Sprintf("%d rows", q.Rows)
	}
	return b.String()
}
