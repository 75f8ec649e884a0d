package cli

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/buildscope/buildscope/build/bundle"
	"github.com/buildscope/buildscope/cli/guard"
)

func TestWantsScreen(t *testing.T) {
	for args, want := range map[string]bool{
		"tui": true, "build .": true, "--config x build": true, "attach": true, "build . --profile debug": true,
		"": false, "runs list": false, "build . --batch": false, "build --json": false, "tui --help": false, "tui -h": false,
	} {
		if got := wantsScreen(strings.Fields(args)); got != want {
			t.Errorf("%q: %v", args, got)
		}
	}
}

// What is said about a death comes from the bundle as the process left it.
func TestDeathText(t *testing.T) {
	const began = `{"time":"2026-01-02T03:04:05Z","event":"run_started","profile":"dev"}
{"time":"2026-01-02T03:04:05Z","event":"node_started","node":"scan","source":"scan.go:1"}
{"time":"2026-01-02T03:04:06Z","event":"node_finished","node":"scan"}
`
	const query = `{"time":"2026-01-02T03:04:06Z","event":"node_started","node":"edges","source":"sql/edges.sql","sql":"-- what refers to what\nSELECT *\n  FROM \u001b[2Jrefs"}
`
	now := time.Date(2026, 1, 2, 3, 4, 15, 0, time.UTC)
	for _, c := range []struct {
		name, events string
		death        guard.Death
		want, not    []string
	}{
		{"no run", "", guard.Death{Signal: "SIGKILL", Number: 9}, []string{"died of SIGKILL: somebody killed it", "No build was started"}, []string{"bundle", "used up to"}},
		{"a query", began + query, guard.Death{Signal: "SIGABRT", Number: 6, MaxMemory: 3 << 30, Words: "noise\nterminate called after throwing an instance of 'std::bad_alloc'\n\ngoroutine 1"},
			[]string{"died of SIGABRT (it used up to 3.0 GiB)", `saying "terminate called after`, "had run for 10.0s and was through with 1 of its nodes", "it was at the node edges (sql/edges.sql)", `with the query "SELECT * FROM`, "crash.txt"},
			[]string{"\x1b", "node scan"}},
		{"torn", began + query[:40], guard.Death{}, []string{"died of a fatal error", "was through with 1 of its nodes."}, []string{"it was at"}},
		{"two", began + query + strings.Replace(query, "edges", "names", 2), guard.Death{Signal: "SIGSEGV", Number: 11, Words: "SIGSEGV: segmentation violation\nPC=1"}, []string{"died of SIGSEGV. Run", "at the node edges (sql/edges.sql)", ", names (sql/names.sql)"}, nil},
		{"over", began + `{"time":"2026-01-02T03:04:07Z","event":"run_finished","status":"failed"}` + "\n", guard.Death{Signal: "SIGSEGV", Number: 11}, []string{"was through with 1 of its nodes."}, []string{"it was at"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			var b *bundle.Bundle
			if c.events != "" {
				dir := filepath.Join(t.TempDir(), "run")
				if err := os.MkdirAll(dir, 0o755); err != nil {
					t.Fatal(err)
				}
				if err := os.WriteFile(filepath.Join(dir, "events.jsonl"), []byte(c.events), 0o644); err != nil {
					t.Fatal(err)
				}
				var err error
				if b, err = bundle.Open(dir); err != nil {
					t.Fatal(err)
				}
			}
			got := deathText(c.death, b, now)
			for _, want := range c.want {
				if !strings.Contains(got, want) {
					t.Errorf("%q is not in\n%s", want, got)
				}
			}
			for _, not := range c.not {
				if strings.Contains(got, not) {
					t.Errorf("%q is in\n%s", not, got)
				}
			}
		})
	}
}

func TestExitCodeOfADeath(t *testing.T) {
	for d, want := range map[guard.Death]int{{Number: 9}: 137, {Number: 11}: 139, {}: 134} {
		if got := d.Code(); got != want {
			t.Errorf("%+v: %d", d, got)
		}
	}
}
