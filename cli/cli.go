// Package cli is the command line: commands, flags, the headless reporter and the
// exit codes. What a build is it leaves to package build.
package cli

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
	"syscall"

	"github.com/spf13/cobra"
	"golang.org/x/term"

	"github.com/buildscope/buildscope/build"
	"github.com/buildscope/buildscope/otel"
	"github.com/buildscope/buildscope/presets"
)

// Exit codes of the program.
const (
	ExitOK        = 0
	ExitFailed    = 1   // the build failed
	ExitUsage     = 2   // bad flags or settings
	ExitTelemetry = 3   // built, but telemetry was lost and --strict-telemetry was given
	ExitCancelled = 130 // somebody cancelled the build
)

// App is the program: buildscope itself, or one that embeds it with nodes of its own.
type App struct {
	Name     string // "" means buildscope
	Version  string
	Pipeline string          // name of the pipeline when Nodes is set
	Nodes    build.NodesFunc // nil: the code property graph
}

// Streams is what a process gets from outside.
type Streams struct {
	In       io.Reader
	Out, Err io.Writer
	Args     []string
	Env      map[string]string
	Dir      string // working directory
	Terminal bool   // In and Out are a terminal
}

// Process are the streams of the running process.
func Process() Streams {
	dir, err := os.Getwd()
	if err != nil {
		dir = "."
	}
	return Streams{In: os.Stdin, Out: os.Stdout, Err: os.Stderr, Args: os.Args[1:], Env: presets.Environ(os.Environ()), Dir: dir,
		Terminal: term.IsTerminal(int(os.Stdin.Fd())) && term.IsTerminal(int(os.Stdout.Fd()))}
}

// exitError carries an exit code; a nil Err was already told to the user.
type exitError struct {
	code int
	err  error
}

func (e *exitError) Error() string { return fmt.Sprint(e.err) }
func (e *exitError) Unwrap() error { return e.err }

// globals is what commands share.
type globals struct {
	app       App
	io        Streams
	variables []string // OTEL_ variables that were set
	config    string   // --config
}

// Main runs the program and returns its exit code.
func Main(ctx context.Context, app App, s Streams) int {
	if app.Name == "" {
		app.Name = "buildscope"
	}
	ctx, stop := signal.NotifyContext(ctx, os.Interrupt, syscall.SIGTERM)
	defer stop()
	signal.Ignore(syscall.SIGPIPE) // a closed pipe is an error of the write, not a death
	g := &globals{app: app, io: s, variables: otel.Isolate(s.Env)}
	root := newRoot(g)
	root.SetArgs(s.Args)
	root.SetIn(s.In)
	root.SetOut(s.Out)
	root.SetErr(s.Err)
	err := root.ExecuteContext(ctx)
	var exit *exitError
	var settings *presets.Errors
	switch {
	case err == nil:
		return ExitOK
	case errors.As(err, &exit):
		if exit.err != nil {
			fmt.Fprintf(s.Err, "%s: %v\n", app.Name, exit.err)
		}
		return exit.code
	case errors.As(err, &settings):
		for _, e := range settings.List {
			fmt.Fprintf(s.Err, "%s: %v\n", app.Name, e)
		}
		return ExitUsage
	}
	fmt.Fprintf(s.Err, "%s: %v\n", app.Name, err)
	return ExitUsage
}

func newRoot(g *globals) *cobra.Command {
	root := &cobra.Command{
		Use:           g.app.Name,
		Short:         "Run data and graph builds and see why they are slow, failing or silent",
		Version:       g.app.Version,
		SilenceErrors: true,
		SilenceUsage:  true,
	}
	root.PersistentFlags().StringVar(&g.config, "config", "", "settings file; without it buildscope.toml is looked for from the working directory upwards")
	root.AddCommand(newTUICmd(g), newBuildCmd(g), newConfigCmd(g), newProfilesCmd(g), newRunsCmd(g))
	return root
}

// resolve reads all layers of settings for a command whose flags AddFlags defined.
func (g *globals) resolve(cmd *cobra.Command, repo string) (*presets.Resolved, error) {
	flags := presets.FlagValues(cmd.Flags())
	if repo != "" {
		flags = append(flags, presets.FlagValue{Name: "repo-root", Text: repo})
	}
	return presets.Resolve(presets.Input{Flags: flags, Env: g.io.Env, ConfigFile: g.config, Dir: g.io.Dir})
}
