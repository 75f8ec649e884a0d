package recording

import (
	"sync"

	"github.com/buildscope/buildscope/model"
	"github.com/buildscope/buildscope/otel/runview"
)

// Tee gives a view what a run tells, and notes the same in the same order in a
// recording. Without one it is the view alone.
type Tee struct {
	View *runview.DB

	mu  sync.Mutex // makes view and recording agree in their order; unused without w
	out *Writer
}

// Record notes from now on. It must be called before anything else is.
func (t *Tee) Record(w *Writer) { t.out = w }

// tell changes the view and, with a recording, notes it.
func (t *Tee) tell(view func(), note func(*Writer)) {
	if t.out == nil {
		view()
		return
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	view()
	note(t.out)
}

// SetPlan tells the plan.
func (t *Tee) SetPlan(p model.Plan) {
	t.tell(func() { t.View.SetPlan(p) }, func(w *Writer) { w.add(Event{Plan: &p}, 0) })
}

// SetNode tells what became of a node.
func (t *Tee) SetNode(e model.NodeExecution, q *model.QueryProfile) {
	t.tell(func() { t.View.SetNode(e, q) }, func(w *Writer) { w.add(Event{Node: &e, Query: q}, 0) })
}

// SetProgress tells how far a node is.
func (t *Tee) SetProgress(node string, p runview.Progress) {
	t.tell(func() { t.View.SetProgress(node, p) }, func(w *Writer) {
		w.add(Event{Progress: &Progress{Node: node, Done: p.Done, Total: p.Total, Unit: p.Unit}}, 1)
	})
}

// Apply tells starts and ends of spans.
func (t *Tee) Apply(recs []model.SpanRecord) {
	t.tell(func() { t.View.Apply(recs) }, func(w *Writer) { w.spans(recs) })
}

// AddLog tells a log line.
func (t *Tee) AddLog(rec model.LogRecord) {
	t.tell(func() { t.View.AddLog(rec) }, func(w *Writer) { w.add(Event{Log: &log{LogRecord: rec}}, 1) })
}

// AddDropped tells of lost records.
func (t *Tee) AddDropped(n int64) {
	t.tell(func() { t.View.AddDropped(n) }, func(w *Writer) { w.add(Event{Dropped: n}, 0) })
}
