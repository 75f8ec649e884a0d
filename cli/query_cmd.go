package cli

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"text/tabwriter"
	"time"

	"github.com/spf13/cobra"

	"github.com/buildscope/buildscope/build/bundle"
	"github.com/buildscope/buildscope/build/query"
	"github.com/buildscope/buildscope/engine/console"
	"github.com/buildscope/buildscope/model"
	"github.com/buildscope/buildscope/model/wholefile"
	"github.com/buildscope/buildscope/tui/ui"
)

// queryFormats are the values of --format.
var queryFormats = []string{"table", "json", "csv", "parquet"}

// queryOptions are the flags of query.
type queryOptions struct {
	format, out string
	limit       int64
	timeout     time.Duration
	tables      bool
	force       bool
}

// maxQueryText bounds the SQL that is read from stdin, in bytes.
const maxQueryText = 1 << 20

func newQueryCmd(g *globals) *cobra.Command {
	var o queryOptions
	var saved []string
	for _, s := range query.Examples() {
		saved = append(saved, "  @"+s.Name+strings.Repeat(" ", max(1, 18-len(s.Name)))+s.Help)
	}
	cmd := &cobra.Command{
		Use: "query RUN[,RUN...] SQL [PATH]", Short: "Ask what runs have left by SQL: spans, events, statistics, settings, outputs",
		Long: "Runs one SELECT over the tables of runs: spans, capture, events, logs, artifacts, settings, and every output under its name; --tables lists them. " +
			"Every table has the id of its run as the last column, run_id.\n\nRUN is an id, a prefix of one, latest, previous, last-good, or the directory of a bundle; SQL may be - for stdin or one of these:\n" +
			strings.Join(saved, "\n") + "\n\nNothing is written and nothing else is read: the engine opens these files only, and takes one SELECT, or EXPLAIN [ANALYZE] and one.\n" +
			"Exit codes: 1 for an error in the SQL or while it runs, 2 for a wrong run or flag, 130 when interrupted.",
		Example: "buildscope query latest \"SELECT node, duration_ms FROM events WHERE event = 'node_finished' ORDER BY 2 DESC LIMIT 5\"\n" +
			"buildscope query previous,latest @rows-per-output --format csv\nbuildscope query latest \"FROM cpg_edges\" --out edges.parquet",
		Args: cobra.RangeArgs(1, 3), ValidArgsFunction: g.completeQuery,
		RunE: func(cmd *cobra.Command, args []string) error {
			path := args[1:]
			if !o.tables {
				if len(args) < 2 {
					return errors.New("query needs SQL: a SELECT, - for stdin, or @NAME of a saved one; --tables lists the tables")
				}
				path = args[2:]
			}
			if len(path) > 1 {
				return fmt.Errorf("query --tables takes RUN and PATH, here is one more: %q", path[1])
			}
			return g.query(cmd, args, first(path), o)
		},
	}
	f := cmd.Flags()
	f.StringVar(&o.format, "format", "table", "table, json (an array, a row on each line), csv, or parquet (needs --out); without it the ending of --out decides")
	f.StringVar(&o.out, "out", "", "write to this file instead of stdout; it appears when it is whole")
	f.BoolVar(&o.force, "force", false, "replace the file of --out if it exists")
	f.Int64Var(&o.limit, "limit", 0, "give so many rows at most; 0: all")
	// Not --timeout: that is the one of a build.
	f.DurationVar(&o.timeout, "query-timeout", 0, "end the query after this time, as 30s; 0: never")
	f.BoolVar(&o.tables, "tables", false, "list the tables, their columns and types instead; no SQL is given then")
	g.addSettings(cmd)
	if err := cmd.RegisterFlagCompletionFunc("format", cobra.FixedCompletions(queryFormats, cobra.ShellCompDirectiveNoFileComp)); err != nil {
		panic(err) // the flag is there
	}
	return cmd
}

// completeQuery offers runs, then saved queries.
func (g *globals) completeQuery(cmd *cobra.Command, args []string, typed string) ([]string, cobra.ShellCompDirective) {
	if len(args) != 1 {
		return g.completeRun(cmd, args, typed)
	}
	var out []string
	for _, s := range query.Examples() {
		out = append(out, cobra.CompletionWithDesc("@"+s.Name, s.Help))
	}
	return out, cobra.ShellCompDirectiveNoFileComp
}

