// Command embed is a program with a pipeline of its own: it counts the words of
// the Markdown files below a folder. Settings, telemetry, run bundles, the headless
// reporter and the screen are buildscope's.
package main

import (
	"bufio"
	"bytes"
	"context"
	_ "embed"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/array"
	"github.com/apache/arrow-go/v18/arrow/memory"
	"github.com/spf13/pflag"

	"github.com/buildscope/buildscope/build"
	"github.com/buildscope/buildscope/cli"
	"github.com/buildscope/buildscope/model"
	"github.com/buildscope/buildscope/pipeline"
)

func main() { os.Exit(cli.Main(context.Background(), newApp(), cli.Process())) }

func newApp() cli.App {
	w := &words{}
	return cli.App{
		Name: "wordscope", Short: "Count the words of Markdown files", Version: "1.0.0",
		Pipeline: "words", Nodes: build.NodesFunc(w.nodes), Flags: w.flags,
	}
}

// words is the pipeline; its fields are the program's own flags.
type words struct{ atLeast int64 }

func (w *words) flags(fs *pflag.FlagSet) {
	fs.Int64Var(&w.atLeast, "at-least", 0, "fail when there are fewer different words")
}

//go:embed top_words.sql
var topWords string

func (w *words) nodes(s model.BuildSettings) ([]*pipeline.Node, error) {
	return []*pipeline.Node{
		// A Go node. It reads files, so its result depends on more than its inputs.
		pipeline.Func(pipeline.Spec{Name: "words", Kind: model.KindExtract, NoCache: true, Doc: "Every word of every file."},
			func(ctx context.Context, t *pipeline.Task) (pipeline.Table, error) {
				return readWords(ctx, t, s)
			}),
		// A SQL node. It reads the table words because its text says so.
		pipeline.SQL(pipeline.Spec{Name: "top_words", Publish: true}, topWords, "top_words.sql"),
		// A node that fails when it is asked for too much.
		pipeline.Func(pipeline.Spec{Name: "check", Doc: "Holds the texts against --at-least."}, w.check),
	}, nil
}

// check gets the table top_words because a field of its input is named so.
func (w *words) check(_ context.Context, _ *pipeline.Task, in struct{ TopWords pipeline.Table }) (bool, error) {
	if n := in.TopWords.Rows; n < w.atLeast {
		return false, fmt.Errorf("there are %d different words; --at-least asks for %d", n, w.atLeast)
	}
	return true, nil
}

var wordSchema = arrow.NewSchema([]arrow.Field{
	{Name: "path", Type: arrow.BinaryTypes.String},
	{Name: "word", Type: arrow.BinaryTypes.String},
}, nil)

func readWords(ctx context.Context, t *pipeline.Task, s model.BuildSettings) (pipeline.Table, error) {
	table, err := t.NewTable("words", wordSchema)
	if err != nil {
		return pipeline.Table{}, err
	}
	rows := array.NewRecordBuilder(memory.DefaultAllocator, wordSchema)
	defer rows.Release()
	var files int64
	err = filepath.WalkDir(s.RepoRoot, func(path string, d fs.DirEntry, err error) error {
		if err != nil || ctx.Err() != nil {
			return errors.Join(err, ctx.Err())
		}
		if path == s.WorkDir || path == s.OutputDir {
			return filepath.SkipDir // what earlier runs left
		}
		if filepath.Ext(path) != ".md" || !d.Type().IsRegular() {
			return nil
		}
		text, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		in := bufio.NewScanner(bytes.NewReader(text))
		in.Split(bufio.ScanWords)
		for in.Scan() {
			rows.Field(0).(*array.StringBuilder).Append(path)
			rows.Field(1).(*array.StringBuilder).Append(strings.ToLower(strings.Trim(in.Text(), ".,;:!?()`*_#\"'")))
		}
		batch := rows.NewRecordBatch()
		defer batch.Release()
		files++
		t.Progress(files, 0, "files")
		return table.Write(batch)
	})
	if err != nil {
		return pipeline.Table{}, fmt.Errorf("read the words below %s: %w", s.RepoRoot, err)
	}
	t.Logger().InfoContext(ctx, "read", "files", files)
	return table.Close()
}
