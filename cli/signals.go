package cli

import (
	"context"
	"errors"
	"os"
	"os/signal"
	"sync"
	"syscall"
	"time"

	"github.com/buildscope/buildscope/cli/guard"
)

// watchSignals ends the context at the first signal that asks the program to end,
// with the signal's name as its cause, and closes again at a second one. stop
// gives the signals back; nothing of it runs afterwards.
//
// In the child of a guard, the end of the parent counts as a signal, and some time
// later as a second one: nobody is left who could send that. What terminal and
// parent both send counts once.
func watchSignals(ctx context.Context, child *guard.Child) (_ context.Context, again <-chan struct{}, stop func()) {
	ctx, cancel := context.WithCancelCause(ctx)
	signals, second, done := make(chan os.Signal, 2), make(chan struct{}), make(chan struct{})
	signal.Notify(signals, os.Interrupt, syscall.SIGTERM)
	if !signal.Ignored(syscall.SIGHUP) { // nohup is a wish, too
		signal.Notify(signals, syscall.SIGHUP)
	}
	var watcher sync.WaitGroup
	watcher.Go(func() {
		told := false
		gone := child.Gone()
		var last os.Signal
		var at time.Time
		var late <-chan time.Time
		for {
			select {
			case s := <-signals:
				echo := child != nil && s == last && time.Since(at) < guard.Echo
				last, at = s, time.Now()
				switch {
				case echo:
				case !told:
					told = true
					cancel(errors.New(signalText(s)))
				case s != syscall.SIGHUP: // a vanished terminal sends it more than once
					close(second)
					return
				}
			case <-gone:
				gone, told, late = nil, true, time.After(goneGrace)
				cancel(errors.New("the process that watches over it was killed"))
			case <-late:
				close(second)
				return
			case <-done:
				return
			}
		}
	})
	return ctx, second, func() {
		signal.Stop(signals)
		close(done)
		watcher.Wait()
		cancel(nil)
	}
}

// goneGrace is how long a build may take to stop after the parent has died.
const goneGrace = 10 * time.Second

func signalText(s os.Signal) string {
	switch s {
	case os.Interrupt:
		return "interrupted"
	case syscall.SIGHUP:
		return "the terminal was closed"
	}
	return s.String()
}
