package bundle

import (
	"time"

	"github.com/buildscope/buildscope/model"
)

// Story is a run as its events tell it. It is there also when the process died.
type Story struct {
	RepoRoot string
	Version  string                // of the program
	Nodes    []model.NodeExecution // in order of start; times are those of the events unless node diagnostics were on
	Failures []model.NodeFailure
}

// Story reads the events.
func (b *Bundle) Story() (Story, error) {
	events, err := b.Events()
	return StoryOf(events), err
}

// StoryOf is what events tell that were read already.
func StoryOf(events []map[string]any) Story {
	var s Story
	text := func(e map[string]any, key string) string { v, _ := e[key].(string); return v }
	number := func(e map[string]any, key string) int64 { v, _ := e[key].(float64); return int64(v) }
	at := map[string]int{}
	blocked := map[string][]string{}
	for _, e := range events {
		name := text(e, "node")
		var moment int64
		if t, err := time.Parse(time.RFC3339Nano, text(e, "time")); err == nil {
			moment = t.UnixNano()
		}
		switch text(e, "event") {
		case "run_started":
			s.RepoRoot, s.Version = text(e, "repo_root"), text(e, "version")
		case "node_started":
			at[name] = len(s.Nodes)
			s.Nodes = append(s.Nodes, model.NodeExecution{Name: name, Kind: model.NodeKind(text(e, "kind")), State: model.NodeRunning,
				Start: moment, TraceID: text(e, "trace_id"), SpanID: text(e, "span_id")})
		case "node_finished":
			i, ok := at[name]
			if !ok { // it never ran
				i = len(s.Nodes)
				s.Nodes = append(s.Nodes, model.NodeExecution{Name: name})
			}
			n := &s.Nodes[i]
			n.State, _ = model.ParseNodeState(text(e, "state"))
			n.Rows, n.Bytes, n.Cache = number(e, "rows"), number(e, "bytes"), model.CacheAction(text(e, "cache"))
			n.Computed, n.Error, n.BlockedBy, n.End = text(e, "computed"), text(e, "error"), text(e, "blocked_by"), moment
			if took, known := e["duration_ns"].(float64); known && ok {
				n.Start = n.End - int64(took)
			}
			if n.State == model.NodeFailed {
				s.Failures = append(s.Failures, model.NodeFailure{Node: name, Source: text(e, "source"), Message: n.Error, Stack: text(e, "stack")})
			}
			if n.BlockedBy != "" {
				blocked[n.BlockedBy] = append(blocked[n.BlockedBy], name)
			}
		}
	}
	for i := range s.Failures {
		s.Failures[i].Blocked = blocked[s.Failures[i].Node]
	}
	return s
}
