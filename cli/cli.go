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
	"path/filepath"
	"syscall"

	"charm.land/fang/v2"
	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
	"golang.org/x/term"

	"github.com/buildscope/buildscope/build"
	"github.com/buildscope/buildscope/cli/guard"
	"github.com/buildscope/buildscope/model"
	"github.com/buildscope/buildscope/otel"
	"github.com/buildscope/buildscope/presets"
	"github.com/buildscope/buildscope/tui/ui"
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
	Short    string // what it does, in one sentence; "" means what buildscope does
	Version  string
	Pipeline string               // name of the pipeline when Nodes is set
	Nodes    build.NodesFunc      // nil: what build.pipeline says
	Flags    func(*pflag.FlagSet) // adds flags of the program's own to the commands that build; may be nil
}

// Streams is what a process gets from outside.
type Streams struct {
	In       io.Reader
	Out, Err io.Writer
	Args     []string
	Env      map[string]string
	Dir      string // working directory
	Terminal bool   // In and Out are a terminal

	OutTerminal bool // Out is one, whatever In is
}

// Process are the streams of the running process.
func Process() Streams {
	dir, err := os.Getwd()
	if err != nil {
		dir = "."
	}
	out := term.IsTerminal(int(os.Stdout.Fd()))
	return Streams{In: os.Stdin, Out: os.Stdout, Err: os.Stderr, Args: os.Args[1:], Env: presets.Environ(os.Environ()), Dir: dir,
		Terminal: out && term.IsTerminal(int(os.Stdin.Fd())), OutTerminal: out}
}

// exitError carries an exit code for an error that was not told yet.
type exitError struct {
	code int
	err  error
}

func (e *exitError) Error() string { return e.err.Error() }
func (e *exitError) Unwrap() error { return e.err }

// globals is what commands share.
type globals struct {
	app       App
	io        Streams
	variables []string        // OTEL_ variables that were set
	config    string          // --config
	again     <-chan struct{} // closed by the second signal: leave at once
	guard     *guard.Child    // nil unless a parent watches over this process
	record    string          // --record
	recorded  int             // builds that were recorded to it, and files named after it
	visit     *visit          // nil unless somebody runs the command over SSH
	bare      bool            // commands get no setting flags
	err       error           // of the command that ran
	code      int             // exit code of a command that has told everything itself
}

// environ is the environment in the form of os.Environ.
func (g *globals) environ() []string {
	var out []string
	for k, v := range g.io.Env {
		out = append(out, k+"="+v)
	}
	return out
}

// path is where a path that somebody has given leads: relative ones begin at the working
// directory.
func (g *globals) path(given string) string {
	if filepath.IsAbs(given) {
		return given
	}
	return filepath.Join(g.io.Dir, given)
}

// screenable reports whether there is a terminal that can show the screen.
func (g *globals) screenable() bool { return g.io.Terminal && g.io.Env["TERM"] != "dumb" }

// Main runs the program and returns its exit code. The first interrupt or
// termination signal cancels what it does; after a second one it returns at once
// and leaves a build that still runs to the end of the process.
//
// For a screen the program is started once more, see package guard: all that runs
// before Main runs twice then.
func Main(ctx context.Context, app App, s Streams) int {
	if app.Name == "" {
		app.Name = "buildscope"
	}
	if app.Short == "" {
		app.Short = "Run data and graph builds and see why they are slow, failing or silent"
	}
	g := &globals{app: app, io: s}
	if code, over := g.underGuard(); over {
		return code
	}
	defer g.guard.End()
	var stop func()
	ctx, g.again, stop = watchSignals(ctx, g.guard)
	defer stop()
	signal.Ignore(syscall.SIGPIPE) // a closed pipe is an error of the write, not a death
	g.variables = otel.Isolate(s.Env)
	return g.execute(ctx, newRoot(g))
}

// execute runs a command and gives its exit code.
func (g *globals) execute(ctx context.Context, root *cobra.Command) int {
	root.SetArgs(g.io.Args)
	root.SetIn(g.io.In)
	root.SetOut(g.io.Out)
	root.SetErr(g.io.Err)
	// fang asks the terminal for its background before it hands an error on, and
	// waits for the answer; the commands' own errors do not take that way.
	silent := func(io.Writer, fang.Styles, error) {}
	err := fang.Execute(ctx, root, fang.WithVersion(g.app.Version), fang.WithoutManpage(), fang.WithErrorHandler(silent))
	if err == nil {
		err = g.err
	}
	if err == nil {
		return g.code
	}
	g.tellError(err)
	var exit *exitError
	if errors.As(err, &exit) {
		return exit.code
	}
	return ExitUsage
}

// keepErrors makes the commands leave their errors in g.err.
func (g *globals) keepErrors(cmd *cobra.Command) {
	if run := cmd.RunE; run != nil {
		cmd.RunE = func(cmd *cobra.Command, args []string) error {
			g.err = run(cmd, args)
			return nil
		}
	}
	for _, c := range cmd.Commands() {
		g.keepErrors(c)
	}
}

