package receiver

import (
	"slices"

	"github.com/buildscope/buildscope/model"
)

// role is what a span is in a build.
type role uint8

const (
	roleSpan role = iota // something within the build; or nothing that is known yet
	roleRoot             // the build
	roleNode             // a node
	roleTask             // a group of nodes that Hamilton ran together
)

// Attributes by which Hamilton's OpenTelemetry plugin is known. Its spans are named
// after the run, the task and the node, and its tracer may have any name.
const (
	hamiltonGraph = "graph_version"
	hamiltonPath  = "execution_path"
	hamiltonNode  = "node_version"
	hamiltonTags  = "tags"
	hamiltonType  = "type"
	hamiltonNodes = "nodes"
	hamiltonOver  = "overrides"
)

// kindNode is the kind of nodes whose sender has no kinds.
const kindNode = model.NodeKind("node")

// roleOf recognises the spans of our own runs and of Hamilton's plugin. Of all
// others only their place in the trace can tell.
func roleOf(r *model.SpanRecord) (role, string) {
	switch {
	case r.Scope == model.ScopePipeline && r.Name == model.SpanBuild:
		return roleRoot, senderOwn
	case r.Scope == model.ScopePipeline && text(r.Attrs, model.AttrNodeName) == r.Name && r.Name != "":
		return roleNode, senderOwn
	case has(r.Attrs, hamiltonGraph) && has(r.Attrs, hamiltonPath):
		return roleRoot, senderHamilton
	case has(r.Attrs, hamiltonNode) && has(r.Attrs, hamiltonTags) && has(r.Attrs, hamiltonType):
		return roleNode, senderHamilton
	case has(r.Attrs, hamiltonNodes) && has(r.Attrs, hamiltonOver):
		return roleTask, senderHamilton
	}
	return roleSpan, ""
}

// Senders that are understood; "" is any other.
const (
	senderOwn      = "buildscope"
	senderHamilton = "hamilton"
)

// execution is what the span of a node says about it.
func execution(r *model.SpanRecord) model.NodeExecution {
	e := model.NodeExecution{Name: r.Name, Kind: model.NodeKind(text(r.Attrs, model.AttrNodeKind)), Cache: model.CacheAction(text(r.Attrs, model.AttrNodeCache)),
		Start: r.Start, End: r.End, Rows: number(r.Attrs, model.AttrNodeRows), Bytes: number(r.Attrs, model.AttrNodeBytes), Computed: text(r.Attrs, model.AttrNodeComputed),
		TraceID: r.Trace.String(), SpanID: r.ID.String()}
	if e.Kind == "" {
		e.Kind = kindNode
	}
	switch {
	case r.End == 0:
		e.State = model.NodeRunning
		return e
	case r.Status == model.StatusError:
		e.State, e.Error = model.NodeFailed, r.StatusMessage
	default:
		e.State = model.NodeSucceeded
	}
	if s, ok := model.ParseNodeState(text(r.Attrs, model.AttrNodeState)); ok && s.Ended() {
		e.State = s
	}
	return e
}

// planOf is what the span of a node tells of its place in the graph.
func planOf(r *model.SpanRecord) model.PlanNode {
	p := model.PlanNode{Generation: int(number(r.Attrs, model.AttrNodeGeneration))}
	p.Critical, _ = find(r.Attrs, model.AttrNodeCritical).(bool)
	deps, _ := find(r.Attrs, model.AttrNodeDeps).([]string)
	p.Deps = slices.Clone(deps) // the record is the sender's
	return p
}

func find(attrs []model.Attr, key string) any {
	for i := range attrs {
		if attrs[i].Key == key {
			return attrs[i].Value
		}
	}
	return nil
}

func has(attrs []model.Attr, key string) bool { return find(attrs, key) != nil }

func text(attrs []model.Attr, key string) string {
	s, _ := find(attrs, key).(string)
	return s
}

func number(attrs []model.Attr, key string) int64 {
	n, _ := find(attrs, key).(int64)
	return n
}
