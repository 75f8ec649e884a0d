package build_test

import (
	"context"
	"errors"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/buildscope/buildscope/build"
	"github.com/buildscope/buildscope/build/bundle"
	"github.com/buildscope/buildscope/build/recording"
	"github.com/buildscope/buildscope/model"
	"github.com/buildscope/buildscope/otel/runview"
	"github.com/buildscope/buildscope/pipeline"
	"github.com/buildscope/buildscope/presets"
)

// told is what a view tells of a run that is over: every row with what is known of
// it. exact is with ids of rows and everything that only a recording has.
func told(db *runview.DB, exact bool) string {
	var out strings.Builder
	h := db.Header()
	fmt.Fprintln(&out, h.Ended.UnixNano(), h.States, h.Nodes, h.Spans, h.Running, h.Failed, h.Dropped, h.Rows, h.Bytes)
	open := map[runview.RowID]bool{}
	for id := range h.Spans + int64(h.Nodes) + 1 {
		open[runview.RowID(id)] = true
	}
	for _, row := range db.Window(runview.Query{Open: open, Height: math.MaxInt, Now: 1}).Rows {
		d, _ := db.Detail(row.ID)
		sql := ""
		if d.Plan != nil {
			sql = fmt.Sprintf("%+v", *d.Plan)
		}
		profile := ""
		if d.Query.Profile != nil {
			profile = fmt.Sprintf("%+v", *d.Query.Profile)
		}
		fmt.Fprintln(&out, row.Depth, row.Name, row.Kind, row.State, row.Start, row.End, row.Rows, row.Bytes, row.Children, row.Error, row.BlockedBy, row.Subject,
			d.Trace, d.Span, d.Status, d.Message, d.Attrs, d.Events, len(d.Tables), d.Parents, sql, profile)
		if exact {
			fmt.Fprintln(&out, row.ID, row.Parent, row.Progress)
		}
	}
	for _, l := range db.Logs(runview.LogQuery{Height: math.MaxInt32}).Lines {
		if !exact { // the bundle's own clock made the line's time
			l.Time = 0
		}
		fmt.Fprintf(&out, "%+v\n", l)
	}
	return out.String()
}

// The recording of a build, and its bundle alone, play to the view that the build
// had.
func TestReplayOfABuild(t *testing.T) {
	for _, failing := range []bool{false, true} {
		t.Run(fmt.Sprint("failing ", failing), func(t *testing.T) {
			repo, record := t.TempDir(), filepath.Join(t.TempDir(), "run.jsonl")
			source := "package a\n\nfunc F() { G() }\n\nfunc G() {}\n"
			if err := os.WriteFile(filepath.Join(repo, "a.go"), []byte(source), 0o644); err != nil {
				t.Fatal(err)
			}
			res, err := presets.Resolve(presets.Input{Dir: repo, Flags: []presets.FlagValue{{Name: "repo-root", Text: repo}, {Name: "diagnostics-profile", Text: "debug"}}})
			if err != nil {
				t.Fatal(err)
			}
			o := build.Options{Resolved: res, Version: "test", Record: record}
			if failing {
				o.Pipeline, o.Nodes = "failing", func(model.BuildSettings) ([]*pipeline.Node, error) {
					return []*pipeline.Node{numbers(), pipeline.Func(pipeline.Spec{Name: "bad"}, func(context.Context, *pipeline.Task, struct{ Numbers pipeline.Table }) (int, error) {
						return 0, errors.New("no such luck")
					}), pipeline.Func(pipeline.Spec{Name: "after"}, func(context.Context, *pipeline.Task, struct{ Bad int }) (int, error) { return 0, nil })}, nil
				}
			}
			run, err := build.Start(t.Context(), o)
			snap := finish(t, run, err)
			if n := run.Unrecorded(); n != 0 {
				t.Fatalf("%d changes were not recorded", n)
			}
			f, err := os.Open(record)
			if err != nil {
				t.Fatal(err)
			}
			defer f.Close()
			r, err := recording.NewReader(f)
			if err != nil {
				t.Fatal(err)
			}
			sameStory(t, "recording", run.View(), recording.Play(r.Head, r, recording.Options{}), snap, true)

			b, err := bundle.Open(snap.BundleDir)
			if err != nil {
				t.Fatal(err)
			}
			tape, err := recording.FromBundle(t.Context(), b)
			if err != nil {
				t.Fatal(err)
			}
			for range 2 { // a tape is there for any number of times
				past, _, err := tape.Open()
				if err != nil {
					t.Fatal(err)
				}
				sameStory(t, "bundle", run.View(), recording.Play(tape.Head, past, recording.Options{}), snap, false)
			}
		})
	}
}

func sameStory(t *testing.T, what string, live *runview.DB, p *recording.Player, snap model.RunSnapshot, exact bool) {
	t.Helper()
	<-p.Done()
	if p.Err() != nil {
		t.Fatal(p.Err())
	}
	want, got := strings.Split(told(live, exact), "\n"), strings.Split(told(p.View(), exact), "\n")
	for i := range want {
		if i >= len(got) || want[i] != got[i] {
			t.Fatalf("line %d: the run tells\n%s\nits %s\n%s", i, want[i], what, got[min(i, len(got)-1)])
		}
	}
	s := p.Snapshot()
	if s.RunID != snap.RunID || s.State != snap.State || s.Err != snap.Err || s.ErrNode != snap.ErrNode || s.OutputDir != snap.OutputDir ||
		len(s.Outputs) != len(snap.Outputs) || s.BundleDir != snap.BundleDir || s.Profile != snap.Profile {
		t.Errorf("the run is\n%+v\nits %s\n%+v", snap, what, s)
	}
}
