package tui

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"strings"

	tea "charm.land/bubbletea/v2"
)

// framesPerSecond bounds how often the terminal is written to.
const framesPerSecond = 30

// Show shows the program on a terminal until the viewer quits or ctx ends. When
// it returns, the terminal is as it was before and nothing of the program runs
// any more; a build that it started may still do so, as Result tells. Signals are
// the caller's business: it should end ctx on them.
//
// The error is ctx's when ctx ended, else something about the terminal; the
// result is valid in every case.
func Show(ctx context.Context, opts Options) (Result, error) {
	m := NewModel(ctx, opts)
	args := []tea.ProgramOption{
		tea.WithFPS(framesPerSecond), tea.WithoutSignalHandler(), tea.WithEnvironment(opts.Environ),
		tea.WithWindowSize(sizeOf(opts.Environ)),
	}
	if opts.Input != nil {
		args = append(args, tea.WithInput(opts.Input))
	}
	if opts.Output != nil {
		args = append(args, tea.WithOutput(opts.Output))
	}
	if profile, ok := forcedProfile(opts.Color, opts.Environ); ok {
		args = append(args, tea.WithColorProfile(profile))
	}
	// Neither the end of ctx nor a panic is left to the library: it would close the
	// terminal under the goroutine that reads it.
	caught := &catcher{Model: m}
	var p *tea.Program
	args = append(args, tea.WithFilter(caught.spread(func(msg tea.Msg) { p.Send(msg) })))
	p = tea.NewProgram(caught, args...)
	stop := context.AfterFunc(ctx, p.Quit)
	_, err := p.Run()
	stop()
	m.Close()
	switch {
	case caught.panicked != nil:
		err = fmt.Errorf("the screen stopped: %w", caught.panicked)
	case ctx.Err() != nil:
		err = ctx.Err()
	case errors.Is(err, tea.ErrProgramPanic): // elsewhere than in Update
		err = fmt.Errorf("the screen stopped: %w", err)
	case err != nil:
		err = fmt.Errorf("run the screen: %w", err)
	}
	return m.Result(), err
}

// catcher ends the program in good order when Update panics, or a command of a batch.
type catcher struct {
	*Model
	panicked error // the first panic, with its stack
}

// Update is that of the model.
func (c *catcher) Update(msg tea.Msg) (next tea.Model, cmd tea.Cmd) {
	next = c
	defer func() {
		if v := recover(); v != nil {
			if c.panicked == nil {
				c.panicked = panicked(v)
			}
			cmd = tea.Quit
		}
	}()
	if p, is := msg.(panicMsg); is {
		if c.panicked == nil {
			c.panicked = p.err
		}
		return next, tea.Quit
	}
	_, cmd = c.Model.Update(msg)
	return next, cmd
}

// sizeOf is the size to begin with on an output that is no terminal and cannot
// be asked: what COLUMNS and LINES say, else 80 by 24. A terminal's own answer
// takes precedence over it.
func sizeOf(environ []string) (width, height int) {
	width, height = 80, 24
	for _, pair := range environ {
		name, value, _ := strings.Cut(pair, "=")
		n, err := strconv.Atoi(value)
		switch {
		case err != nil || n <= 0:
		case name == "COLUMNS":
			width = n
		case name == "LINES":
			height = n
		}
	}
	return width, height
}
