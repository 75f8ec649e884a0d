package cli

import (
	"context"
	"errors"
	"os"
	"os/signal"
	"sync"
	"syscall"
)

// watchSignals ends the context at the first signal that asks the program to end,
// with the signal's name as its cause, and closes again at a second one. stop
// gives the signals back; nothing of it runs afterwards.
func watchSignals(ctx context.Context) (_ context.Context, again <-chan struct{}, stop func()) {
	ctx, cancel := context.WithCancelCause(ctx)
	signals, second, done := make(chan os.Signal, 2), make(chan struct{}), make(chan struct{})
	signal.Notify(signals, os.Interrupt, syscall.SIGTERM)
	if !signal.Ignored(syscall.SIGHUP) { // nohup is a wish, too
		signal.Notify(signals, syscall.SIGHUP)
	}
	var watcher sync.WaitGroup
	watcher.Go(func() {
		told := false
		for {
			select {
			case s := <-signals:
				switch {
				case !told:
					told = true
					cancel(errors.New(signalText(s)))
				case s != syscall.SIGHUP: // a vanished terminal sends it more than once
					close(second)
					return
				}
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

func signalText(s os.Signal) string {
	switch s {
	case os.Interrupt:
		return "interrupted"
	case syscall.SIGHUP:
		return "the terminal was closed"
	}
	return s.String()
}
