package receiver

import (
	"sync"
	"time"

	"github.com/buildscope/buildscope/model"
	"github.com/buildscope/buildscope/otel/runview"
)

// SessionOptions bounds a Session and says who hears of what comes. The functions
// are called one at a time and must not block; any may be nil.
type SessionOptions struct {
	MaxBuilds int   // builds kept; zero means 64. The oldest make room and are counted
	MaxSpans  int   // spans kept of all builds together; zero means 1,000,000
	MaxText   int64 // bytes kept of their attributes and events; zero means 256 MiB
	OnBuild   func(*Build)
	OnNode    func(*Build, model.NodeExecution) // a node has ended
	OnEnd     func(*Build)
}

// Session turns what is received into builds, one for each trace.
type Session struct {
	opts    SessionOptions
	metrics metricTable
	poke    chan struct{} // capacity 1: something is due at another time than before
	stop    chan struct{} // closed by Close
	once    sync.Once
	done    chan struct{} // closed when the goroutine has ended

	events sync.Mutex // held while the functions of the options are called; taken before mu

	mu        sync.Mutex // guards all below; taken before that of a build
	builds    map[model.TraceID]*held
	spansHeld int // sums over builds
	textHeld  int64
	shown     *Build
	count     int
	gone      map[model.TraceID]bool // traces that had to make room
	goneAt    [goneTraces]model.TraceID
	goneN     int
	early     []earlyLog // lines that belong to no trace, before any build
	totals    Totals
	changed   chan struct{} // closed and replaced when there is another build, or one has come to be of a known sender
}

// held is a build with what it takes.
type held struct {
	*Build
	spans int
	text  int64
	heard int64 // number of the request that was the last to tell of it
}

type earlyLog struct {
	res Resource
	rec model.LogRecord
}

// goneTraces is how many evicted traces are remembered, so that their late spans
// are not taken for new builds.
const goneTraces = 4096

// maxEarly bounds the log lines that wait for a build.
const maxEarly = 1000

// Totals count what a session was given.
type Totals struct {
	Requests, Spans, Logs, Points int64
	Evicted                       int64 // builds that made room for newer ones
	EvictedSpans                  int64 // spans that went with them, and late ones of theirs
	LostLogs                      int64 // lines that belong to no build
	LostPoints                    int64 // points of more series than are kept
}

// NewSession starts a session. Close ends it.
func NewSession(o SessionOptions) *Session {
	if o.MaxBuilds == 0 {
		o.MaxBuilds = 64
	}
	if o.MaxSpans == 0 {
		o.MaxSpans = 1_000_000
	}
	if o.MaxText == 0 {
		o.MaxText = 256 << 20
	}
	s := &Session{opts: o, metrics: metricTable{series: map[string]*Metric{}}, poke: make(chan struct{}, 1), stop: make(chan struct{}), done: make(chan struct{}),
		builds: map[model.TraceID]*held{}, gone: map[model.TraceID]bool{}, changed: make(chan struct{})}
	go s.watch()
	return s
}

// happened is what is told to the functions of the options.
type happened struct {
	build *Build
	isNew bool
	nodes []model.NodeExecution
	over  bool
}

func (s *Session) tell(list []happened) {
	for _, h := range list {
		if h.isNew && s.opts.OnBuild != nil {
			s.opts.OnBuild(h.build)
		}
		for _, e := range h.nodes {
			if s.opts.OnNode != nil {
				s.opts.OnNode(h.build, e)
			}
		}
		if h.over && s.opts.OnEnd != nil {
			s.opts.OnEnd(h.build)
		}
	}
}

// Take takes over what a request told. Size is its length in bytes, from which the
// memory is estimated that its texts take.
func (s *Session) Take(groups []Group, size int) {
	s.events.Lock()
	defer s.events.Unlock()
	s.tell(s.take(groups, size))
}

func (s *Session) take(groups []Group, size int) (list []happened) {
	now := time.Now()
	s.mu.Lock()
	defer s.mu.Unlock()
	s.totals.Requests++
	all := 0
	for i := range groups {
		all += len(groups[i].Spans) + len(groups[i].Logs)
	}
	for i := range groups {
		g := &groups[i]
		s.totals.Spans += int64(len(g.Spans))
		s.totals.Logs += int64(len(g.Logs))
		s.totals.Points += int64(len(g.Points))
		s.metrics.add(g.Resource, g.Points)
		for rest := g.Spans; len(rest) > 0; {
			n := 1
			for n < len(rest) && rest[n].Trace == rest[0].Trace {
				n++
			}
			list = s.spans(rest[:n], &g.Resource, int64(size)*int64(n)/int64(all), now, list)
			rest = rest[n:]
		}
		for _, rec := range g.Logs {
			list = s.log(rec, g.Resource, int64(size)/int64(all), now, list)
		}
	}
	s.wake()
	return list
}

// spans gives spans of one trace to its build.
func (s *Session) spans(recs []model.SpanRecord, res *Resource, size int64, now time.Time, list []happened) []happened {
	b, isNew := s.build(recs[0].Trace, now)
	if b == nil {
		s.totals.EvictedSpans += int64(len(recs))
		return list
	}
	unknown := b.Sender() == ""
	nodes := b.take(recs, res, now)
	s.hold(b, len(recs), size)
	if isNew || unknown && b.Sender() != "" { // it may be newer than another only now
		close(s.changed)
		s.changed = make(chan struct{})
	}
	if isNew || len(nodes) > 0 {
		list = append(list, happened{build: b.Build, isNew: isNew, nodes: nodes})
	}
	s.makeRoom(b)
	return list
}

