package build

import (
	"errors"
	"fmt"
	"syscall"
	"testing"
)

func TestSummed(t *testing.T) {
	full := func(file string) error { return fmt.Errorf("write %s: %w", file, syscall.ENOSPC) }
	for _, c := range []struct {
		errs []error
		want string
	}{
		{nil, ""},
		{[]error{nil, nil}, ""},
		{[]error{nil, full("a")}, "write a: no space left on device"},
		{[]error{full("a"), errors.New("other"), nil, full("b"), full("c")}, "3 failures like this: write a: no space left on device\nother"},
	} {
		got := ""
		if err := summed(c.errs); err != nil {
			got = err.Error()
		}
		if got != c.want {
			t.Errorf("%v: %q, want %q", c.errs, got, c.want)
		}
	}
	if err := summed([]error{full("a"), full("b")}); !errors.Is(err, syscall.ENOSPC) {
		t.Errorf("%v is no full disk any more", err)
	}
}