// check looks at the flags.
func (o *queryOptions) check(formatGiven bool) error {
	ending := strings.ToLower(strings.TrimPrefix(filepath.Ext(o.out), "."))
	if slices.Contains(queryFormats, ending) && ending != "table" {
		if formatGiven && o.format != ending {
			return fmt.Errorf("--format %s does not go with --out %s: its ending says %s", o.format, o.out, ending)
		}
		o.format = ending
	}
	switch {
	case !slices.Contains(queryFormats, o.format):
		return fmt.Errorf("--format %s: allowed are %s", o.format, strings.Join(queryFormats, ", "))
	case o.format == "parquet" && o.out == "" && !o.tables:
		return errors.New("--format parquet needs --out FILE: a Parquet file ends with its index and is not written to a pipe")
	case o.force && o.out == "":
		return errors.New("--force is for --out FILE")
	case o.limit < 0:
		return fmt.Errorf("--limit %d: it must not be below 0", o.limit)
	case o.timeout < 0:
		return fmt.Errorf("--query-timeout %s: it must not be below 0", o.timeout)
	case o.tables && (o.out != "" || o.format != "table" && o.format != "json"):
		return errors.New("--tables prints to stdout as table or json")
	}
	return nil
}

// query opens the runs and answers.
func (g *globals) query(cmd *cobra.Command, args []string, path string, o queryOptions) error {
	if err := o.check(cmd.Flags().Changed("format")); err != nil {
		return err
	}
	res, err := g.resolve(cmd, path)
	if err != nil {
		return err
	}
	runs, err := g.findRuns(res.Settings.Build.WorkDir, args[0])
	if err != nil {
		return err
	}
	var text string
	if !o.tables {
		if text, err = g.queryText(args[1]); err != nil {
			return err
		}
	}
	ctx := cmd.Context()
	if g.visit != nil {
		o = g.visit.bound(o)
	}
	if o.timeout > 0 {
		var cancel context.CancelFunc
		ctx, cancel = context.WithTimeoutCause(ctx, o.timeout, fmt.Errorf("it took longer than --query-timeout %s", o.timeout))
		defer cancel()
	}
	options := g.consoleOptions(res.Settings)
	if o.out != "" {
		o.out = g.path(o.out)
	}
	if _, err := os.Lstat(o.out); o.out != "" && err == nil && !o.force {
		return fmt.Errorf("--out %s: the file exists; --force replaces it", o.out)
	}
	if o.format == "parquet" {
		options.ParquetFile = o.out + wholefile.Half
	}
	s, err := query.Open(ctx, runs, options)
	if err == nil {
		if o.tables {
			err = g.printTables(s.Tables(), o.format == "json")
		} else {
			g.tellMissing(s.Tables(), text)
			err = g.answer(ctx, s, text, o)
		}
		err = errors.Join(err, s.Close())
	}
	switch {
	case err == nil || errors.Is(err, syscall.EPIPE): // who reads has seen enough
		return nil
	case cmd.Context().Err() != nil:
		return &exitError{ExitCancelled, err}
	case errors.Is(err, context.DeadlineExceeded): // while the runs were opened; a query names the cause
		err = context.Cause(ctx)
	}
	return &exitError{ExitFailed, err}
}

// findRuns opens the runs of a list, each once.
func (g *globals) findRuns(workDir, list string) ([]*bundle.Bundle, error) {
	var runs []*bundle.Bundle
	for _, ref := range strings.Split(list, ",") {
		ref = strings.TrimSpace(ref)
		if ref == "" {
			return nil, fmt.Errorf("runs %q: there is an empty name in the list", list)
		}
		var b *bundle.Bundle
		var err error
		if strings.ContainsRune(ref, filepath.Separator) {
			if g.visit != nil {
				return nil, fmt.Errorf("run %s: over SSH a run is named by its id, a prefix of it, latest, previous or last-good", ref)
			}
			b, err = bundle.Open(filepath.Clean(g.path(ref)))
		} else {
			b, err = g.findRun(workDir, ref)
		}
		if err != nil {
			return nil, err
		}
		if !slices.ContainsFunc(runs, func(r *bundle.Bundle) bool { return r.RunID == b.RunID }) {
			runs = append(runs, b)
		}
	}
	return runs, nil
}

