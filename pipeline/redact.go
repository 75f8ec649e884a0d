package pipeline

import (
	"maps"

	"github.com/buildscope/buildscope/model"
)

// Redact hides secrets in a text. What hooks and results have of a run has gone
// through it: errors, SQL texts, and the engine's profiles. The engine gets the
// texts as they are.
type Redact func(string) string

func (r Redact) text(s string) string {
	if r == nil {
		return s
	}
	return r(s)
}

// error keeps the error as it is where its text hides nothing.
func (r Redact) error(err error) error {
	if text := r.text(err.Error()); text != err.Error() {
		return redactedError{err, text}
	}
	return err
}

// redactedError is an error with another text.
type redactedError struct {
	error
	text string
}

func (e redactedError) Error() string { return e.text }
func (e redactedError) Unwrap() error { return e.error }

func (r Redact) plan(p model.Plan) model.Plan {
	for i := range p.Nodes {
		p.Nodes[i].SQL = r.text(p.Nodes[i].SQL)
	}
	return p
}

func (r Redact) profile(q *model.QueryProfile) *model.QueryProfile {
	if q == nil || r == nil {
		return q
	}
	out := *q
	out.SQL, out.Root = r(q.SQL), r.operators(q.Root)
	return &out
}

func (r Redact) operators(list []model.Operator) []model.Operator {
	out := make([]model.Operator, len(list))
	for i, o := range list {
		o.Extra = maps.Clone(o.Extra)
		for k, v := range o.Extra {
			o.Extra[k] = r(v)
		}
		o.Children = r.operators(o.Children)
		out[i] = o
	}
	return out
}
