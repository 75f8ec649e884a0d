// Package recording keeps what a run tells its viewers, so that it can be watched
// again: a Writer notes it in a file while the run goes on, a Reader gives it back
// in the same order, and a Player feeds it into a run view at any speed. The format
// is described in docs/recording.md.
package recording

import (
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"strconv"

	"github.com/buildscope/buildscope/model"
	"github.com/buildscope/buildscope/otel/runview"
)

// Format and Version begin every recording. A reader takes recordings of its own
// version only: a player that passes over what it does not know would show another
// run than the recorded one.
const (
	Format  = "buildscope-recording"
	Version = 1
)

// header is the first line of a recording.
type header struct {
	Format  string `json:"format"`
	Version int    `json:"version"`
	RunID   string `json:"run_id"`
	Program string `json:"program"`             // its version
	Started int64  `json:"started_unix_ns"`     // of the run; times of events count from here
	Subject string `json:"repo_root,omitempty"` // what was built
}

// Event is one thing that a run told, in the form of a line. Of all fields but At
// one is set, and Query with Node.
type Event struct {
	At       int64                `json:"t"` // nanoseconds since the start of the run
	Plan     *model.Plan          `json:"plan,omitempty"`
	Node     *model.NodeExecution `json:"node,omitempty"`
	Query    *model.QueryProfile  `json:"query,omitempty"`
	Progress *Progress            `json:"progress,omitempty"`
	Trace    string               `json:"trace,omitempty"` // of the spans that do not name another
	Spans    []span               `json:"spans,omitempty"`
	Log      *log                 `json:"log,omitempty"`
	Dropped  int64                `json:"dropped,omitempty"` // records that never came to the view
	Lost     int64                `json:"lost,omitempty"`    // records that the view has got and the recording has not
	Run      *model.RunSnapshot   `json:"run,omitempty"`
	End      bool                 `json:"end,omitempty"` // the run is over; the last line

	records []model.SpanRecord // Spans, before they are written or after they were read
}

// Progress is how far a node is.
type Progress struct {
	Node  string `json:"node"`
	Done  int64  `json:"done"`
	Total int64  `json:"total,omitempty"`
	Unit  string `json:"unit,omitempty"`
}

// span is a model.SpanRecord with short names: a recording has many of them.
type span struct {
	Trace         string      `json:"tr,omitempty"`
	ID            string      `json:"i"`
	Parent        string      `json:"p,omitempty"`
	Name          string      `json:"n"`
	Scope         string      `json:"sc,omitempty"`
	Start         int64       `json:"s"` // unix nanoseconds
	End           int64       `json:"e,omitempty"`
	Status        uint8       `json:"st,omitempty"`
	Message       string      `json:"m,omitempty"`
	Sampled       bool        `json:"y,omitempty"`
	Attrs         []attr      `json:"a,omitempty"`
	Events        []spanEvent `json:"ev,omitempty"`
	DroppedAttrs  int         `json:"da,omitempty"`
	DroppedEvents int         `json:"de,omitempty"`
}

type spanEvent struct {
	Name  string `json:"n"`
	Time  int64  `json:"t"`
	Attrs []attr `json:"a,omitempty"`
}

// log is a model.LogRecord whose attributes keep their types.
type log struct {
	model.LogRecord
	Attrs []attr `json:"attrs,omitempty"`
}

// attr is an attribute. Its value is a text of its type's: JSON has neither int64
// nor NaN.
type attr struct {
	Key    string   `json:"k"`
	Type   string   `json:"t,omitempty"` // b, i, f; doubled for lists; "" is text, "ss" texts
	Value  string   `json:"v,omitempty"`
	Values []string `json:"l,omitempty"`
}

// Apply feeds an event into a view.
func (e *Event) Apply(db *runview.DB) {
	switch {
	case e.Plan != nil:
		db.SetPlan(*e.Plan)
	case e.Node != nil:
		db.SetNode(*e.Node, e.Query)
	case e.Progress != nil:
		db.SetProgress(e.Progress.Node, runview.Progress{Done: e.Progress.Done, Total: e.Progress.Total, Unit: e.Progress.Unit})
	case e.records != nil:
		db.Apply(e.records)
	case e.Log != nil:
		db.AddLog(e.Log.LogRecord)
	case e.Dropped+e.Lost > 0:
		db.AddDropped(e.Dropped + e.Lost)
	case e.End:
		db.Close()
	}
}

// encode is the line of an event, without its end.
func (e *Event) encode() ([]byte, error) {
	if len(e.records) > 0 {
		e.Trace = e.records[0].Trace.String()
	}
	for i := range e.records {
		e.Spans = append(e.Spans, encodeSpan(&e.records[i], e.Trace))
	}
	if e.Log != nil {
		e.Log.Attrs = encodeAttrs(e.Log.LogRecord.Attrs)
	}
	return json.Marshal(e)
}

