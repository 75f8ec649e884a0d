//go:build unix

package guard

import (
	"errors"
	"fmt"
	"io"
	"os"
	"strings"
	"sync"

	"golang.org/x/sys/unix"
)

// The files that a child inherits after the standard three.
const (
	statusFD = 3 + iota
	lifeFD
	wordsFD
)

// Child is the working process as it talks to its parent. All methods of nil do
// nothing: that is a process without a parent.
type Child struct {
	status *os.File
	words  *os.File // takes stderr while the screen is up
	gone   chan struct{}

	mu     sync.Mutex // guards what follows
	stderr int        // a copy of stderr while words stands in for it; 0 otherwise
}

// Inherit gives what the parent of this process has left for it, and nil in a
// process without one. It takes Variable out of the environment, so that programs
// started from here are none of the parent's. It must be called before anything
// opens a file.
func Inherit() *Child {
	if os.Getenv(Variable) != inChild {
		return nil
	}
	_ = os.Unsetenv(Variable) // the name is a good one, which is all that is asked of it
	c := &Child{gone: make(chan struct{})}
	for fd, kind := range map[int]uint32{statusFD: unix.S_IFIFO, lifeFD: unix.S_IFIFO, wordsFD: unix.S_IFREG} {
		var s unix.Stat_t
		if err := unix.Fstat(fd, &s); err != nil || uint32(s.Mode)&unix.S_IFMT != kind {
			return nil // somebody else has set the variable
		}
	}
	for fd := statusFD; fd <= wordsFD; fd++ {
		unix.CloseOnExec(fd)
	}
	c.status, c.words = os.NewFile(statusFD, "status"), os.NewFile(wordsFD, "words")
	life := os.NewFile(lifeFD, "life")
	go func() { // ends with the process, or the parent
		_, _ = io.Copy(io.Discard, life) // an error ends it too
		close(c.gone)
	}()
	return c
}

// Gone is closed when the parent has died. It is nil, so never closed, without one.
func (c *Child) Gone() <-chan struct{} {
	if c == nil {
		return nil
	}
	return c.gone
}

// say sends a word. One that cannot be sent has nobody left to read it.
func (c *Child) say(word, rest string) {
	if c != nil {
		_, _ = io.WriteString(c.status, strings.TrimRight(word+" "+rest, " ")+"\n")
	}
}

// Bundle tells where the run that has begun writes.
func (c *Child) Bundle(dir string) { c.say(wordBundle, dir) }

// End tells that the child exits by itself.
func (c *Child) End() { c.say(wordEnd, "") }

// Screen tells that the alternate screen goes up. From now on what libraries and the
// runtime write on stderr goes to a file instead of into the picture; it is the
// last words if the child dies.
func (c *Child) Screen() error {
	if c == nil {
		return nil
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	c.say(wordScreen, "")
	if c.stderr != 0 {
		return nil
	}
	old, err := unix.FcntlInt(2, unix.F_DUPFD_CLOEXEC, 3)
	if err == nil {
		if err = unix.Dup2(wordsFD, 2); err == nil {
			c.stderr = old
			return nil
		}
		err = errors.Join(err, unix.Close(old))
	}
	return fmt.Errorf("keep stderr off the screen: %w", err)
}

// Plain tells that the terminal is as it was, gives stderr back, and returns what
// was written on it meanwhile.
func (c *Child) Plain() (words string, err error) {
	if c == nil {
		return "", nil
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	c.say(wordPlain, "")
	if c.stderr == 0 {
		return "", nil
	}
	err = errors.Join(unix.Dup2(c.stderr, 2), unix.Close(c.stderr))
	c.stderr = 0
	words, readErr := readWords(c.words)
	if err = errors.Join(err, readErr, c.words.Truncate(0)); err != nil {
		err = fmt.Errorf("give stderr back: %w", err)
	}
	return words, err
}

// readWords reads what is in the file of the last words.
func readWords(f *os.File) (string, error) {
	text, err := io.ReadAll(io.NewSectionReader(f, 0, lastWords))
	return string(text), err
}