// queryText is the SQL that an argument means.
func (g *globals) queryText(arg string) (string, error) {
	if arg == "-" {
		data, err := io.ReadAll(io.LimitReader(g.io.In, maxQueryText+1))
		if err != nil {
			return "", fmt.Errorf("read the SQL from stdin: %w", err)
		}
		if len(data) > maxQueryText {
			return "", fmt.Errorf("the SQL on stdin is longer than %d bytes", maxQueryText)
		}
		return string(data), nil
	}
	name, ok := strings.CutPrefix(arg, "@")
	if !ok {
		return arg, nil
	}
	var names []string
	for _, s := range query.Examples() {
		if s.Name == name {
			return s.SQL, nil
		}
		names = append(names, s.Name)
	}
	err := fmt.Errorf("there is no saved query @%s; there are %s", name, strings.Join(names, ", "))
	if near := model.Nearest(name, names); near != "" {
		err = fmt.Errorf("%w; did you mean @%s?", err, near)
	}
	return "", err
}

// tellMissing says which tables that a query names lack the rows of a run: without
// it, fewer rows would look like a finding.
func (g *globals) tellMissing(tables []console.TableInfo, text string) {
	for _, t := range tables {
		if t.Absent != "" && t.Columns != nil && strings.Contains(strings.ToLower(text), strings.ToLower(t.Name)) {
			fmt.Fprintf(g.io.Err, "table %s is not whole: %s\n", ui.Clean(t.Name), ui.Clean(t.Absent))
		}
	}
}

// answer writes the result of the query to where it shall go.
func (g *globals) answer(ctx context.Context, s *console.Session, text string, o queryOptions) error {
	began := time.Now()
	if o.out == "" {
		n, err := writeRows(ctx, s, g.io.Out, text, o)
		if err == nil && o.format == "table" {
			fmt.Fprintf(g.io.Err, "%s in %s\n", ui.Counted(n, "row"), ui.Duration(time.Since(began)))
		}
		return err
	}
	if err := writeFile(ctx, s, text, o); err != nil {
		return err
	}
	fmt.Fprintf(g.io.Err, "wrote %s in %s\n", ui.Clean(o.out), ui.Duration(time.Since(began)))
	return nil
}

// writeFile writes the result to the file of the options, which appears when it is
// whole. A session for Parquet must have been opened with the half of it.
func writeFile(ctx context.Context, s *console.Session, text string, o queryOptions) error {
	half := o.out + wholefile.Half
	err := writeHalf(ctx, s, half, text, o)
	if err == nil {
		err = os.Rename(half, o.out)
	}
	if err == nil {
		return nil
	}
	if gone := os.Remove(half); gone != nil && !errors.Is(gone, os.ErrNotExist) {
		err = errors.Join(err, gone)
	}
	return err
}

// writeHalf writes a file that is not in its place yet.
func writeHalf(ctx context.Context, s *console.Session, half, text string, o queryOptions) error {
	if o.format == "parquet" {
		return s.WriteParquet(ctx, text, o.limit)
	}
	f, err := os.Create(half)
	if err != nil {
		return err
	}
	_, err = writeRows(ctx, s, f, text, o)
	return errors.Join(err, f.Close())
}

// writeRows writes the result in a format of text, and returns the number of rows.
func writeRows(ctx context.Context, s *console.Session, w io.Writer, text string, o queryOptions) (int64, error) {
	begin := s.Query
	if o.format == "json" {
		begin = s.JSONRows
	}
	rows, err := begin(ctx, text, o.limit)
	if err != nil {
		return 0, err
	}
	defer rows.Close()
	switch o.format {
	case "json":
		return console.WriteJSON(w, rows)
	case "csv":
		return console.WriteCSV(w, rows)
	}
	return console.WriteTable(w, rows, ui.Clean)
}

// printTables lists tables with their columns.
func (g *globals) printTables(tables []console.TableInfo, asJSON bool) error {
	if asJSON {
		return g.printJSON(tables)
	}
	w := tabwriter.NewWriter(g.io.Out, 0, 4, 2, ' ', 0)
	for _, t := range tables {
		if t.Absent != "" {
			fmt.Fprintf(w, "%s\t-\t%s\n", ui.Clean(t.Name), ui.Clean(t.Absent))
		}
		for _, c := range t.Columns {
			fmt.Fprintf(w, "%s\t%s\t%s\n", ui.Clean(t.Name), ui.Clean(c.Name), ui.Clean(c.Type))
		}
	}
	return w.Flush()
}
