package build_test

import (
	"bytes"
	"context"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/apache/arrow-go/v18/arrow"

	"github.com/buildscope/buildscope/build"
	"github.com/buildscope/buildscope/model"
	"github.com/buildscope/buildscope/otel/runview"
	"github.com/buildscope/buildscope/pipeline"
	"github.com/buildscope/buildscope/presets"
)

// planted is the secret that must be in no sink.
const planted = "hunter2-4711"

// Secrets that come in by settings, logs, errors, panics and SQL are in no file of
// the bundle, in no exporter's output and nowhere on the screen.
func TestNoSinkHasASecret(t *testing.T) {
	dir := t.TempDir()
	nodes := []*pipeline.Node{
		pipeline.SQL(pipeline.Spec{Name: "numbers", Publish: true}, "SELECT range AS n FROM range(10) WHERE 'password="+planted+"' <> 'token=x'", "numbers.sql"),
		pipeline.Func(pipeline.Spec{Name: "logs"}, func(ctx context.Context, task *pipeline.Task) (int, error) {
			task.Logger().InfoContext(ctx, "GET http://me:"+planted+"@host/?api_key="+planted, "db.password", planted, "args", "run --password "+planted)
			_, end := task.Span(ctx, "child")
			end(errors.New("authorization: Bearer " + planted))
			return 1, nil
		}),
		pipeline.Func(pipeline.Spec{Name: "fails"}, func(context.Context, *pipeline.Task) (int, error) {
			return 0, errors.New("login with password=" + planted + " failed")
		}),
		pipeline.Func(pipeline.Spec{Name: "panics"}, func(context.Context, *pipeline.Task) (int, error) {
			panic("secret: " + planted)
		}),
	}
	in := presets.Input{Dir: dir, Flags: []presets.FlagValue{
		{Name: "repo-root", Text: dir}, {Name: "diagnostics-profile", Text: "debug"}, {Name: "on-error", Text: "continue"}, {Name: "otel-exporter", Text: "file,stdout"},
		{Name: "otel-headers", Text: "x-key=" + planted}, {Name: "hamilton-tags", Text: "api_token=" + planted + ",team=a"},
		{Name: "otel-resource-attributes", Text: "db.password=" + planted},
	}}
	res, err := presets.Resolve(in)
	if err != nil {
		t.Fatal(err)
	}
	var stdout bytes.Buffer
	r, err := build.Start(t.Context(), build.Options{Resolved: res, Version: "test", Pipeline: "test", Stdout: &stdout,
		Nodes: func(model.BuildSettings) ([]*pipeline.Node, error) { return nodes, nil }})
	snap := finish(t, r, err)
	if snap.State != model.RunFailed {
		t.Errorf("the run ended as %s", snap.State)
	}

	hidden := 0
	look := func(where, text string) {
		t.Helper()
		hidden += strings.Count(text, model.Redacted)
		if i := strings.Index(text, planted); i >= 0 {
			t.Errorf("%s has the secret: …%s…", where, text[max(0, i-80):min(len(text), i+80)])
		}
	}
	look("the snapshot", snap.Err)
	look("stdout", stdout.String())
	for _, v := range res.Values {
		look("setting "+v.Key, v.Text)
	}
	db := r.View()
	for _, row := range db.Window(runview.Query{Height: 1000, Open: map[runview.RowID]bool{1: true, 2: true, 3: true, 4: true}}).Rows {
		d, _ := db.Detail(row.ID)
		look("the screen's "+row.Name, row.Error+d.Message)
		for _, a := range d.Attrs {
			if s, ok := a.Value.(string); ok {
				look("attribute "+a.Key+" of "+row.Name, s)
			}
		}
		if d.Plan != nil {
			look("the SQL of "+row.Name, d.Plan.SQL)
		}
		look("the statement of "+row.Name, d.Query.SQL)
	}
	for _, l := range db.Logs(runview.LogQuery{Height: 1000}).Lines {
		look("a log line", l.Message)
	}
	files := 0
	err = filepath.WalkDir(snap.BundleDir, func(path string, e fs.DirEntry, err error) error {
		if err != nil || e.IsDir() {
			return err
		}
		if filepath.Ext(path) == ".parquet" { // compressed
			file := pipeline.Table{Name: e.Name(), Files: []string{path}}
			files++
			return file.Read(t.Context(), func(rec arrow.RecordBatch) error {
				data, err := rec.MarshalJSON()
				look(path, string(data))
				return err
			})
		}
		data, err := os.ReadFile(path)
		files++
		look(path, string(data))
		return err
	})
	if err != nil || files < 15 {
		t.Errorf("%d files were looked at: %v", files, err)
	}
	if hidden < 20 {
		t.Errorf("only %d values were hidden; were the secrets in the run at all?", hidden)
	}
}
