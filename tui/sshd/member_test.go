package sshd

import (
	"bytes"
	"context"
	"errors"
	"os"
	"strings"
	"testing"
	"time"
)

// Whose key is taken out of its file while he is in is told so and is out, on all sessions
// and whatever he tries next on the same connection; the others stay.
func TestAWithdrawnKey(t *testing.T) {
	limits := generous()
	limits.Recheck = 20 * time.Millisecond
	why := make(chan error, 3)
	b := serve(t, limits, "", func(ctx context.Context, s *Session) int {
		<-ctx.Done()
		cause := context.Cause(ctx)
		_, _ = s.Err.Write([]byte(cause.Error()))
		why <- cause
		return 0
	})
	path := b.server.opts.Keys.opts.Path
	both, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	other, line := newKey(t)
	write := func(text string) {
		t.Helper()
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	write(string(both) + line + " bob\n")
	stays, err := b.dial(other)
	if err != nil {
		t.Fatal(err)
	}
	defer stays.Close()
	goes := b.client()
	var said bytes.Buffer
	first, second, bobs := b.session(goes), b.session(goes), b.session(stays)
	first.Stderr = &said
	if err := errors.Join(first.Start("x"), second.Start("x"), bobs.Start("x")); err != nil {
		t.Fatal(err)
	}
	b.until("all sessions", func() bool { return b.server.Sessions() == 3 })
	write(line + " bob\n")
	for range 2 {
		if cause := <-why; !errors.Is(cause, errWithdrawn) {
			t.Errorf("ended by %v", cause)
		}
	}
	if _, err := goes.NewSession(); err == nil {
		t.Error("another session of a key that is withdrawn")
	}
	_ = first.Wait() // its exit code says nothing here
	if !strings.Contains(said.String(), "not among the authorized keys") {
		t.Errorf("told %q", said.String())
	}
	b.heard(EventEnd, "you are not let in any more")
	b.until("the end of the connection", func() bool { return b.server.Connections() == 1 })
	time.Sleep(5 * limits.Recheck)
	if n := b.server.Sessions(); n != 1 {
		t.Errorf("%d sessions, the other's is to stay", n)
	}
}

// Without an interval who is in stays, but gets no further session.
func TestNoRecheck(t *testing.T) {
	b := serve(t, generous(), "", func(context.Context, *Session) int { return 0 })
	c := b.client()
	if err := b.session(c).Run("x"); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(b.server.opts.Keys.opts.Path, []byte("# nobody\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := c.NewSession(); err == nil || !strings.Contains(err.Error(), "not among the authorized keys") {
		t.Errorf("another session: %v", err)
	}
	if n := b.server.Connections(); n != 1 {
		t.Errorf("%d connections", n)
	}
}

// One refusal may be an editor at work, and a file that cannot be read refuses nobody.
func TestTwoRefusalsInARow(t *testing.T) {
	b := serve(t, generous(), "", func(ctx context.Context, s *Session) int {
		<-ctx.Done()
		return 0
	})
	path := b.server.opts.Keys.opts.Path
	whole, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if err := b.session(b.client()).Start("x"); err != nil {
		t.Fatal(err)
	}
	b.until("the session", func() bool { return b.server.Sessions() == 1 })
	look := func(text []byte, mode os.FileMode, out bool) {
		t.Helper()
		if err := errors.Join(os.WriteFile(path, text, 0o600), os.Chmod(path, mode)); err != nil {
			t.Fatal(err)
		}
		b.server.look()
		b.server.mu.Lock()
		defer b.server.mu.Unlock()
		for _, m := range b.server.members {
			if (m.ctx.Err() != nil) != out {
				t.Errorf("out: %v, want %v", context.Cause(m.ctx), out)
			}
		}
	}
	none := []byte("# nobody\n")
	look(none, 0o600, false)
	look(whole, 0o600, false)
	look(none, 0o600, false)
	look(none, 0o666, false) // others may write to it: it is not read
	look(none, 0o600, false)
	look(none, 0o600, true)
	b.heard(EventEnd, errWithdrawn.Error())
}
