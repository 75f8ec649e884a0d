package tui

import (
	"context"
	"io"
	"time"

	"github.com/buildscope/buildscope/model"
	"github.com/buildscope/buildscope/otel/runview"
	"github.com/buildscope/buildscope/tui/pane"
	"github.com/buildscope/buildscope/tui/theme"
)

// Settings is the model of the Setup screen.
type Settings = pane.Settings

// Setting is one setting as the Setup screen shows it.
type Setting = pane.Setting

// Written is text that gives the settings once more.
type Written = pane.Written

// ProfileDifference is a setting that two profiles give different values.
type ProfileDifference = pane.ProfileDifference

// Check is one result of trying a setting out.
type Check = pane.Check

// Options is what the program shows and what it may do.
type Options struct {
	// Settings is shown and edited on the Setup screen. Nil means that this
	// viewer may not see or change settings: there is no Setup screen then.
	Settings Settings
	// Check tries the setting of a key out with the settings as they are now; ok is
	// false when there is nothing to try. The function it gives runs beside the
	// screen and ends with its context. Nil means that nothing is tried.
	Check func(key string) (check func(context.Context) []Check, ok bool)
	// Doctor makes the checks of the Doctor screen. Nil, or nil Settings, means that
	// there is none.
	Doctor *Doctor
	// Look gives the settings of the screen as they are now; it is asked again
	// after every edit. Nil means the default look.
	Look func() model.TUISettings
	// Theme gives a theme of the user's own by the text of tui.theme, nil for one that
	// is built in. It reads no file. Nil means that there are none.
	Theme func(name string) *theme.User
	// Launch starts a build with the current settings. The build must outlive
	// the program: its context is the caller's, not the screen's. Nil means that
	// this viewer may not start builds.
	Launch func(context.Context) (Run, error)
	// Run is a build that is running already, or has ended; may be nil.
	Run Run
	// Next waits for a run that is newer than those it has given, where runs come
	// up by themselves, and says what is built; it is nil when ctx has ended. Nil
	// means that runs are only launched here.
	Next func(ctx context.Context) (run Run, subject string)
	// Host is the server that shows the screen to somebody far away. Nil means that
	// the terminal is this process's own.
	Host *Host
	// Replay steers Run where that is a recording that is played; nil otherwise.
	Replay Replay
	// Bundles lists the finished and unfinished runs whose artifacts are on
	// disk, newest first. Nil means that there is no Artifacts screen.
	Bundles func(context.Context) ([]BundleInfo, error)
	// Recent lists the repositories that were built, the last one first. Nil means
	// that there is no such list.
	Recent func(context.Context) ([]string, error)
	// Open opens the bundle of one run.
	Open func(ctx context.Context, runID string) (Bundle, error)
	// Compare says what is different in run b, seen from run a, as lines of text.
	// Nil means that there is no Runs screen.
	Compare func(ctx context.Context, a, b string) ([]string, error)
	// Past tells what became of a node in earlier runs of the repository. It is asked
	// beside the screen, and ends with its context. Nil means that they are not known.
	Past func(context.Context, PastQuery) (NodePast, error)
	// SQL is for asking runs by SQL. Nil means that there is no console.
	SQL *SQL
	// MayCancel lets this viewer cancel builds that it did not start.
	MayCancel bool
	// Subject is what is built, for the title: the repository.
	Subject string
	// History keeps the lines of the command line.
	History History
	// Environ is the environment of the viewer, "NAME=value". It decides about
	// colours and glyphs; the environment of the process is never read.
	Environ []string
	// Color is auto, always or never; "" means auto.
	Color string
	// Input and Output are the terminal.
	Input  io.Reader
	Output io.Writer
	// Clock is the time now; nil means time.Now. Tests give a fixed one.
	Clock func() time.Time
}

// Run is a build as the screen reads it. All methods may be called from any
// goroutine.
type Run interface {
	View() *runview.DB
	Snapshot() model.RunSnapshot
	Cancel(reason string)
	Done() <-chan struct{}
}

// BundleInfo names one run that has left artifacts.
type BundleInfo struct {
	RunID   string
	State   model.RunState
	Started time.Time
	Ended   time.Time // zero when it never came to an end
	Profile string
	Sources string // commit that was built, in few letters; "" when unknown
	Error   string
}

// Bundle is what a run left on disk. The files may still be growing; each call
// reads anew.
type Bundle interface {
	// Artifacts lists the artifacts by name.
	Artifacts(context.Context) ([]ArtifactInfo, error)
	// Artifact gives one artifact as JSON text.
	Artifact(ctx context.Context, name string) ([]byte, error)
	// Report gives the report of the run as Markdown.
	Report(context.Context) (string, error)
	// Outputs lists the published tables.
	Outputs(context.Context) ([]model.OutputLocation, error)
	// Preview reads limit rows of a published table from row offset on.
	Preview(ctx context.Context, path string, offset, limit int64) (Preview, error)
}

// ArtifactInfo names one artifact.
type ArtifactInfo struct {
	Name string
	Size int64 // bytes
}

// Preview is a part of a table, as text.
type Preview = pane.Preview

// Result is what became of a program after it ended.
type Result struct {
	Run       Run  // the last build that was on the screen; nil if there was none
	Launched  bool // it was started from this screen
	Cancelled bool // it was cancelled from this screen
	Forced    bool // the viewer left without waiting for the end of the build
}
