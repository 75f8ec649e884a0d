package tracker

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"time"
)

// A request holds at most this many nodes and about this many bytes.
const (
	batchNodes = 100
	batchBytes = 4 << 20
)

// recentRuns is how many runs of the project are looked at for one that a request
// without an answer may have made; the server lists no more than it is asked for.
const recentRuns = 1000

// attributeTypes are all that the tracker sends; the server lists only types it is asked for.
var attributeTypes = []string{"dagworks_describe", "schema", "error", "primitive", "dict"}

// sender brings the server to what a record says. Every step looks at what is
// there already, so that it can be called again after any failure.
type sender struct {
	client  *Client
	rec     *record
	journal *journal
	counts  *counts
}

// deliver sends what is missing. With ends false it also tells of nodes that run.
func (s *sender) deliver(ctx context.Context) error {
	if s.rec.open == nil {
		return nil
	}
	if err := s.ensureTemplate(ctx); err != nil {
		return err
	}
	if err := s.ensureRun(ctx); err != nil {
		return err
	}
	if s.rec.uncertain {
		if err := s.readBack(ctx); err != nil {
			return err
		}
	}
	if err := s.sendNodes(ctx); err != nil {
		return err
	}
	if s.rec.close == nil || s.rec.closed {
		return nil
	}
	if err := s.call(ctx, http.MethodPut, fmt.Sprintf("/dag_runs/%d/", s.rec.run), nil, s.rec.close, nil); err != nil {
		return err
	}
	return s.note(line{Closed: true})
}

func (s *sender) call(ctx context.Context, method, path string, query url.Values, body, answer any) error {
	s.counts.requests.Add(1)
	err := s.client.call(ctx, method, path, query, body, answer)
	s.counts.away.Store(err != nil)
	if err != nil {
		s.counts.failures.Add(1)
		msg := err.Error()
		s.counts.lastError.Store(&msg)
	}
	return err
}

// note keeps what the server has; the fact counts even when the disk is full.
func (s *sender) note(l line) error {
	s.rec.apply(l)
	s.counts.run.Store(s.rec.run)
	s.counts.delivered.Store(s.rec.closed)
	err := s.journal.write(l)
	s.counts.unkept(err)
	if l.Asking {
		return err // once: the next time it is asked first what the server has
	}
	return nil
}

func (s *sender) ensureTemplate(ctx context.Context) error {
	if s.rec.template != 0 {
		return nil
	}
	o := s.rec.open
	project := o.Target.ProjectID
	if err := s.call(ctx, http.MethodGet, "/phone_home", nil, nil, nil); err != nil {
		return err
	}
	if err := s.call(ctx, http.MethodGet, "/projects/"+url.PathEscape(project), nil, nil, &struct{}{}); err != nil {
		return fmt.Errorf("project %s: %w", project, err)
	}
	find := func() (id int64, err error) {
		var got *struct {
			ID int64 `json:"id"`
		}
		err = s.call(ctx, http.MethodGet, "/dag_templates/exists/", url.Values{"dag_hash": {o.Template.DAGHash},
			"code_hash": {o.Template.CodeHash}, "dag_name": {o.Template.Name}, "project_id": {project}}, nil, &got)
		if err == nil && got != nil {
			id = got.ID
		}
		return id, err
	}
	id, err := find()
	if err != nil {
		return err
	}
	if id == 0 {
		var made struct {
			ID int64 `json:"id"`
		}
		err := s.call(ctx, http.MethodPost, "/dag_templates", url.Values{"project_id": {project}}, o.Template, &made)
		if id = made.ID; err != nil {
			// Another run may have registered it in between: the server says 500 to that.
			var findErr error
			if id, findErr = find(); findErr != nil || id == 0 {
				return errors.Join(err, findErr)
			}
		}
	}
	return s.note(line{Template: id})
}

func (s *sender) ensureRun(ctx context.Context) error {
	if s.rec.run != 0 {
		return nil
	}
	o := s.rec.open
	if s.rec.asking {
		// An earlier request may have made it: two would be one too many.
		var list []runState
		if err := s.call(ctx, http.MethodGet, "/dag_runs/latest/", url.Values{"project_id": {o.Target.ProjectID},
			"limit": {strconv.Itoa(recentRuns)}}, nil, &list); err != nil {
			return err
		}
		for _, r := range list {
			if r.Tags["run_id"] == o.Key {
				s.rec.uncertain = true
				return s.note(line{Run: r.ID})
			}
		}
	} else if err := s.note(line{Asking: true}); err != nil {
		return err
	}
	var made runState
	if err := s.call(ctx, http.MethodPost, "/dag_runs", url.Values{"dag_template_id": {strconv.FormatInt(s.rec.template, 10)}}, o.Run, &made); err != nil {
		return err
	}
	return s.note(line{Run: made.ID})
}

// readBack asks what the server has of the run. Attributes can only be inserted,
// and one that is there already makes it refuse all others of the request.
func (s *sender) readBack(ctx context.Context) error {
	var list []runState
	if err := s.call(ctx, http.MethodGet, fmt.Sprintf("/dag_runs/%d", s.rec.run), url.Values{"attr": attributeTypes}, nil, &list); err != nil {
		return err
	}
	for _, e := range s.rec.nodes {
		e.known, e.has = "", map[string]bool{}
	}
	for _, r := range list {
		for _, n := range r.Nodes {
			if e := s.rec.byName[n.Name]; e != nil {
				e.known = n.Status
				for _, a := range n.Attributes {
					e.has[a.Name] = true
				}
			}
		}
	}
	s.rec.uncertain = false
	return nil
}

