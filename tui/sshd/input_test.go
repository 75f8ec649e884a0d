package sshd

import (
	"bytes"
	"context"
	"io"
	"strings"
	"testing"
	"testing/iotest"
	"time"
)

func filtered(t testing.TB, text string, most int, one bool) string {
	t.Helper()
	var r io.Reader = strings.NewReader(text)
	if one {
		r = iotest.OneByteReader(r)
	}
	out, err := io.ReadAll(newInput(context.Background(), r, 1<<20, most))
	if err != nil {
		t.Fatal(err)
	}
	return string(out)
}

func TestPiecesAreBounded(t *testing.T) {
	long := strings.Repeat("x", 100)
	for _, c := range []struct{ in, want string }{
		{"abc\x1b[A\x1b[1;5C" + long, "abc\x1b[A\x1b[1;5C" + long},
		{"\x1b[200~short\x1b[201~q", "\x1b[200~short\x1b[201~q"},
		{"\x1b[200~" + long + "\x1b[201~q", "\x1b[200~" + long[:10] + "\x1b[201~q"},
		{"\x1b[200~" + long + "\x1b[20" + long + "\x1b[201~q", "\x1b[200~" + long[:10] + "\x1b[20\x1b[201~q"},
		{"\x1b[200~\a" + long + "\x1b\\" + long + "\x1b[201~q", "\x1b[200~\a" + long[:9] + "\x1b\x1b[201~q"},
		{"\x1b]11;rgb:0/0/0\x1b\\q", "\x1b]11;rgb:0/0\x1b\\q"},
		{"\x1b]11;" + long + "\aq", "\x1b]11;" + long[:7] + "\aq"},
		{"\x1bP" + long + long, "\x1bP" + long[:10]},
		{"\x1b\x1b[200~" + long + "\x1b[201~", "\x1b\x1b[200~" + long[:10] + "\x1b[201~"},
		{"\x1b[20", "\x1b[20"},
	} {
		for _, one := range []bool{false, true} {
			if got := filtered(t, c.in, 10, one); got != c.want {
				t.Errorf("%q, byte by byte %v: %q, want %q", c.in, one, got, c.want)
			}
		}
	}
}

// FuzzInput: what is short stays as it is, and what comes in many reads is treated as in
// one.
func FuzzInput(f *testing.F) {
	f.Add("\x1b[200~abc\x1b[201~", 2)
	f.Add("\x1b]52;c;"+strings.Repeat("A", 50)+"\x1b\\q", 5)
	f.Fuzz(func(t *testing.T, text string, most int) {
		most = max(0, min(most, 1000))
		whole, single := filtered(t, text, most, false), filtered(t, text, most, true)
		if whole != single {
			t.Fatalf("%q in one, %q byte by byte", whole, single)
		}
		if len(text) <= most && whole != text {
			t.Fatalf("%q became %q", text, whole)
		}
	})
}

func TestARateIsKept(t *testing.T) {
	const rate = 2000
	begun := time.Now()
	n, err := io.Copy(io.Discard, newInput(context.Background(), bytes.NewReader(make([]byte, 2*rate)), rate, 1))
	if err != nil || n != 2*rate || time.Since(begun) < 900*time.Millisecond {
		t.Errorf("%d bytes in %s: %v", n, time.Since(begun), err)
	}
	// The end of the session ends a wait of an hour.
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	if _, err := io.Copy(io.Discard, newInput(ctx, bytes.NewReader(make([]byte, 3600)), 1, 1)); err != nil {
		t.Error(err)
	}
}
