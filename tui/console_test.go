package tui

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
)

// fakeTables answers texts: "rows N" gives N rows, "wait" ends with its context,
// anything else is an error with a place.
type fakeTables struct {
	mu     sync.Mutex // guards what follows: Cmds run in goroutines of their own
	runs   []string
	reads  int // pages
	open   int // sessions and results that are not closed
	wrote  []string
	exists map[string]bool
	kept   []string // history
}

const fakePage = 50

func (f *fakeTables) sql() *SQL {
	return &SQL{
		Open: func(_ context.Context, runs []string) (SQLTables, error) {
			f.count(1)
			f.mu.Lock()
			defer f.mu.Unlock()
			f.runs = runs
			return f, nil
		},
		Saved: []SavedQuery{{Name: "slowest", Help: "nodes by time", SQL: "rows 3\n"}, {Name: "errors", Help: "what failed", SQL: "rows 1"}},
		Export: func(_ context.Context, runs []string, text, path string, replace bool) error {
			f.mu.Lock()
			defer f.mu.Unlock()
			if f.exists[path] && !replace {
				return &fs.PathError{Op: "write", Path: path, Err: fs.ErrExist}
			}
			f.wrote = append(f.wrote, path+": "+text)
			return nil
		},
		History: f,
	}
}

func (f *fakeTables) count(n int) {
	f.mu.Lock()
	f.open += n
	f.mu.Unlock()
}

func (f *fakeTables) Load() ([]string, error) { return []string{"rows 7"}, nil }

func (f *fakeTables) Add(text string) error {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.kept = append(f.kept, text)
	return nil
}

func (f *fakeTables) Tables() []SQLTable {
	return []SQLTable{
		{Name: "spans", Columns: []string{"name", "node", "duration_ns", "run_id"}}, {Name: "events", Columns: []string{"event", "node", "duration_ms", "Order", "run_id"}},
		{Name: "capture", Absent: "it captured no statistics"}, {Name: "cpg_nodes", Columns: []string{"node_id", "name", "run_id"}},
	}
}

func (f *fakeTables) Close() error { f.count(-1); return nil }

func (f *fakeTables) Query(ctx context.Context, text string) (SQLRows, error) {
	n, err := strconv.Atoi(strings.TrimPrefix(text, "rows "))
	switch {
	case text == "wait":
		<-ctx.Done()
		return nil, errors.New("query interrupted")
	case err != nil:
		return nil, fmt.Errorf("parser error at 1:1: \x1b[31msyntax error\n\n%s\n^", text)
	}
	f.count(1)
	return &fakeRows{of: f, n: n}, nil
}

type fakeRows struct {
	of    *fakeTables
	n, at int
}

func (r *fakeRows) Columns() (names, types []string) {
	return []string{"node", "duration_ms"}, []string{"VARCHAR", "BIGINT"}
}

func (r *fakeRows) Next() (rows [][]string, nulls [][]bool, err error) {
	r.of.mu.Lock()
	r.of.reads++
	r.of.mu.Unlock()
	for ; r.at < r.n && len(rows) < fakePage; r.at++ {
		name := fmt.Sprintf("node_%d", r.at)
		if r.at == 2 {
			name = ""
		}
		rows, nulls = append(rows, []string{name, strconv.Itoa(r.at * 7)}), append(nulls, []bool{name == "", false})
	}
	return rows, nulls, nil
}

func (r *fakeRows) Close() { r.of.count(-1) }

// withConsole opens the console on the Artifacts screen.
func withConsole(t *testing.T, w, h int) (*driver, *fakeTables) {
	f := &fakeTables{exists: map[string]bool{}}
	opts := withBundles(Options{Settings: newSettings(), Subject: "requests"}, newBundle())
	opts.SQL = f.sql()
	d := newDriver(t, w, h, opts).Press("3").Expect("capture_stat").Press("S").Expect("cpg_nodes", "not there: it captured no statistics")
	return d.until("reading the history", func() bool { return len(d.m.console.history.lines) == 1 }), f
}

