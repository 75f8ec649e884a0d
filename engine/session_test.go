package engine

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/buildscope/buildscope/model"
)

func TestOpenSetsWhatWasAsked(t *testing.T) {
	temp := filepath.Join(t.TempDir(), "made", "on demand")
	s := open(t, Options{MemoryLimit: 123456789, TempDirectory: temp, Threads: 3})
	_, rows, err := s.Query(t.Context(), `SELECT name, value FROM duckdb_settings() WHERE name IN
		('memory_limit', 'threads', 'temp_directory', 'autoload_known_extensions', 'autoinstall_known_extensions') ORDER BY name`, 9)
	if err != nil {
		t.Fatal(err)
	}
	want := map[string]string{"memory_limit": "117.7 MiB", "threads": "3", "temp_directory": temp,
		"autoload_known_extensions": "false", "autoinstall_known_extensions": "false"}
	if len(rows) != len(want) {
		t.Fatalf("rows %v", rows)
	}
	for _, row := range rows {
		if want[row[0].(string)] != row[1] {
			t.Errorf("%s = %v, want %s", row[0], row[1], want[row[0].(string)])
		}
	}
}

func TestSessionsDoNotSeeEachOther(t *testing.T) {
	dir := t.TempDir()
	a, b := open(t, Options{Threads: 1}), open(t, Options{Threads: 2})
	one := table(t, a, filepath.Join(dir, "1.parquet"), "SELECT 1 AS x")
	if err := a.Bind(t.Context(), []model.QueryInput{input("t", one)}); err != nil {
		t.Fatal(err)
	}
	if _, _, err := b.Query(t.Context(), "FROM t", 1); err == nil {
		t.Error("a table of one session is readable in another")
	}
	if a.engine.threads != "1" || b.engine.threads != "2" {
		t.Errorf("threads %s and %s, want 1 and 2", a.engine.threads, b.engine.threads)
	}
}

func TestUnusableOptions(t *testing.T) {
	file := filepath.Join(t.TempDir(), "file")
	if err := os.WriteFile(file, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := Open(t.Context(), Options{TempDirectory: filepath.Join(file, "x")}); err == nil || !strings.Contains(err.Error(), "make temp directory") {
		t.Errorf("error %v, want one about the temp directory", err)
	}
}

func TestCloseInterruptsAndIsIdempotent(t *testing.T) {
	s, err := Open(context.Background(), Options{Threads: 2})
	if err != nil {
		t.Fatal(err)
	}
	own := s.ownTemp
	running := make(chan error, 1)
	path := filepath.Join(t.TempDir(), "long.parquet")
	go func() {
		_, err := s.Materialize(context.Background(), model.Query{Node: "long", SQL: endless, Path: path})
		running <- err
	}()
	waitFor(t, func() bool { _, err := os.Stat(path + ".tmp"); return err == nil || len(s.turn) == 0 })
	start := time.Now()
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	if err := <-running; !errors.Is(err, ErrClosed) {
		t.Errorf("the running query ended with %v, want ErrClosed", err)
	}
	if d := time.Since(start); d > 3*time.Second {
		t.Errorf("Close took %v", d)
	}
	if err := s.Close(); err != nil {
		t.Errorf("second Close: %v", err)
	}
	if _, err := s.Tables(t.Context(), "SELECT 1"); !errors.Is(err, ErrClosed) {
		t.Errorf("Tables after Close: %v", err)
	}
	if _, err := os.Stat(own); !os.IsNotExist(err) {
		t.Errorf("the session's temp directory is still there: %v", err)
	}
}

// endless runs for hours and keeps its threads busy.
const endless = "SELECT sum(a.range * b.range % 7) AS s, a.range % 1000 AS k FROM range(10000000) a, range(10000000) b GROUP BY k"

// waitFor waits until the condition holds, at most ten seconds.
func waitFor(t *testing.T, condition func() bool) {
	t.Helper()
	for end := time.Now().Add(10 * time.Second); !condition(); time.Sleep(time.Millisecond) {
		if time.Now().After(end) {
			t.Fatal("the condition did not come true")
		}
	}
}
