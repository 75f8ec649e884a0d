package build

import (
	"errors"
	"fmt"
	"io/fs"
	"slices"
	"strings"
	"testing"
)

// The errors inside an error are told from the outside in, each once and without
// secrets.
func TestCauses(t *testing.T) {
	hide := func(s string) string { return strings.ReplaceAll(s, "secret", "••••") }
	path := &fs.PathError{Op: "open", Path: "/secret", Err: fs.ErrNotExist}
	deep := errors.New("at the bottom")
	for range 50 {
		deep = fmt.Errorf("above it: %w", deep)
	}
	for _, tc := range []struct {
		name string
		err  error
		want []string
	}{
		{"plain", errors.New("broke"), nil},
		{"wrapped", fmt.Errorf("read: %w", path), []string{"open /••••: file does not exist", "file does not exist"}},
		{"joined", errors.Join(errors.New("one"), fmt.Errorf("two: %w", fs.ErrClosed)), []string{"one", "two: file already closed", "file already closed"}},
		{"same text", fmt.Errorf("%w", fs.ErrClosed), nil},
	} {
		if got := causes(tc.err, hide); !slices.Equal(got, tc.want) {
			t.Errorf("%s: %q", tc.name, got)
		}
	}
	if got := causes(deep, hide); len(got) != maxCauses {
		t.Errorf("%d causes", len(got))
	}
}
