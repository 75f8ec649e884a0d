package recording

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"time"

	"github.com/buildscope/buildscope/build/bundle"
	"github.com/buildscope/buildscope/model"
)

// Bounds of how events are made from spans: one that took less than shortSpan is told
// of once, when it ends, as a live view hears of it; and what happened within
// togetherNS goes into the view in one go.
const (
	shortSpan  = int64(33 * time.Millisecond)
	togetherNS = int64(5 * time.Millisecond)
)

// past gives the events of a bundle.
type past struct {
	events []*Event
	whole  bool // the run came to its end
	engine bool // the engine made spans, which carry its profiles
}

// Next implements Source.
func (p *past) Next() (*Event, error) {
	if len(p.events) == 0 {
		return nil, ErrTruncated
	}
	e := p.events[0]
	p.events = p.events[1:]
	return e, nil
}

// again gives the same events once more.
func (p *past) again() *past {
	return &past{events: p.events, whole: p.whole, engine: p.engine}
}

// FromBundle makes a recording out of what a bundle holds: plan, nodes, spans, log
// lines and the end. How far nodes were meanwhile it does not know. A run that died
// has no spans in its bundle; its nodes and log lines are there up to its last event.
func FromBundle(ctx context.Context, b *bundle.Bundle) (Tape, error) {
	head, p, err := fromBundle(ctx, b)
	if err != nil {
		return Tape{}, err
	}
	return Tape{head, func() (Source, func() error, error) { return p.again(), func() error { return nil }, nil }}, nil
}

func fromBundle(ctx context.Context, b *bundle.Bundle) (Head, *past, error) {
	p := &past{whole: b.Status != model.RunIncomplete}
	var m model.ManifestPayload
	var plan model.PlanSchedulePayload
	var exec model.PlanExecutionPayload
	err := errors.Join(b.Optional(model.ArtifactManifest, &m), b.Optional(model.ArtifactPlan, &plan), b.Optional(model.ArtifactExecution, &exec))
	lines, readErr := b.Events()
	if err = errors.Join(err, readErr); err != nil {
		return Head{}, nil, err
	}
	story := bundle.StoryOf(lines)
	nodes := exec.Nodes
	if nodes == nil {
		nodes = story.Nodes
		for i := range nodes {
			if nodes[i].Start == 0 {
				nodes[i].End = 0 // when it was given up, of one that never ran
			}
		}
	}
	if plan.Nodes == nil {
		for _, n := range nodes {
			plan.Nodes = append(plan.Nodes, model.PlanNode{Name: n.Name, Kind: n.Kind})
		}
	}
	p.add(b.Started.UnixNano(), Event{Plan: &plan.Plan})
	if err := p.spans(ctx, filepath.Join(b.Dir, bundle.SpansFile)); err != nil {
		return Head{}, nil, err
	}
	p.nodes(nodes, exec.Queries, b.Started)
	p.logs(lines)
	slices.SortStableFunc(p.events, func(x, y *Event) int { return cmp.Compare(x.At, y.At) })
	if p.whole {
		if err := p.end(b, m); err != nil {
			return Head{}, nil, err
		}
	}
	for _, e := range p.events {
		e.At = max(e.At-b.Started.UnixNano(), 0)
	}
	p.join()
	return Head{RunID: b.RunID, Program: m.Version, Subject: cmp.Or(m.RepoRoot, story.RepoRoot), Started: b.Started}, p, nil
}

// add appends an event at a unix time in nanoseconds.
func (p *past) add(at int64, e Event) {
	e.At = at
	p.events = append(p.events, &e)
}

// nodes tells of each node when it began, and when it had ended or, for one that
// never ran, at the start.
func (p *past) nodes(nodes []model.NodeExecution, queries []model.NodeQuery, started time.Time) {
	profiles := map[string]*model.QueryProfile{}
	for i := range queries {
		profiles[queries[i].Node] = &queries[i].Profile
	}
	for _, n := range nodes {
		if n.Start != 0 {
			p.add(n.Start, Event{Node: &model.NodeExecution{Name: n.Name, Kind: n.Kind, State: model.NodeRunning, Cache: n.Cache, Ready: n.Ready, Start: n.Start,
				TraceID: n.TraceID, SpanID: n.SpanID}})
		}
		if n.State.Ended() {
			e := Event{Node: &n}
			if !p.engine || n.State == model.NodeCached {
				e.Query = profiles[n.Name]
			}
			p.add(cmp.Or(n.End, n.Start, started.UnixNano()), e)
		}
	}
}

// timeOf is the unix time of an event line in nanoseconds, 0 when it has none.
func timeOf(l map[string]any) int64 {
	t, err := time.Parse(time.RFC3339Nano, fmt.Sprint(l["time"]))
	if err != nil {
		return 0
	}
	return t.UnixNano()
}

func (p *past) logs(lines []map[string]any) {
	for _, l := range lines {
		if l["event"] != "log" {
			continue
		}
		rec := model.LogRecord{Time: timeOf(l)}
		for field, key := range map[*string]string{&rec.Level: "level", &rec.Message: "message", &rec.Node: "node", &rec.TraceID: "trace_id", &rec.SpanID: "span_id"} {
			*field, _ = l[key].(string)
		}
		p.add(rec.Time, Event{Log: &log{LogRecord: rec}})
	}
}

// spans tells of each span when it ended, and before that when it began if it took
// its time.
func (p *past) spans(ctx context.Context, path string) error {
	if _, err := os.Stat(path); errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	return bundle.ReadSpans(ctx, path, func(recs []model.SpanRecord) {
		for _, r := range recs {
			p.engine = p.engine || r.Scope == model.ScopeEngine
			if r.End-r.Start >= shortSpan {
				begun := r
				begun.End, begun.Events, begun.Status, begun.StatusMessage = 0, nil, model.StatusUnset, ""
				p.add(r.Start, Event{records: []model.SpanRecord{begun}})
			}
			p.add(r.End, Event{records: []model.SpanRecord{r}})
		}
	})
}

// end tells how the run ended, after everything else.
func (p *past) end(b *bundle.Bundle, m model.ManifestPayload) error {
	var loc model.LocationsPayload
	var exports model.ExportStatusPayload
	if err := errors.Join(b.Optional(model.ArtifactLocations, &loc), b.Optional(model.ArtifactExportStatus, &exports)); err != nil {
		return err
	}
	at := max(b.Ended.UnixNano(), p.events[len(p.events)-1].At)
	if lost := m.SpansTotal - m.SpansWritten; lost > 0 {
		p.add(at, Event{Lost: lost})
	}
	p.add(at, Event{Run: &model.RunSnapshot{RunID: b.RunID, State: b.Status, Profile: b.Profile, RepoRoot: m.RepoRoot, OutputDir: loc.OutputDir,
		BundleDir: b.Dir, Started: b.Started, Ended: b.Ended, Err: b.Error, ErrNode: m.ErrorNode, Exports: exports.Exporters, Outputs: loc.Outputs}})
	p.add(at, Event{End: true})
	return nil
}

// join makes one event of spans that follow each other closely: a view takes many
// at once far faster than one after the other.
func (p *past) join() {
	out := p.events[:0]
	for _, e := range p.events {
		if n := len(out); n > 0 && e.records != nil && out[n-1].records != nil && e.At-out[n-1].At < togetherNS && len(out[n-1].records) < 4096 {
			out[n-1].records = append(out[n-1].records, e.records...)
			continue
		}
		out = append(out, e)
	}
	p.events = out
}