func TestConsoleFrames(t *testing.T) {
	for _, size := range sizes[:2] {
		name := fmt.Sprintf(" %dx%d", size.w, size.h)
		t.Run("tables"+name, func(t *testing.T) {
			d, _ := withConsole(t, size.w, size.h)
			d.Type("SELECT node").Golden()
		})
		t.Run("result"+name, func(t *testing.T) {
			d, _ := withConsole(t, size.w, size.h)
			d.Type("rows 120").Press("enter").Expect("+ rows in").Press("pgdown").until("reading", func() bool { return d.m.console.doing == "" }).Golden()
		})
		t.Run("error"+name, func(t *testing.T) {
			d, _ := withConsole(t, size.w, size.h)
			d.Paste("SELEC 1\n-- of two lines").Press("enter").Expect("parser error").Golden()
		})
	}
}

// Rows are read as far as the viewer goes, and a page beyond what is seen.
func TestConsoleReadsWhatIsScrolledTo(t *testing.T) {
	d, f := withConsole(t, 80, 24)
	d.Type("rows 400").Press("enter").Expect("50+ rows in", "node_0", "null")
	if f.reads != 1 {
		t.Fatalf("%d pages were read for the first screen", f.reads)
	}
	for i := range 40 {
		d.Press("pgdown").until("reading", func() bool { return d.m.console.doing == "" })
		if row, of := d.m.console.result.At(); of > row+2*fakePage {
			t.Fatalf("after %d pages %d rows were read for row %d", i, of, row)
		}
	}
	d.Expect("400 rows in", "row 400 of 400", "node_399")
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.open != 1 {
		t.Errorf("%d sessions and results are open at the end of the result", f.open)
	}
}

func TestConsoleKeepsSoManyRows(t *testing.T) {
	d, f := withConsole(t, 80, 24)
	d.Type("rows 200000").Press("enter").Expect("50+ rows")
	d.m.console.held = maxResultBytes
	for range 8 {
		d.Press("pgdown")
	}
	d.Expect("only the first 100 rows are kept").until("closing the result", func() bool { f.mu.Lock(); defer f.mu.Unlock(); return f.open == 1 })
}

// esc and ctrl+c cancel what runs; the program and what was typed stay.
func TestConsoleCancels(t *testing.T) {
	for _, key := range []string{"esc", "ctrl+c"} {
		d, _ := withConsole(t, 80, 24)
		d.Type("wait").Press("enter").Expect("running").Press("enter").Expect("the console is running")
		d.Press(key).Expect("cancelled after", "> wait")
		if d.quit {
			t.Fatal("the program ended")
		}
		d.Press("ctrl+u").Type("rows 2").Press("enter").Expect("2 rows in")
	}
}

// The program ends while a query runs, and leaves nothing open.
func TestConsoleEndsWithTheProgram(t *testing.T) {
	d, f := withConsole(t, 80, 24)
	d.Type("rows 400").Press("enter").Expect("50+ rows").Press("ctrl+u").Type("wait").Press("enter").Expect("running")
	d.m.Close()
	d.cmds.Wait()
	if f.open != 0 {
		t.Errorf("%d sessions and results are open", f.open)
	}
}

func TestConsoleKeepsWhatIsTyped(t *testing.T) {
	d, _ := withConsole(t, 80, 24)
	d.Type("rows 3").Press("enter").Expect("3 rows in").Type(" more").Press("esc").ExpectNot("SQL over")
	d.Press("S").Expect("> rows 3 more", "3 rows in", "node_1")
}

// On the Runs screen the console is over the selected and the marked run, and what
// was open over others is closed.
func TestConsoleOverTwoRuns(t *testing.T) {
	d, f := withConsole(t, 120, 40)
	d.Type("rows 3").Press("enter").Expect("3 rows in").Press("esc", "4").Expect("2 runs").Press("space", "down", "S")
	d.Expect("SQL over 0195e000-0000 and 0195f0c2-6c1e", "> rows 3").ExpectNot("3 rows in")
	d.until("the other session", func() bool { f.mu.Lock(); defer f.mu.Unlock(); return len(f.runs) == 2 && f.open == 1 })
	if !slices.IsSorted(f.runs) {
		t.Error(f.runs)
	}
}

