package cli

import (
	"bytes"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/buildscope/buildscope/tui/sshd"
)

// A full file makes room for a new one, and so on; no line is lost or cut while they
// are kept.
func TestAuditRotates(t *testing.T) {
	path := filepath.Join(t.TempDir(), "audit.jsonl")
	const lines = 40
	for i := range lines {
		a, err := openAudit(path, 500) // as after a restart, each time
		if err != nil {
			t.Fatal(err)
		}
		if err := a.write(auditLine{Event: "x", Detail: strings.Repeat("y", 50), User: string(rune('A' + i))}); err != nil {
			t.Fatal(err)
		}
		if err := a.close(); err != nil {
			t.Fatal(err)
		}
	}
	list, err := os.ReadDir(filepath.Dir(path))
	if err != nil || len(list) != auditKept+1 {
		t.Fatalf("%v, %v", list, err)
	}
	kept := 0
	for _, e := range list {
		data, err := os.ReadFile(filepath.Join(filepath.Dir(path), e.Name()))
		if err != nil {
			t.Fatal(err)
		}
		if len(data) > 500 || !bytes.HasSuffix(data, []byte("}\n")) {
			t.Errorf("%s has %d bytes: %s", e.Name(), len(data), data)
		}
		kept += bytes.Count(data, []byte("\n"))
	}
	if kept < 20 || kept >= lines {
		t.Errorf("%d lines are kept", kept)
	}
}

// A log that cannot be written is said once, and people come in all the same; what
// they send does not reach the terminal raw.
func TestAuditThatFails(t *testing.T) {
	var said bytes.Buffer
	a, err := openAudit("/dev/full", 1<<20)
	if err != nil {
		t.Fatal(err)
	}
	l := &serveLog{out: &said, audit: a}
	for range 3 {
		l.event(sshd.Event{What: sshd.EventRefused, User: "x", Detail: "\x1b[2Jboo"})
	}
	l.warn(errors.New("bare\x1b]0;title\a"))
	if n := strings.Count(said.String(), "write the audit log"); n != 1 || strings.Count(said.String(), "boo") != 3 || strings.ContainsAny(said.String(), "\x1b\a") {
		t.Errorf("%q", &said)
	}
}

// The log goes on where it is looked for when it was moved away, and says what it lacks
// when it could not.
func TestAuditGoesOn(t *testing.T) {
	path := filepath.Join(t.TempDir(), "log", "audit.jsonl")
	a, err := openAudit(path, 1<<20)
	if err != nil {
		t.Fatal(err)
	}
	defer a.close()
	write := func(who string) error { return a.add(auditLine{Person: who}) }
	if err := errors.Join(write("first"), os.Rename(path, path+".old"), write("second")); err != nil {
		t.Fatal(err)
	}
	if err := errors.Join(os.RemoveAll(filepath.Dir(path)), os.WriteFile(filepath.Dir(path), nil, 0o600)); err != nil {
		t.Fatal(err)
	}
	if write("third") == nil || write("fourth") == nil {
		t.Error("a file took the place of the folder, and nobody has noticed")
	}
	if err := errors.Join(os.Remove(filepath.Dir(path)), write("fifth")); err != nil {
		t.Fatal(err)
	}
	text, err := os.ReadFile(path)
	if err != nil || !strings.Contains(string(text), `"event":"lost","detail":"2 lines: open the audit log: `) || strings.Count(string(text), "\n") != 2 || !strings.Contains(string(text), "fifth") {
		t.Errorf("%v\n%s", err, text)
	}
}
