package tracker

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"time"
)

// Names of a run's journal in its bundle: while there is something to send, and
// when the server has it all.
const (
	journalName = "tracker.jsonl"
	sentName    = "tracker.sent.jsonl"
)

// line is one line of a journal: a fact of the run, or what the server has of it.
// Facts are written before they are sent, so that a run whose process dies is
// sent later.
type line struct {
	Open     *opening    `json:"open,omitempty"`
	Node     *node       `json:"node,omitempty"`
	More     []Attribute `json:"more,omitempty"` // of nodes that have a line already
	Close    *closing    `json:"close,omitempty"`
	Template int64       `json:"template_id,omitempty"`
	Asking   bool        `json:"asking,omitempty"` // the run may exist from here on
	Run      int64       `json:"run_id,omitempty"`
	Sent     []string    `json:"sent,omitempty"`     // nodes whose end the server has
	Rejected []string    `json:"rejected,omitempty"` // nodes that it will never take
	Closed   bool        `json:"closed,omitempty"`
}

// opening is what is known before the first node.
type opening struct {
	Target   Target   `json:"target"`
	Key      string   `json:"key"` // of the run: its tag run_id
	Template template `json:"template"`
	Run      newRun   `json:"run"`
}

// node is a node as far as it has come.
type node struct {
	Name       string      `json:"name"`
	Deps       []string    `json:"deps"`
	Status     string      `json:"status"`
	Start      time.Time   `json:"start"`
	End        *time.Time  `json:"end,omitempty"`
	Attributes []Attribute `json:"attributes,omitempty"`
}

// journal is the file of one run. Only the worker touches it.
type journal struct {
	dir  string
	file *os.File
}

func openJournal(dir string) (*journal, error) {
	f, err := os.OpenFile(filepath.Join(dir, journalName), os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o644)
	if err != nil {
		return nil, fmt.Errorf("open the tracker's journal: %w", err)
	}
	return &journal{dir, f}, nil
}

func (j *journal) write(l line) error {
	data, err := json.Marshal(l)
	if err != nil {
		return fmt.Errorf("write the tracker's journal: %w", err)
	}
	// The newline before ends a line that a dead process has left torn.
	data = append(append([]byte{'\n'}, data...), '\n')
	if _, err := j.file.Write(data); err != nil {
		return fmt.Errorf("write the tracker's journal: %w", err)
	}
	return nil
}

// close ends the journal; done says that the server has everything.
func (j *journal) close(done bool) error {
	err := j.file.Close()
	if done {
		err = errors.Join(err, os.Rename(filepath.Join(j.dir, journalName), filepath.Join(j.dir, sentName)))
	}
	return err
}

// readJournal folds a journal.
func readJournal(dir string) (*record, error) {
	r := newRecord()
	return r, eachLine(filepath.Join(dir, journalName), func(text []byte) {
		var l line
		if json.Unmarshal(text, &l) == nil { // a torn line costs only itself
			r.apply(l)
		}
	})
}

// eachLine reads the lines of a journal that hold something.
func eachLine(name string, take func(text []byte)) error {
	f, err := os.Open(name)
	if err != nil {
		return fmt.Errorf("read the tracker's journal: %w", err)
	}
	defer f.Close()
	in := bufio.NewReader(f)
	for {
		text, err := in.ReadBytes('\n')
		if len(bytes.TrimSpace(text)) > 0 {
			take(text)
		}
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return fmt.Errorf("read the tracker's journal: %w", err)
		}
	}
}

// LastGood is the id at the server of the newest successful run of a project, out
// of the bundles of the directories given, newest first; 0 when the server has
// none of them whole. A build waits for it: of the nodes and their statistics, which
// are most of a journal, nothing is taken.
func LastGood(dirs []string, t Target) int64 {
	for _, dir := range dirs[:min(len(dirs), lookBack)] {
		var of struct {
			Open  struct{ Target Target }
			Close closing
			Run   int64 `json:"run_id"`
		}
		err := eachLine(filepath.Join(dir, sentName), func(text []byte) {
			_ = json.Unmarshal(text, &of) // as in readJournal
		})
		if err == nil && of.Close.Status == success && of.Open.Target.APIURL == t.APIURL && of.Open.Target.ProjectID == t.ProjectID {
			return of.Run
		}
	}
	return 0
}

// lookBack is how many earlier runs are searched for a good one.
const lookBack = 20

// entry is one node of a record with what the server has of it.
type entry struct {
	node
	known string                     // status that the server has; "" for none
	has   map[string]bool            // names of attributes that it has
	ended bool                       // it has all of it, or will never take it
	never bool                       // it will never take it
	made  map[string]json.RawMessage // attributes as they are sent, by name, until the server has them
}

// missing are the attributes that the server has not, as they are sent, and their
// bytes. Each is made once: those of a wide table are large.
func (e *entry) missing() (list []json.RawMessage, size int, err error) {
	for _, a := range e.Attributes {
		if e.has[a.Name] {
			continue
		}
		data, made := e.made[a.Name]
		if !made {
			if data, err = json.Marshal(a); err != nil {
				return nil, 0, fmt.Errorf("attribute %s of node %s: %w", a.Name, e.Name, err)
			}
			if e.made == nil {
				e.made = map[string]json.RawMessage{}
			}
			e.made[a.Name] = data
		}
		list, size = append(list, data), size+len(data)
	}
	return list, size, nil
}

// record is everything that is known about a run.
type record struct {
	open      *opening
	nodes     []*entry // in the order of their first line
	byName    map[string]*entry
	close     *closing
	template  int64
	asking    bool
	run       int64
	closed    bool
	uncertain bool // the server may have more than we know
	rejected  int
}

func newRecord() *record { return &record{byName: map[string]*entry{}} }

func (r *record) apply(l line) {
	switch {
	case l.Open != nil:
		r.open = l.Open
	case l.Node != nil:
		e := r.byName[l.Node.Name]
		if e == nil {
			e = &entry{has: map[string]bool{}}
			r.byName[l.Node.Name] = e
			r.nodes = append(r.nodes, e)
		}
		e.node, e.made = *l.Node, nil
	case l.More != nil:
		for _, a := range l.More {
			if e := r.byName[a.Node]; e != nil && !e.never {
				e.Attributes, e.ended = append(e.Attributes, a), false
			}
		}
	case l.Close != nil:
		r.close = l.Close
	case l.Template != 0:
		r.template = l.Template
	case l.Asking:
		r.asking = true
	case l.Run != 0:
		r.run = l.Run
	case l.Closed:
		r.closed = true
	}
	for _, name := range append(l.Sent, l.Rejected...) {
		if e := r.byName[name]; e != nil {
			e.ended, e.made = true, nil
		}
	}
	for _, name := range l.Rejected {
		if e := r.byName[name]; e != nil {
			e.never = true
		}
	}
	r.rejected += len(l.Rejected)
}
