package cli

import (
	"fmt"
	"io"
	"sync"
	"time"

	"github.com/buildscope/buildscope/tui/sshd"
	"github.com/buildscope/buildscope/tui/ui"
)

// Events of a server beside those at its door.
const (
	eventBuild   = "build"   // a build has started or ended; Detail says which
	eventControl = "control" // another operator acts on the builds
	eventLost    = "lost"    // lines of the audit log could not be written; Detail says how many and why
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
	if c := e.Person.Certificate; c != nil && (e.What == sshd.EventLogin || e.What == sshd.EventRefused) {
		text += fmt.Sprintf(" with certificate %q, serial %d, of CA %s", c.KeyID, c.Serial, c.Authority)
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
	err := l.audit.add(auditLine{Time: time.Now().UTC(), Event: e.What, Person: e.Person.Name, Key: e.Person.Fingerprint, Operator: e.Person.Operator, Cert: certOf(e.Person),
		Address: address, User: e.User, Detail: e.Detail})
	if err != nil && !l.failed {
		l.line(err.Error())
	}
	l.failed = err != nil
}
