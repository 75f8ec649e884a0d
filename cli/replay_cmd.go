package cli

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strconv"
	"time"

	"github.com/spf13/cobra"

	"github.com/buildscope/buildscope/build/bundle"
	"github.com/buildscope/buildscope/build/recording"
	"github.com/buildscope/buildscope/model"
	"github.com/buildscope/buildscope/presets"
	"github.com/buildscope/buildscope/tui"
	"github.com/buildscope/buildscope/tui/ui"
)

// replayOptions are the flags of replay.
type replayOptions struct {
	speed string // "" is 1 on the screen, and max without
	from  time.Duration
	batch bool
	json  bool
}

func newReplayCmd(g *globals) *cobra.Command {
	var o replayOptions
	cmd := &cobra.Command{
		Use:   "replay FILE|RUN [PATH]",
		Short: "Watch a run again: from a recording, or from the bundle of an earlier run",
		Long: "Play a run again on the Run screen, as fast as it was or at another speed. FILE is what --record wrote during a build; RUN is the id of a run of the repository, " +
			"a prefix of one, latest, previous or last-good. A replay launches nothing.\n\n" +
			"Without a terminal, with --batch or --json the run is told as a build tells it. Exit codes: 0 played, 1 the recording cannot be read, 2 bad usage.",
		Example: fmt.Sprintf(`%[1]s replay latest --speed 10
%[1]s build . --record run.jsonl && %[1]s replay run.jsonl
%[1]s replay run.jsonl --json | jq .nodes`, g.app.Name),
		Args: cobra.RangeArgs(1, 2), ValidArgsFunction: g.completeRun,
		RunE: func(cmd *cobra.Command, args []string) error {
			res, err := g.resolve(cmd, first(args[1:]))
			if err != nil {
				return err
			}
			return g.replay(cmd.Context(), res, args[0], o)
		},
	}
	f := cmd.Flags()
	f.StringVar(&o.speed, "speed", "", "times as fast as the run was, or max; without it 1 on the screen and max elsewhere")
	f.DurationVar(&o.from, "from", 0, "begin so far into the run; what was before comes at once")
	f.BoolVar(&o.batch, "batch", false, "no screen, also at a terminal")
	f.BoolVar(&o.json, "json", false, "print the same object as build --json; implies --batch")
	g.addSettings(cmd)
	return cmd
}

// replay plays what ref names.
func (g *globals) replay(ctx context.Context, res *presets.Resolved, ref string, o replayOptions) error {
	onScreen := !o.batch && !o.json && g.screenable()
	speed, err := parseSpeed(o.speed, onScreen)
	if err != nil {
		return err
	}
	if o.from < 0 {
		return fmt.Errorf("--from %s: must not be negative", o.from)
	}
	var own *themes
	if onScreen {
		if own, err = g.loadThemes(res); err != nil {
			return err
		}
	}
	tape, err := g.openReplay(ctx, res, ref)
	if err != nil {
		return &exitError{ExitFailed, err}
	}
	session, err := recording.NewSession(tape, recording.Options{Speed: speed, From: o.from})
	if err != nil {
		return &exitError{ExitFailed, fmt.Errorf("replay %s: %w", ref, err)}
	}
	if onScreen {
		_, err = g.show(ctx, tui.Options{Run: session.Player(), Replay: screenReplay{session}, Theme: own.user, Look: func() model.TUISettings { return res.Settings.TUI },
			Subject: ui.Clean(filepath.Base(tape.Head.Subject)), Environ: g.environ(), Input: g.io.In, Output: g.io.Out})
		if ctx.Err() != nil {
			err = nil // a signal ended the screen
		}
	} else {
		tell := &narrator{out: g.io.Err, every: heartbeat}
		tell.follow(ctx, session.Player(), g.again)
	}
	playErr, closeErr := session.Close()
	player := session.Player()
	whole := playErr == nil || errors.Is(playErr, recording.ErrTruncated)
	if !onScreen && ctx.Err() == nil && whole {
		err = g.report(player, reportOptions{json: o.json})
		g.code = ExitOK // how the run ended is told; the replay went well
	}
	err = errors.Join(err, closeErr)
	switch {
	case errors.Is(playErr, recording.ErrTruncated):
		fmt.Fprintf(g.io.Err, "%v: it ends %s into the run\n", playErr, ui.Duration(player.Position()))
	case playErr != nil:
		err = errors.Join(err, fmt.Errorf("replay %s: %w", ref, playErr))
	}
	if err != nil {
		return &exitError{ExitFailed, err}
	}
	if ctx.Err() != nil {
		g.code = ExitCancelled
	}
	return nil
}

// parseSpeed reads --speed; 0 is as fast as can be.
func parseSpeed(text string, onScreen bool) (float64, error) {
	switch text {
	case "max", "0":
		return 0, nil
	case "":
		if onScreen {
			return 1, nil
		}
		return 0, nil
	}
	speed, err := strconv.ParseFloat(text, 64)
	if err != nil || !(speed >= 0.01 && speed <= 1e6) {
		return 0, fmt.Errorf("--speed %s: must be a number from 0.01 to 1000000, or max", text)
	}
	return speed, nil
}

// openReplay opens a file, or the bundle of a run where there is no such file.
func (g *globals) openReplay(ctx context.Context, res *presets.Resolved, ref string) (recording.Tape, error) {
	path := g.path(ref)
	f, err := os.Open(path)
	if errors.Is(err, fs.ErrNotExist) {
		b, findErr := bundle.Find(res.Settings.Build.WorkDir, ref)
		if findErr != nil {
			return recording.Tape{}, fmt.Errorf("replay %s: there is no such file, and no such run: %w", ref, findErr)
		}
		tape, err := recording.FromBundle(ctx, b)
		if err != nil {
			err = fmt.Errorf("replay run %s: %w", b.RunID, err)
		}
		return tape, err
	}
	if err != nil {
		return recording.Tape{}, fmt.Errorf("replay: %w", err)
	}
	r, err := recording.NewReader(f)
	if err = errors.Join(err, f.Close()); err != nil {
		return recording.Tape{}, fmt.Errorf("replay %s: %w", ref, err)
	}
	return recording.Tape{Head: r.Head, Open: func() (recording.Source, func() error, error) { return recording.OpenFile(path) }}, nil
}