// decodeEvent reads a line.
func decodeEvent(line []byte) (*Event, error) {
	e := new(Event)
	if err := json.Unmarshal(line, e); err != nil {
		return nil, err
	}
	if e.Plan == nil && e.Node == nil && e.Progress == nil && e.Spans == nil && e.Log == nil && e.Dropped <= 0 && e.Lost <= 0 && e.Run == nil && !e.End {
		return nil, errors.New("an event that tells nothing")
	}
	for i := range e.Spans {
		r, err := e.Spans[i].decode(e.Trace)
		if err != nil {
			return nil, fmt.Errorf("span %d: %w", i+1, err)
		}
		e.records = append(e.records, r)
	}
	e.Spans = nil
	if e.Log != nil {
		var err error
		if e.Log.LogRecord.Attrs, err = decodeAttrs(e.Log.Attrs); err != nil {
			return nil, err
		}
	}
	return e, nil
}

func encodeSpan(r *model.SpanRecord, trace string) span {
	s := span{ID: r.ID.String(), Name: r.Name, Scope: r.Scope, Start: r.Start, End: r.End, Status: uint8(r.Status), Message: r.StatusMessage,
		Sampled: r.Sampled, Attrs: encodeAttrs(r.Attrs), DroppedAttrs: r.DroppedAttrs, DroppedEvents: r.DroppedEvents}
	if t := r.Trace.String(); t != trace {
		s.Trace = t
	}
	if !r.Parent.IsZero() {
		s.Parent = r.Parent.String()
	}
	for _, e := range r.Events {
		s.Events = append(s.Events, spanEvent{e.Name, e.Time, encodeAttrs(e.Attrs)})
	}
	return s
}

func (s *span) decode(trace string) (r model.SpanRecord, err error) {
	if s.Trace == "" {
		s.Trace = trace
	}
	err = errors.Join(decodeID(r.Trace[:], s.Trace), decodeID(r.ID[:], s.ID))
	if s.Parent != "" {
		err = errors.Join(err, decodeID(r.Parent[:], s.Parent))
	}
	r.Name, r.Scope, r.Start, r.End, r.Status, r.StatusMessage = s.Name, s.Scope, s.Start, s.End, model.SpanStatus(s.Status), s.Message
	r.Sampled, r.DroppedAttrs, r.DroppedEvents = s.Sampled, max(s.DroppedAttrs, 0), max(s.DroppedEvents, 0)
	list, attrErr := decodeAttrs(s.Attrs)
	r.Attrs, err = list, errors.Join(err, attrErr)
	for _, e := range s.Events {
		list, attrErr := decodeAttrs(e.Attrs)
		r.Events, err = append(r.Events, model.SpanEvent{Name: e.Name, Time: e.Time, Attrs: list}), errors.Join(err, attrErr)
	}
	return r, err
}

func decodeID(id []byte, text string) error {
	if len(text) != hex.EncodedLen(len(id)) {
		return fmt.Errorf("%q is no id of %d bytes", text, len(id))
	}
	_, err := hex.Decode(id, []byte(text))
	return err
}

func encodeAttrs(list []model.Attr) (out []attr) {
	for _, a := range list {
		out = append(out, encodeAttr(a))
	}
	return out
}

func encodeAttr(a model.Attr) attr {
	out := attr{Key: a.Key}
	switch v := a.Value.(type) {
	case string:
		out.Value = v
	case bool:
		out.Type, out.Value = "b", strconv.FormatBool(v)
	case int64:
		out.Type, out.Value = "i", strconv.FormatInt(v, 10)
	case float64:
		out.Type, out.Value = "f", formatFloat(v)
	case []string:
		out.Type, out.Values = "ss", v
	case []bool:
		out.Type, out.Values = "bb", texts(v, strconv.FormatBool)
	case []int64:
		out.Type, out.Values = "ii", texts(v, func(i int64) string { return strconv.FormatInt(i, 10) })
	case []float64:
		out.Type, out.Values = "ff", texts(v, formatFloat)
	default: // model.Attr allows no other
		out.Value = fmt.Sprint(v)
	}
	return out
}

func formatFloat(f float64) string { return strconv.FormatFloat(f, 'g', -1, 64) }

func texts[T any](list []T, text func(T) string) []string {
	out := make([]string, len(list))
	for i, v := range list {
		out[i] = text(v)
	}
	return out
}

func decodeAttrs(list []attr) (out []model.Attr, err error) {
	for _, a := range list {
		v, err := a.decode()
		if err != nil {
			return nil, fmt.Errorf("attribute %q: %w", a.Key, err)
		}
		out = append(out, model.Attr{Key: a.Key, Value: v})
	}
	return out, nil
}

func (a *attr) decode() (any, error) {
	integer := func(s string) (int64, error) { return strconv.ParseInt(s, 10, 64) }
	float := func(s string) (float64, error) { return strconv.ParseFloat(s, 64) }
	switch a.Type {
	case "":
		return a.Value, nil
	case "b":
		return strconv.ParseBool(a.Value)
	case "i":
		return integer(a.Value)
	case "f":
		return float(a.Value)
	case "ss":
		return append([]string{}, a.Values...), nil
	case "bb":
		return parse(a.Values, strconv.ParseBool)
	case "ii":
		return parse(a.Values, integer)
	case "ff":
		return parse(a.Values, float)
	}
	return nil, fmt.Errorf("unknown type %q", a.Type)
}

func parse[T any](list []string, one func(string) (T, error)) ([]T, error) {
	out := make([]T, len(list))
	for i, s := range list {
		v, err := one(s)
		if err != nil {
			return nil, err
		}
		out[i] = v
	}
	return out, nil
}