func TestConsoleHistory(t *testing.T) {
	d, f := withConsole(t, 80, 24)
	d.Type("rows 3").Press("enter").Expect("3 rows in").Press("enter").Expect("3 rows in").Type("4").Press("up").Expect("> rows 3 ").Press("up").Expect("> rows 7")
	d.Press("up").Expect("> rows 7").Press("down", "down").Expect("> rows 34")
	d.until("keeping it", func() bool { f.mu.Lock(); defer f.mu.Unlock(); return slices.Equal(f.kept, []string{"rows 3"}) })
}

func TestConsoleSavedQueries(t *testing.T) {
	d, _ := withConsole(t, 80, 24)
	d.Type("half").Press("ctrl+o").Expect("slowest", "nodes by time").Press("down", "up", "enter").Expect("> rows 3").Press("enter").Expect("3 rows in")
	d.Press("up", "up").Expect("> half")
}

func TestConsoleCopiesARow(t *testing.T) {
	d, _ := withConsole(t, 80, 24)
	d.Type("rows 3").Press("enter").Expect("3 rows in").Press("pgdown", "ctrl+y").ExpectCopied("\t14")
}

func TestConsoleExports(t *testing.T) {
	d, f := withConsole(t, 80, 24)
	d.Press("ctrl+e").Expect("run a query first").Type("rows 3").Press("enter").Expect("3 rows in").Type(" changed")
	d.Press("ctrl+e").Expect("Write the whole result", "result.csv").Press("enter").Expect("wrote result.csv")
	f.mu.Lock()
	f.exists["result.csv"] = true
	f.mu.Unlock()
	d.Press("ctrl+e", "enter").Expect("result.csv is there already").Press("n")
	if len(f.wrote) != 1 {
		t.Error(f.wrote)
	}
	d.Press("ctrl+e", "enter").Expect("result.csv is there already").Press("y").until("writing", func() bool { f.mu.Lock(); defer f.mu.Unlock(); return len(f.wrote) == 2 })
	if f.wrote[1] != "result.csv: rows 3" {
		t.Error(f.wrote)
	}
}

func TestNoConsole(t *testing.T) {
	newDriver(t, 120, 40, withBundles(Options{Settings: newSettings()}, newBundle())).Press("3").Expect("Build 0195f0c2").Press("S").Expect("this viewer may not ask")
}

func TestSQLCompletion(t *testing.T) {
	tables := (&fakeTables{}).Tables()
	for _, tc := range []struct {
		before, word string
		found        string
	}{
		{"SELECT dur", "dur", "duration_ns duration_ms"},
		{"SELECT s", "s", "spans select summarize"},
		{"SEL", "SEL", "SELECT"},
		{"FROM ", "", "spans events cpg_nodes"},
		{"FROM s", "s", "spans"},
		{"SELECT spans.", "", "name node duration_ns run_id"},
		{"SELECT e.du", "du", "duration_ns duration_ms"}, // an alias
		{"SELECT events.o", "o", `"Order"`},
		{"SELECT ü", "ü", ""},
		{"x\nFROM cap", "cap", ""}, // it is not there
	} {
		word, found := candidates(tc.before, tables)
		if got := strings.Join(found, " "); word != tc.word || got != tc.found {
			t.Errorf("%q: %q gives %q, want %q gives %q", tc.before, word, got, tc.word, tc.found)
		}
	}
	d, _ := withConsole(t, 80, 24)
	d.Type("select du").Press("tab").Expect("> select duration_").Press("tab").Expect("Go on with").Press("down", "enter").Expect("> select duration_ms ")
	d.Type(" from cpg").Press("tab").Expect("from cpg_nodes").Type(" zz").Press("tab").Expect("no table, column or keyword begins with zz")
}