func (s *sender) sendNodes(ctx context.Context) error {
	var todo []*entry
	for _, e := range s.rec.nodes {
		if !e.ended && (e.Status != running || e.known == "") {
			todo = append(todo, e)
		}
	}
	// The UI labels the bars of its waterfall by order of arrival.
	slices.SortStableFunc(todo, func(a, b *entry) int { return cmp.Compare(a.Start.UnixNano(), b.Start.UnixNano()) })
	for len(todo) > 0 {
		n, size := 0, 0
		for n < len(todo) && n < batchNodes && (n == 0 || size < batchBytes) {
			_, bytes, err := todo[n].missing()
			if err != nil {
				return err
			}
			size += bytes
			n++
		}
		if err := s.sendBatch(ctx, todo[:n]); err != nil {
			return err
		}
		todo = todo[n:]
	}
	return nil
}

func (s *sender) sendBatch(ctx context.Context, list []*entry) error {
	body := bulk{Attributes: []json.RawMessage{}, Updates: []taskUpdate{}}
	for _, e := range list {
		body.Updates = append(body.Updates, taskUpdate{Template: e.Name, Name: e.Name, Deps: e.Deps, Status: e.Status, Start: &e.Start, End: e.End})
		missing, _, err := e.missing()
		if err != nil {
			return err
		}
		body.Attributes = append(body.Attributes, missing...)
	}
	err := s.call(ctx, http.MethodPut, "/dag_runs_bulk", url.Values{"dag_run_id": {strconv.FormatInt(s.rec.run, 10)}}, body, nil)
	var code *statusError
	switch {
	case err == nil:
	case errors.As(err, &code) && code.code == http.StatusUnprocessableEntity && len(list) > 1:
		// One node that the server does not take must not cost the others.
		for i := range list {
			if err := s.sendBatch(ctx, list[i:i+1]); err != nil {
				return err
			}
		}
		return nil
	case errors.As(err, &code) && code.code == http.StatusUnprocessableEntity:
		return s.note(line{Rejected: []string{list[0].Name}})
	default:
		s.rec.uncertain = s.rec.uncertain || !unsent(err)
		return err
	}
	var sent []string
	news := 0
	for _, e := range list {
		if e.Status != running && e.known != e.Status {
			news++ // else only attributes were added to it
		}
		e.known = e.Status
		for _, a := range e.Attributes {
			e.has[a.Name] = true
		}
		if e.Status != running {
			sent = append(sent, e.Name)
		}
	}
	s.counts.attributes.Add(int64(len(body.Attributes)))
	if len(sent) == 0 {
		return nil
	}
	s.counts.nodes.Add(int64(news))
	return s.note(line{Sent: sent})
}

// pending counts the nodes whose end the server does not have.
func (r *record) pending() (n int64) {
	for _, e := range r.nodes {
		if !e.ended {
			n++
		}
	}
	return n
}

// abort closes a record whose process died: what ran has failed.
func (r *record) abort() []line {
	if r.open == nil || r.close != nil {
		return nil
	}
	last := r.open.Run.Start
	for _, e := range r.nodes {
		if e.Start.After(last) {
			last = e.Start
		}
		if e.End != nil && e.End.After(last) {
			last = *e.End
		}
	}
	var out []line
	for _, e := range r.nodes {
		if e.Status == running {
			n := e.node
			n.Status, n.End = failure, &last
			n.Attributes = []Attribute{errorAttribute(n.Name, "The build's process ended while this node ran.")}
			out = append(out, line{Node: &n})
		}
	}
	return append(out, line{Close: &closing{Status: failure, End: last, Tags: map[string]string{"buildscope.aborted": "true"}}})
}

// Push sends what a bundle's journal still holds, to the server that the run was
// for, and gives the number of nodes it sent and the page of the run.
func Push(ctx context.Context, dir string, now Target) (nodes int64, url string, err error) {
	return push(ctx, dir, now, pushTries)
}

func push(ctx context.Context, dir string, now Target, tries int) (nodes int64, url string, err error) {
	rec, err := readJournal(dir)
	if err != nil || rec.open == nil {
		return 0, "", err
	}
	j, err := openJournal(dir)
	if err != nil {
		return 0, "", err
	}
	for _, l := range rec.abort() {
		rec.apply(l)
		if err := j.write(l); err != nil {
			return 0, "", errors.Join(err, j.close(false))
		}
	}
	target := rec.open.Target
	if target.APIURL == now.APIURL {
		target.APIKey = now.APIKey // no other server may see it
	}
	c := NewClient(target)
	defer c.Close()
	rec.uncertain = rec.run != 0
	s := &sender{client: c, rec: rec, journal: j, counts: new(counts)}
	err = retry(ctx, s, tries)
	if rec.run != 0 {
		url = target.RunURL(rec.run)
	}
	return s.counts.nodes.Load(), url, errors.Join(err, j.close(rec.closed))
}

// pushTries is how often a push starts again after a failure.
const pushTries = 4

// retry delivers until it works, the server refuses, or the tries are used up.
func retry(ctx context.Context, s *sender, tries int) error {
	pause := newBackoff()
	for {
		err := s.deliver(ctx)
		if tries--; err == nil || refused(err) || tries <= 0 {
			return err
		}
		select {
		case <-time.After(pause.NextBackOff()):
		case <-ctx.Done():
			return errors.Join(err, ctx.Err())
		}
	}
}
