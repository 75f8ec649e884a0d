// Package guard keeps a terminal usable when the program on it dies of what no
// program can catch: an abort in C++ code, a crash of the Go runtime, SIGKILL, the
// kernel's out-of-memory killer.
//
// A small process, the parent, starts the same program again as its child, in the
// same process group, and waits. The child does all the work. Two pipes join them:
//
//	status  child to parent, one word a line: what is on the terminal, which bundle
//	        is being written, and that the child came to its own end
//	life    parent to child, nothing is ever written: its end tells the child that
//	        the parent has died
//
// What a child without a last word leaves behind, the parent puts right and tells.
package guard

import "time"

// Variable is the environment variable that says where a process stands: the parent
// sets it for its child, and a user may set it to Off.
const (
	Variable = "BUILDSCOPE_GUARD"
	Off      = "off"
	inChild  = "child"
)

// Echo is how long after a signal the same one counts as its echo: the terminal
// sends its signals to the child and the parent, and the parent passes them on.
const Echo = 100 * time.Millisecond

// The words of the status pipe.
const (
	wordScreen = "screen" // the alternate screen and what comes with it are on
	wordPlain  = "plain"  // they are off again
	wordBundle = "bundle" // with the directory of a run's bundle
	wordEnd    = "end"    // the child is about to exit by itself
)

// Death is how a child came to an end that was not its own.
type Death struct {
	Signal    string // as "SIGKILL"; "" when it left no trace of one
	Number    int    // of the signal; 0 with Signal
	Bundle    string // directory of the last run; "" when there was none
	Words     string // what it wrote on stderr while the screen was up, at most lastWords bytes
	MaxMemory int64  // bytes that it used at most; 0 when not known
}

// lastWords bounds what is kept of a child's stderr, in bytes.
const lastWords = 64 << 10

// Code is the exit code for the death of a child: 128 and the signal's number. A
// death without a signal counts as an abort, which is what the Go runtime's own
// fatal errors are.
func (d Death) Code() int {
	if d.Number == 0 {
		return 128 + 6
	}
	return 128 + d.Number
}
