package cli

import (
	"context"
	"fmt"
	"io"
	"math"
	"strings"
	"time"

	"github.com/buildscope/buildscope/model"
	"github.com/buildscope/buildscope/otel/runview"
	"github.com/buildscope/buildscope/tui/ui"
)

// heartbeat is how long the narration may be silent.
const heartbeat = 30 * time.Second

// Bounds of the narration: how often it looks at the run, and how many lines
// about nodes it writes before it goes on with failures and heartbeats only.
const (
	lookEvery = 50 * time.Millisecond
	mostLines = 2000
)

// viewed is a run as the reporter reads it.
type viewed interface {
	View() *runview.DB
	Snapshot() model.RunSnapshot
	Cancel(reason string)
	Done() <-chan struct{}
}

// narrator tells on stderr what a run does, as one more viewer that pulls from
// the run's view: a slow stderr never holds up the build.
type narrator struct {
	out   io.Writer
	every time.Duration // longest silence

	told  map[runview.RowID]model.NodeState // what was said about each node
	folds map[runview.RowID]bool
	lines int // written about nodes
}

// follow narrates until the run has ended. The end of ctx cancels the run; it
// reports false when again was closed before the run had ended.
func (n *narrator) follow(ctx context.Context, run viewed, again <-chan struct{}) bool {
	n.told, n.folds = map[runview.RowID]model.NodeState{}, map[runview.RowID]bool{}
	look := time.NewTicker(lookEvery)
	defer look.Stop()
	quiet := time.NewTimer(n.every)
	defer quiet.Stop()
	stop := ctx.Done()
	var seen uint64
	for {
		select {
		case <-look.C:
			v := run.View().Version()
			if v != seen && n.changes(run) {
				quiet.Reset(n.every)
			}
			seen = v
		case <-quiet.C:
			fmt.Fprintln(n.out, n.pulse(run, model.Now(run.Snapshot().Started)))
			quiet.Reset(n.every)
		case <-stop:
			fmt.Fprintf(n.out, "cancelling: %v; a second signal leaves at once\n", context.Cause(ctx))
			run.Cancel(context.Cause(ctx).Error())
			stop = nil
		case <-again:
			return false
		case <-run.Done():
			n.changes(run)
			return true
		}
	}
}

// changes writes a line for every node that started or ended since the last look.
func (n *narrator) changes(run viewed) (wrote bool) {
	for _, r := range planned(run.View(), n.folds) {
		if n.told[r.ID] == r.State {
			continue
		}
		n.told[r.ID] = r.State
		if n.lines >= mostLines && r.State != model.NodeFailed {
			continue
		}
		switch r.State {
		case model.NodeRunning:
			fmt.Fprintf(n.out, "%-9s %s\n", "started", r.Name)
		case model.NodeBlocked:
			fmt.Fprintf(n.out, "%-9s %-30s needs %s\n", r.State, r.Name, r.BlockedBy)
		case model.NodeFailed: // the error itself comes once, in the report
			fmt.Fprintf(n.out, "%-9s %-30s %9s\n", r.State, r.Name, took(r))
		default:
			computed := ""
			if r.Computed != "" {
				computed = "  " + r.Computed
			}
			fmt.Fprintf(n.out, "%-9s %-30s %9s %10d rows%s\n", r.State, r.Name, took(r), r.Rows, computed)
		}
		wrote = true
		if n.lines++; n.lines == mostLines {
			fmt.Fprintf(n.out, "after %d lines only failures are told; the bundle has every node\n", mostLines)
		}
	}
	return wrote
}

// pulse says what runs and how far it is.
func (n *narrator) pulse(run viewed, now time.Time) string {
	done, total := 0, 0
	var running []string
	for _, r := range planned(run.View(), n.folds) {
		total++
		if r.State.Ended() {
			done++
		}
		if r.State != model.NodeRunning {
			continue
		}
		text := r.Name
		if p := r.Progress; p.Total > 0 {
			text += fmt.Sprintf(" %d of %d %s", p.Done, p.Total, p.Unit)
		} else if p.Done > 0 {
			text += fmt.Sprintf(" %d %s", p.Done, p.Unit)
		}
		running = append(running, fmt.Sprintf("%s (%s)", strings.TrimSpace(text), ui.Duration(now.Sub(time.Unix(0, r.Start)))))
	}
	s := run.Snapshot()
	what := s.State.String()
	if len(running) > 0 {
		what = strings.Join(running, ", ")
	}
	return fmt.Sprintf("still at it after %s, %d of %d nodes done: %s", ui.Duration(now.Sub(s.Started)), done, total, what)
}

func took(r runview.Row) string {
	if r.Start == 0 || r.End == 0 {
		return "-"
	}
	return ui.Duration(time.Duration(r.End - r.Start))
}

// planned lists the rows of the planned nodes, in plan order. folds keeps what is
// below them out of the walk, however many spans there are.
func planned(db *runview.DB, folds map[runview.RowID]bool) []runview.Row {
	w := db.Window(runview.Query{Open: folds, Height: math.MaxInt})
	rows := w.Rows[:0]
	for _, r := range w.Rows {
		if r.Depth == 0 && r.Kind != "span" {
			folds[r.ID] = false
			rows = append(rows, r)
		}
	}
	return rows
}
