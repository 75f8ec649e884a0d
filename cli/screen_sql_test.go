package cli

import (
	"context"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/buildscope/buildscope/build/bundle"
	"github.com/buildscope/buildscope/engine"
	"github.com/buildscope/buildscope/model"
	"github.com/buildscope/buildscope/tui"
)

// sqlOverARun gives the console of the screen over a run that left some events.
func sqlOverARun(t *testing.T) (sql *tui.SQL, runID, dir string) {
	t.Helper()
	dir = t.TempDir()
	w, err := bundle.Create(filepath.Join(dir, "work"), "run-1")
	if err != nil {
		t.Fatal(err)
	}
	for i, node := range []string{"a", "b", "c"} {
		if err := w.Event("node_finished", map[string]any{"node": node, "state": "succeeded", "duration_ns": i * 1000}); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	g := &globals{io: Streams{Dir: dir, Env: map[string]string{"XDG_STATE_HOME": filepath.Join(dir, "state")}}}
	return g.screenSQL(func() model.Settings {
		return model.Settings{Build: model.BuildSettings{WorkDir: filepath.Join(dir, "work")}}
	}), "run-1", dir
}

func openSQL(t *testing.T, sql *tui.SQL, runID string) tui.SQLTables {
	t.Helper()
	tables, err := sql.Open(t.Context(), []string{runID})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := tables.Close(); err != nil {
			t.Error(err)
		}
	})
	return tables
}

func TestScreenAsksARun(t *testing.T) {
	sql, run, _ := sqlOverARun(t)
	tables := openSQL(t, sql, run)
	list := tables.Tables()
	i := slices.IndexFunc(list, func(t tui.SQLTable) bool { return t.Name == "events" })
	if i < 0 || !slices.Contains(list[i].Columns, "node") {
		t.Fatalf("tables: %v", list)
	}
	rows, err := tables.Query(t.Context(), "SELECT node, NULL AS x FROM events\nWHERE event = 'node_finished' -- all\nORDER BY node DESC")
	if err != nil {
		t.Fatal(err)
	}
	names, types := rows.Columns()
	cells, nulls, err := rows.Next()
	if err != nil || !slices.Equal(names, []string{"node", "x"}) || types[0] != "VARCHAR" || len(cells) != 3 || cells[0][0] != "c" || nulls[0][0] || !nulls[0][1] {
		t.Errorf("%v %v %v %v %v", names, types, cells, nulls, err)
	}
	if cells, _, err = rows.Next(); err != nil || len(cells) != 0 {
		t.Errorf("after the end: %v %v", cells, err)
	}
	rows.Close()
	var fault *engine.Error
	if _, err := tables.Query(t.Context(), "SELECT\n  nope FROM events"); !errors.As(err, &fault) || fault.Line != 2 || !strings.Contains(err.Error(), "nope") {
		t.Errorf("an error: %v", err)
	}
	if _, err := sql.Open(t.Context(), []string{"run-9"}); err == nil {
		t.Error("a run that is not there was opened")
	}
	if len(sql.Saved) == 0 {
		t.Error("no saved queries")
	}
}

// The context of a query ends it while its result is read, and the tables go on.
func TestScreenCancelsAQuery(t *testing.T) {
	sql, run, _ := sqlOverARun(t)
	tables := openSQL(t, sql, run)
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	rows, err := tables.Query(ctx, "SELECT i FROM range(100000000000) t(i)")
	if err != nil {
		t.Fatal(err)
	}
	if cells, _, err := rows.Next(); err != nil || len(cells) == 0 || len(cells) > 10_000 {
		t.Fatalf("%d rows at once, %v", len(cells), err)
	}
	cancel()
	for began := time.Now(); ; {
		if _, _, err = rows.Next(); err != nil {
			break
		}
		if time.Since(began) > 10*time.Second {
			t.Fatal("it goes on")
		}
	}
	rows.Close()
	next, err := tables.Query(t.Context(), "SELECT 1")
	if err != nil {
		t.Fatal(err)
	}
	next.Close()
}

func TestScreenExports(t *testing.T) {
	sql, run, dir := sqlOverARun(t)
	const text = "SELECT node FROM events WHERE event = 'node_finished' ORDER BY 1"
	for name, want := range map[string]string{"r.csv": "node\na\nb\nc\n", "r.json": "[\n{\"node\":\"a\"},\n{\"node\":\"b\"},\n{\"node\":\"c\"}\n]\n", "r.parquet": "PAR1"} {
		if err := sql.Export(t.Context(), []string{run}, text, name, false); err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		got, err := os.ReadFile(filepath.Join(dir, name))
		if err != nil || !strings.HasPrefix(string(got), want) {
			t.Errorf("%s: %q %v", name, got, err)
		}
	}
	if err := sql.Export(t.Context(), []string{run}, "SELECT 5 AS x", "r.csv", false); !errors.Is(err, fs.ErrExist) {
		t.Errorf("over a file: %v", err)
	}
	if err := sql.Export(t.Context(), []string{run}, "SELECT 5 AS x", "r.csv", true); err != nil {
		t.Error(err)
	}
	if got, err := os.ReadFile(filepath.Join(dir, "r.csv")); string(got) != "x\n5\n" {
		t.Errorf("replaced: %q %v", got, err)
	}
	if err := sql.Export(t.Context(), []string{run}, text, "r.txt", false); err == nil || !strings.Contains(err.Error(), ".csv, .json or .parquet") {
		t.Errorf("another ending: %v", err)
	}
	if err := sql.Export(t.Context(), []string{run}, "SELECT nope", "n.csv", false); err == nil {
		t.Error("a wrong query was exported")
	}
	if left, err := filepath.Glob(filepath.Join(dir, "*n.csv*")); err != nil || left != nil {
		t.Errorf("left behind: %v %v", left, err)
	}
}

func TestSQLHistoryOnDisk(t *testing.T) {
	sql, _, dir := sqlOverARun(t)
	for i := range maxHistory + 5 {
		if err := sql.History.Add("SELECT\n  " + strconv.Itoa(i)); err != nil {
			t.Fatal(err)
		}
	}
	if err := sql.History.Add("SELECT\n  204"); err != nil { // the newest one already
		t.Fatal(err)
	}
	path := filepath.Join(dir, "state", "buildscope", "sql_history")
	info, err := os.Stat(path)
	if err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("%v %v", info, err)
	}
	texts, err := sql.History.Load()
	if err != nil || len(texts) != maxHistory || texts[0] != "SELECT\n  5" || texts[maxHistory-1] != "SELECT\n  204" {
		t.Errorf("%d texts, %v", len(texts), err)
	}
	if err := os.WriteFile(path, []byte("\"broken\n\"SELECT 1\"\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	if texts, err := sql.History.Load(); err != nil || !slices.Equal(texts, []string{"SELECT 1"}) {
		t.Errorf("%v %v", texts, err)
	}
}
