//go:build !unix

package guard

import "os"

// Child is the working process as it talks to its parent: there is none here, where
// a process cannot be started in a way that shares the terminal's signals.
type Child struct{}

// Inherit gives nil: there are no parents here.
func Inherit() *Child { return nil }

// Gone is nil, so never closed.
func (*Child) Gone() <-chan struct{} { return nil }

// Bundle does nothing.
func (*Child) Bundle(string) {}

// End does nothing.
func (*Child) End() {}

// Screen does nothing.
func (*Child) Screen() error { return nil }

// Plain does nothing.
func (*Child) Plain() (string, error) { return "", nil }

// Watch starts nothing.
func Watch(_, _ *os.File) (int, *Death, bool) { return 0, nil, false }