// hold counts what a build takes.
func (s *Session) hold(b *held, spans int, text int64) {
	b.spans += spans
	b.text += text
	s.spansHeld += spans
	s.textHeld += text
}

// build is that of a trace, nil when the trace had to make room.
func (s *Session) build(trace model.TraceID, now time.Time) (_ *held, isNew bool) {
	if b, ok := s.builds[trace]; ok {
		b.heard = s.totals.Requests
		return b, false
	}
	if s.gone[trace] {
		return nil, false
	}
	s.count++
	b := &held{Build: newBuild(s.count, trace, runview.Options{MaxSpans: s.opts.MaxSpans, MaxText: s.opts.MaxText}, now), heard: s.totals.Requests}
	s.builds[trace] = b
	for _, l := range s.early {
		b.log(l.rec, now)
	}
	s.early = nil
	return b, true
}

// makeRoom lets builds go until the rest is within the bounds: unknown traces
// before builds, those that are over before those that run, the longest silent
// first. The one that was just heard of and the one on the screen stay.
func (s *Session) makeRoom(keep *held) {
	for len(s.builds) > s.opts.MaxBuilds || s.spansHeld > s.opts.MaxSpans || s.textHeld > s.opts.MaxText {
		var out *held
		for _, b := range s.builds {
			if b != keep && b.Build != s.shown && (out == nil || b.before(out)) {
				out = b
			}
		}
		if out == nil {
			return // the last one; its view counts what it cannot keep
		}
		delete(s.builds, out.Trace)
		s.spansHeld -= out.spans
		s.textHeld -= out.text
		s.totals.Evicted++
		s.totals.EvictedSpans += int64(out.spans)
		old := &s.goneAt[s.goneN%goneTraces]
		delete(s.gone, *old)
		*old = out.Trace
		s.gone[out.Trace] = true
		s.goneN++
		out.drop()
	}
}

// before is the order in which builds make room.
func (b *held) before(o *held) bool {
	if x, y := b.Sender() != "", o.Sender() != ""; x != y {
		return y
	}
	if x, y := b.over(), o.over(); x != y {
		return x
	}
	return b.heard < o.heard || b.heard == o.heard && b.number < o.number
}

func (b *held) over() bool {
	select {
	case <-b.done:
		return true
	default:
		return false
	}
}

// log gives a line to the build of its trace; without one, to the build of the same
// process, or to the newest.
func (s *Session) log(rec model.LogRecord, res Resource, size int64, now time.Time, list []happened) []happened {
	var b *held
	isNew := false
	if trace, ok := parseTrace(rec.TraceID); ok {
		if b, isNew = s.build(trace, now); b == nil {
			s.totals.LostLogs++
			return list
		}
	} else {
		for _, o := range s.builds {
			if b == nil || o.matches(res) && !b.matches(res) || o.matches(res) == b.matches(res) && o.number > b.number {
				b = o
			}
		}
	}
	if b == nil {
		if len(s.early) == maxEarly {
			s.early = s.early[1:]
			s.totals.LostLogs++
		}
		s.early = append(s.early, earlyLog{res, rec})
		return list
	}
	nodes := b.log(rec, now)
	s.hold(b, 0, size)
	if isNew || len(nodes) > 0 {
		list = append(list, happened{build: b.Build, isNew: isNew, nodes: nodes})
	}
	s.makeRoom(b)
	return list
}

func (b *held) matches(res Resource) bool {
	r := b.Resource()
	return res.Instance != "" && r.Instance == res.Instance && r.Service == res.Service
}

// wake tells the goroutine that the next due time may have changed.
func (s *Session) wake() {
	select {
	case s.poke <- struct{}{}:
	default:
	}
}

// watch looks at builds when that is due.
func (s *Session) watch() {
	defer close(s.done)
	timer := time.NewTimer(time.Hour)
	defer timer.Stop()
	for {
		if next := s.due(); next.IsZero() {
			timer.Stop()
		} else {
			timer.Reset(max(time.Until(next), 100*time.Millisecond)) // not once for every request
		}
		select {
		case <-s.poke:
			if !s.pause(100 * time.Millisecond) {
				return
			}
		case <-timer.C:
		case <-s.stop:
			return
		}
		s.look(func(b *Build) ([]model.NodeExecution, bool) { return b.look(time.Now()) })
	}
}

// pause reports whether the session is still open after a while.
func (s *Session) pause(d time.Duration) bool {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return true
	case <-s.stop:
		return false
	}
}

func (s *Session) due() (next time.Time) {
	for _, b := range s.Builds() {
		if at := b.due(); !at.IsZero() && (next.IsZero() || at.Before(next)) {
			next = at
		}
	}
	return next
}

func (s *Session) look(f func(*Build) ([]model.NodeExecution, bool)) {
	s.events.Lock()
	defer s.events.Unlock()
	var list []happened
	for _, b := range s.Builds() {
		nodes, over := f(b)
		list = append(list, happened{build: b, nodes: nodes, over: over})
	}
	s.tell(list)
}

// Close settles all builds: nothing more will come. It may be called twice.
func (s *Session) Close() {
	s.once.Do(func() { close(s.stop) })
	<-s.done
	s.look((*Build).end)
}

// Builds lists the builds, those that were heard of first at the front.
func (s *Session) Builds() []*Build {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.list()
}

// Totals are the counters at this moment.
func (s *Session) Totals() Totals {
	s.mu.Lock()
	defer s.mu.Unlock()
	t := s.totals
	_, t.LostPoints = s.metrics.list()
	return t
}

// Metrics gives the latest value of each series.
func (s *Session) Metrics() []Metric {
	list, _ := s.metrics.list()
	return list
}
