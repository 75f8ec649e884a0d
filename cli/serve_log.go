package cli

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"sync"
	"time"

	"github.com/buildscope/buildscope/tui/sshd"
	"github.com/buildscope/buildscope/tui/ui"
)

// Events of a server beside those at its door.
const (
	eventBuild   = "build"   // a build has started or ended; Detail says which
	eventControl = "control" // another operator acts on the builds
)

// serveLog tells on stderr what happens on a server, and keeps it as JSON lines.
type serveLog struct {
	out   io.Writer
	audit *auditFile // nil: not kept

	mu     sync.Mutex // one line after the other
	failed bool       // it has been said that the file cannot be written
}

// warn tells something that is nobody's doing.
func (l *serveLog) warn(err error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.line(err.Error())
}

func (l *serveLog) line(text string) {
	fmt.Fprintf(l.out, "%s %s\n", time.Now().Format(time.DateTime), ui.Clean(text))
}

// event tells what somebody has done. A full disk must not keep people out: that the
// file cannot be written is said once, on stderr.
func (l *serveLog) event(e sshd.Event) {
	who := e.Person.Name
	if who == "" {
		who = e.Person.Fingerprint
	}
	if who == "" {
		who = "somebody"
	}
	text := fmt.Sprintf("%-7s %s", e.What, who)
	address := ""
	if e.Addr != nil {
		address = e.Addr.String()
		text += " from " + address
	}
	if e.Detail != "" {
		text += ": " + e.Detail
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	l.line(text)
	if l.audit == nil {
		return
	}
	err := l.audit.write(auditLine{Time: time.Now().UTC(), Event: e.What, Person: e.Person.Name, Key: e.Person.Fingerprint, Operator: e.Person.Operator,
		Address: address, User: e.User, Detail: e.Detail})
	if err != nil && !l.failed {
		l.line(err.Error())
	}
	l.failed = err != nil
}

// auditLine is one line of the audit log.
type auditLine struct {
	Time     time.Time `json:"time"`
	Event    string    `json:"event"` // login, refused, begin, end, panic, build or control
	Person   string    `json:"person,omitempty"`
	Key      string    `json:"key,omitempty"` // fingerprint
	Operator bool      `json:"operator,omitempty"`
	Address  string    `json:"address,omitempty"`
	User     string    `json:"user,omitempty"` // name that the client asked for
	Detail   string    `json:"detail,omitempty"`
}

// auditKept is how many full files are kept beside the one that is written.
const auditKept = 5

// auditFile is a file of lines that begins anew when it is full: the full one gets .1
// at its end, that one .2, and so on.
type auditFile struct {
	path  string
	limit int64 // bytes
	file  *os.File
	size  int64
}

// openAudit opens a file to go on with. Only its owner may read it.
func openAudit(path string, limit int64) (*auditFile, error) {
	a := &auditFile{path: path, limit: limit}
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		return nil, fmt.Errorf("open the audit log: %w", err)
	}
	return a, a.open()
}

func (a *auditFile) open() error {
	f, err := os.OpenFile(a.path, os.O_WRONLY|os.O_APPEND|os.O_CREATE, 0o600)
	if err != nil {
		return fmt.Errorf("open the audit log: %w", err)
	}
	info, err := f.Stat()
	if err != nil {
		return errors.Join(fmt.Errorf("open the audit log: %w", err), f.Close())
	}
	a.file, a.size = f, info.Size()
	return nil
}

// write adds a line, whole or not at all as far as the disk goes along.
func (a *auditFile) write(l auditLine) error {
	data, err := json.Marshal(l)
	if err != nil {
		return fmt.Errorf("write the audit log: %w", err)
	}
	data = append(data, '\n')
	if a.size > 0 && a.size+int64(len(data)) > a.limit {
		if err := a.rotate(); err != nil {
			return err
		}
	}
	n, err := a.file.Write(data)
	a.size += int64(n)
	if err != nil {
		return fmt.Errorf("write the audit log: %w", err)
	}
	return nil
}

func (a *auditFile) rotate() error {
	name := func(n int) string { return fmt.Sprintf("%s.%d", a.path, n) }
	err := a.file.Close()
	for n := auditKept - 1; n > 0; n-- {
		if e := os.Rename(name(n), name(n+1)); !errors.Is(e, os.ErrNotExist) {
			err = errors.Join(err, e)
		}
	}
	if err = errors.Join(err, os.Rename(a.path, name(1))); err != nil {
		err = fmt.Errorf("begin a new audit log: %w", err)
	}
	return errors.Join(err, a.open())
}

func (a *auditFile) close() error { return a.file.Close() }