// tellError prints an error, every fault on a line of its own. The texts are the
// same for pipes, logs and terminals; only a terminal gets colours.
func (g *globals) tellError(err error) {
	faults := []error{err}
	var settings *presets.Errors
	if errors.As(err, &settings) {
		faults = settings.List
	}
	c := g.closing(g.io.Err)
	for _, e := range faults {
		c.line("%s %v", c.bad.Render(g.app.Name+":"), ui.CleanLines(e.Error()))
	}
}

// Groups of commands in the help.
const (
	groupBuild    = "build"
	groupSettings = "settings"
	groupOther    = "other"
)

func newRoot(g *globals) *cobra.Command {
	root := &cobra.Command{
		Use:   g.app.Name,
		Short: g.app.Short,
		Example: fmt.Sprintf(`# build a repository and watch it
%[1]s build PATH
# the same without a screen, and its result as JSON
%[1]s build PATH --batch --json
# look at a run afterwards
%[1]s runs show latest PATH`, g.app.Name),
	}
	root.PersistentFlags().StringVar(&g.config, "config", "", "settings file; without it buildscope.toml is looked for from the working directory upwards")
	root.AddGroup(&cobra.Group{ID: groupBuild, Title: "build and look"}, &cobra.Group{ID: groupSettings, Title: "settings"}, &cobra.Group{ID: groupOther, Title: "other"})
	root.SetHelpCommandGroupID(groupOther)
	root.SetCompletionCommandGroupID(groupOther)
	for _, c := range []*cobra.Command{newBuildCmd(g), newTUICmd(g), newRunsCmd(g), newReplayCmd(g), newQueryCmd(g), newCaptureCmd(g), newExplainCacheCmd(g), newAttachCmd(g), newServeCmd(g)} {
		c.GroupID = groupBuild
		root.AddCommand(c)
	}
	if g.app.Nodes == nil { // a program with nodes of its own builds no SQL project
		for _, c := range []*cobra.Command{newInitSQLCmd(g), newLintSQLCmd(g)} {
			c.GroupID = groupBuild
			root.AddCommand(c)
		}
	}
	for _, c := range []*cobra.Command{newConfigCmd(g), newProfilesCmd(g), newDoctorCmd(g), newTrackerCmd(g), newCacheCmd(g)} {
		c.GroupID = groupSettings
		root.AddCommand(c)
	}
	man := newManCmd(g)
	man.GroupID = groupOther
	parent(root, man)
	root.SetFlagErrorFunc(nearestFlag)
	g.completeFlags(root)
	g.keepErrors(root)
	return root
}

// parent makes a command that has only subcommands: alone it prints its help, and
// a name that is none of them is an error.
func parent(cmd *cobra.Command, subs ...*cobra.Command) *cobra.Command {
	cmd.AddCommand(subs...)
	cmd.Args = func(cmd *cobra.Command, args []string) error {
		if len(args) == 0 {
			return nil
		}
		var names []string
		for _, c := range cmd.Commands() {
			names = append(names, c.Name())
		}
		err := fmt.Errorf("unknown command %q for %q", args[0], cmd.CommandPath())
		if near := model.Nearest(args[0], names); near != "" {
			err = fmt.Errorf("%w; did you mean %s?", err, near)
		} else if info, statErr := os.Stat(args[0]); statErr == nil && info.IsDir() && !cmd.HasParent() {
			err = fmt.Errorf("%w; did you mean %s build %s?", err, cmd.Name(), args[0])
		}
		return err
	}
	cmd.RunE = func(cmd *cobra.Command, _ []string) error { return cmd.Help() }
	return cmd
}

// nearestFlag says which flag a misspelt one may mean.
func nearestFlag(cmd *cobra.Command, err error) error {
	var unknown *pflag.NotExistError
	if !errors.As(err, &unknown) {
		return err
	}
	var names []string
	cmd.Flags().VisitAll(func(f *pflag.Flag) { names = append(names, f.Name) })
	if near := model.Nearest(unknown.GetSpecifiedName(), names); near != "" {
		return fmt.Errorf("%w; did you mean --%s?", err, near)
	}
	return err
}

// resolve reads all layers of settings for a command whose flags AddFlags defined.
func (g *globals) resolve(cmd *cobra.Command, repo string) (*presets.Resolved, error) {
	flags := presets.FlagValues(cmd.Flags())
	if g.visit != nil {
		return g.visit.resolve(flags, repo)
	}
	if repo != "" {
		flags = append(flags, presets.FlagValue{Name: "repo-root", Text: repo})
	}
	return presets.Resolve(presets.Input{Flags: flags, Env: g.io.Env, ConfigFile: g.config, Dir: g.io.Dir})
}
