//go:build unix

package guard

import (
	"bufio"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"os/signal"
	"regexp"
	"strings"
	"sync"
	"syscall"
	"time"

	"golang.org/x/sys/unix"
)

// Watch starts this program again and waits for it. ok is false when it could not
// be started: the caller then does the work itself, as unguarded as before. death
// is nil when the child came to its own end, with the exit code code; otherwise the
// terminal has been restored, and the caller should tell.
//
// in and out are the terminal.
func Watch(in, out *os.File) (code int, death *Death, ok bool) {
	w := watcher{in: in, out: out}
	if err := w.start(); err != nil {
		w.close()
		return 0, nil, false
	}
	defer w.close()
	return w.wait()
}

// watcher is the parent.
type watcher struct {
	in, out *os.File
	before  *unix.Termios
	cmd     *exec.Cmd
	signals chan os.Signal
	status  *os.File // read end
	life    *os.File // write end
	words   *os.File
	theirs  []*os.File // the child's ends
}

func (w *watcher) start() (err error) {
	if w.before, err = unix.IoctlGetTermios(int(w.in.Fd()), getTermios); err != nil {
		return fmt.Errorf("read the state of the terminal: %w", err)
	}
	exe, err := os.Executable()
	if err != nil {
		return err
	}
	if err := w.pipes(); err != nil {
		return err
	}
	w.cmd = &exec.Cmd{Path: exe, Args: os.Args, Env: append(os.Environ(), Variable+"="+inChild), Stdin: os.Stdin, Stdout: os.Stdout, Stderr: os.Stderr, ExtraFiles: w.theirs}
	// Before the child is there, so that no signal ends the parent alone. SIGTSTP is
	// not among them: the screen stops its whole process group by itself.
	w.signals = make(chan os.Signal, 8)
	signal.Notify(w.signals, os.Interrupt, syscall.SIGTERM, syscall.SIGQUIT)
	if !signal.Ignored(syscall.SIGHUP) {
		signal.Notify(w.signals, syscall.SIGHUP)
	}
	return w.cmd.Start()
}

// pipes opens what joins parent and child.
func (w *watcher) pipes() error {
	status, theirStatus, err := os.Pipe()
	if err != nil {
		return err
	}
	w.status, w.theirs = status, append(w.theirs, theirStatus)
	theirLife, life, err := os.Pipe()
	if err != nil {
		return err
	}
	w.life, w.theirs = life, append(w.theirs, theirLife)
	if w.words, err = os.CreateTemp("", "buildscope-stderr-*"); err != nil {
		return err
	}
	w.theirs = append(w.theirs, w.words)
	// Without a name it goes with the processes. Appending, because the child's
	// libraries write by a descriptor of their own.
	if _, err := unix.FcntlInt(w.words.Fd(), unix.F_SETFL, unix.O_APPEND); err != nil {
		return errors.Join(err, os.Remove(w.words.Name()))
	}
	return os.Remove(w.words.Name())
}

func (w *watcher) close() {
	if w.signals != nil {
		signal.Stop(w.signals)
	}
	for _, f := range append(w.theirs, w.status, w.life) {
		if f != nil {
			_ = f.Close() // some are closed already, and none has anything to lose
		}
	}
}

// wait passes signals on until the child has ended.
func (w *watcher) wait() (code int, death *Death, ok bool) {
	_, _ = w.theirs[0].Close(), w.theirs[1].Close() // else they would never end
	var told heard
	var reader, passer sync.WaitGroup
	reader.Go(func() { told.read(w.status) })
	over := make(chan struct{})
	passer.Go(func() {
		for {
			select {
			case s := <-w.signals:
				_ = w.cmd.Process.Signal(s) // it may have just ended
			case <-over:
				return
			}
		}
	})
	err := w.cmd.Wait()
	close(over)
	passer.Wait()
	// All is in the pipe by now. A process that the child has left running may
	// still hold it open.
	_ = w.status.SetReadDeadline(time.Now().Add(time.Second))
	reader.Wait()
	state := w.cmd.ProcessState
	if told.ended && state.Exited() || err == nil {
		return state.ExitCode(), nil, true
	}
	death = w.autopsy(told.bundle)
	w.restore(told.screen)
	return death.Code(), death, true
}

// heard is what the child has told.
type heard struct {
	screen, ended bool
	bundle        string
}

func (h *heard) read(f *os.File) {
	lines := bufio.NewScanner(f)
	for lines.Scan() {
		word, rest, _ := strings.Cut(lines.Text(), " ")
		switch word {
		case wordScreen:
			h.screen = true
		case wordPlain:
			h.screen = false
		case wordBundle:
			h.bundle = rest
		case wordEnd:
			h.ended = true
		}
	}
}

// fatal finds what the Go runtime says of the signal that it dies of. It catches
// those of C++ code too, and then exits.
var fatal = regexp.MustCompile(`(?m)^(?:\[signal )?(SIG[A-Z0-9]+):`)

// autopsy tells what the child died of.
func (w *watcher) autopsy(bundle string) *Death {
	d := &Death{Bundle: bundle, MaxMemory: maxMemory(w.cmd.ProcessState.SysUsage())}
	d.Words, _ = readWords(w.words) // without them the rest is still worth telling
	number := syscall.Signal(0)
	if status, ok := w.cmd.ProcessState.Sys().(syscall.WaitStatus); ok && status.Signaled() {
		number = status.Signal()
	} else if m := fatal.FindStringSubmatch(d.Words); m != nil {
		number = unix.SignalNum(m[1])
	}
	if number != 0 {
		d.Signal, d.Number = unix.SignalName(number), int(number)
	}
	return d
}
