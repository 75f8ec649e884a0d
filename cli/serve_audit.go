package cli

import (
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"time"

	"github.com/buildscope/buildscope/tui/sshd"
)

// auditLine is one line of the audit log.
type auditLine struct {
	Time     time.Time  `json:"time"`
	Event    string     `json:"event"` // login, refused, begin, end, panic, build, control or lost
	Person   string     `json:"person,omitempty"`
	Key      string     `json:"key,omitempty"` // fingerprint
	Operator bool       `json:"operator,omitempty"`
	Cert     *auditCert `json:"certificate,omitempty"`
	Address  string     `json:"address,omitempty"`
	User     string     `json:"user,omitempty"` // name that the client asked for
	Detail   string     `json:"detail,omitempty"`
}

// auditCert is the certificate that somebody came with. Of one that was refused nothing
// need be true.
type auditCert struct {
	KeyID      string   `json:"key_id"`
	Serial     uint64   `json:"serial"`
	CA         string   `json:"ca"` // fingerprint
	Principals []string `json:"principals,omitempty"`
}

func certOf(p sshd.Person) *auditCert {
	c := p.Certificate
	if c == nil {
		return nil
	}
	return &auditCert{KeyID: c.KeyID, Serial: c.Serial, CA: c.Authority, Principals: c.Principals}
}

// auditKept is how many full files are kept beside the one that is written.
const auditKept = 5

// auditFile is a file of lines that begins anew when it is full: the full one gets .1
// at its end, that one .2, and so on. It goes on after whatever has kept it from writing,
// and then says how many lines it lacks.
type auditFile struct {
	path  string
	limit int64    // bytes
	file  *os.File // nil: it could not be opened
	size  int64
	lost  int   // lines that could not be written
	why   error // the first of them could not
}

// openAudit opens a file to go on with. Only its owner may read it.
func openAudit(path string, limit int64) (*auditFile, error) {
	a := &auditFile{path: path, limit: limit}
	return a, a.open()
}

func (a *auditFile) open() error {
	if err := os.MkdirAll(filepath.Dir(a.path), 0o700); err != nil {
		return fmt.Errorf("open the audit log: %w", err)
	}
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

// add writes a line, after one about those before it that could not be written.
func (a *auditFile) add(l auditLine) error {
	if a.lost > 0 {
		if err := a.write(auditLine{Time: l.Time, Event: eventLost, Detail: fmt.Sprintf("%d lines: %v", a.lost, a.why)}); err != nil {
			a.lost++
			return err
		}
		a.lost, a.why = 0, nil
	}
	err := a.write(l)
	if err != nil {
		a.lost, a.why = 1, err
	}
	return err
}

// write adds a line, whole or not at all.
func (a *auditFile) write(l auditLine) error {
	data, err := json.Marshal(l)
	if err != nil {
		return fmt.Errorf("write the audit log: %w", err)
	}
	data = append(data, '\n')
	if err := a.inPlace(); err != nil {
		return err
	}
	if a.size > 0 && a.size+int64(len(data)) > a.limit {
		if err := a.rotate(); err != nil {
			return err
		}
	}
	if _, err := a.file.Write(data); err != nil {
		// Of a line that does not fit on the disk nothing stays, or the next one would be
		// spoilt, too.
		return errors.Join(fmt.Errorf("write the audit log: %w", err), a.file.Truncate(a.size))
	}
	a.size += int64(len(data))
	return nil
}

// inPlace opens the file again when it is no longer where it was: somebody may have
// moved or removed it, and who looks for it afterwards wants to find what came then.
func (a *auditFile) inPlace() error {
	if a.file == nil {
		return a.open()
	}
	at, err := os.Stat(a.path)
	if err == nil {
		if own, err := a.file.Stat(); err == nil && os.SameFile(at, own) {
			return nil
		}
	}
	return errors.Join(a.close(), a.open())
}

func (a *auditFile) rotate() error {
	name := func(n int) string { return fmt.Sprintf("%s.%d", a.path, n) }
	err := a.close()
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

func (a *auditFile) close() error {
	if a.file == nil {
		return nil
	}
	f := a.file
	a.file = nil
	return f.Close()
}
