package tui

import (
	"context"
	"encoding/base64"
	"errors"
	"fmt"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/buildscope/buildscope/model"

	tea "charm.land/bubbletea/v2"
)

func openArtifacts(t *testing.T, w, h int, b *fakeBundle) *driver {
	t.Helper()
	opts := withBundles(Options{Settings: newSettings(), Subject: "requests"}, b)
	return newDriver(t, w, h, opts).Press("3").Expect("capture_statistics_v1")
}

func TestArtifactFrames(t *testing.T) {
	for _, size := range sizes {
		t.Run(fmt.Sprintf("json %dx%d", size.w, size.h), func(t *testing.T) {
			d := openArtifacts(t, size.w, size.h, newBundle())
			d.Press("end", "enter").Expect("payload").Golden()
		})
		t.Run(fmt.Sprintf("report %dx%d", size.w, size.h), func(t *testing.T) {
			d := openArtifacts(t, size.w, size.h, newBundle())
			d.Press("enter").Expect("extract_python").Golden()
		})
		t.Run(fmt.Sprintf("rows %dx%d", size.w, size.h), func(t *testing.T) {
			d := openArtifacts(t, size.w, size.h, newBundle())
			d.Press("down", "down", "enter").Expect("def_7").Golden()
		})
	}
}

func TestFoldAndSearchJSON(t *testing.T) {
	d := openArtifacts(t, 120, 40, newBundle())
	d.Press("end", "enter").Expect("nodes: [2]").ExpectNot("scan_repo")
	d.Press("/").Type("scan_repo").Press("enter").ExpectSelected(`name: "scan_repo"`).Expect(".payload.nodes[0].name, 2 with scan_repo")
	d.Press("n").ExpectSelected(`0: "scan_repo"`).Press("n").ExpectSelected(`name: "scan_repo"`).Press("N").ExpectSelected(`0: "scan_repo"`)
	d.Press("left").ExpectSelected("deps: [1]").Press("left").ExpectNot(`0: "scan_repo"`)
	d.Press("y").ExpectCopied(`["scan_repo"]`)
	d.Press("/").Type("zebra").Press("enter").Expect("not found")
}

func TestStatisticsOfAnOutput(t *testing.T) {
	d := openArtifacts(t, 120, 40, newBundle())
	d.Press("down", "down", "tab").Expect("null", "row 1 of 1,000, 6 columns")
	d.Press("tab").Expect("Statistics of cpg_nodes", "~598k", "column 1 of 8", "no value is listed")
	d.Press("down", "down").ExpectSelected("bstart").Expect("0 to 412,000", "about 190,331", "10% 1,165", "868 zero (0.1%)")
	d.Press("y").ExpectCopied("cpg_nodes\tbstart\tint32\t0 nulls\t~190k distinct\t0\t412,000")
	d.Press("Y").until("copying JSON", func() bool { return strings.Contains(d.copied, `"distinct": 190331`) })
	d.Press("end").ExpectSelected("all_null_␛]0;pwn").Expect("every value is null", "column 8 of 8").Press("up").Expect("lists after 200 items")
	d.Press("esc", "up", "tab", "tab").Expect("No statistics were captured")
}

// Where a node made several tables, left and right go from one to the other.
func TestFromTableToTable(t *testing.T) {
	r := newRun()
	r.tables = []model.TableStats{tableStats("py_refs"), tableStats("py_defs"), tableStats("py_calls")}
	d := newDriver(t, 120, 40, Options{Run: r.succeed()})
	current := func(table string) {
		t.Helper()
		if got, _, _ := d.m.detail.Stats().Current(); got.Table != table {
			t.Errorf("at a column of %s, not of %s:\n%s", got.Table, table, d.Screen())
		}
	}
	d.Press("g", "down", "enter").ExpectSelected("ref_id")
	current("py_refs")
	d.Press("right", "right").ExpectSelected("ref_id")
	current("py_calls")
	d.Press("right", "left")
	current("py_defs")
}

// Rows far from those that were read first are read when they come into view.
func TestRowsAreReadAsNeeded(t *testing.T) {
	b := newBundle()
	d := openArtifacts(t, 120, 40, b)
	d.Press("down", "enter").Expect("def_0").Press("end").Expect("def_999", "row 1,000 of 1,000")
	d.Press("home").Expect("def_0").Press("right").ExpectNot("node_id").Expect("bstart").Press("left").Expect("node_id")
	d.Press("down", "down", "y").ExpectCopied("1002\tfunction\tdef_2\t34\t(self)\tsrc/requests/a_rather_long_module_name.py")
	d.Press("Y").until("copying JSON", func() bool { return strings.Contains(d.copied, `"kind": "function"`) })
}

func TestSearchTheReport(t *testing.T) {
	b := newBundle()
	b.report += strings.Repeat("\nfiller\n", 200) + "\nneedle in line\n"
	d := openArtifacts(t, 120, 40, b)
	d.Press("enter").Expect("succeeded").Press("/").Type("NEEDLE").Press("enter").Expect("needle in line")
	d.Press("home").Expect("succeeded")
}

func TestAnotherRun(t *testing.T) {
	d := openArtifacts(t, 120, 40, newBundle())
	d.Press("o").Expect("0195f0c2", "0195e000  2026-03-13 09:26:53  failed").Press("down", "enter").Expect("report")
	d.until("opening the other run", func() bool { return strings.HasPrefix(d.m.shelf.runID, "0195e000") })
}

func TestWhatCannotBeReadIsSaid(t *testing.T) {
	opts := withBundles(Options{}, nil)
	newDriver(t, 120, 40, opts).Press("3").Expect("open run 0195f0c2: no bundle of run", "No run has left artifacts yet")
	opts.Bundles = func(context.Context) ([]BundleInfo, error) { return nil, errors.New("work directory is gone") }
	newDriver(t, 120, 40, opts).Press("3").Expect("list runs: work directory is gone")
	b := newBundle()
	b.artifacts["broken_v1"] = `{"a": [1, 2`
	openArtifacts(t, 120, 40, b).Press("down", "down", "down").Expect("read broken_v1: read JSON at byte")
}

// What outputs and artifacts hold never reaches the terminal as it is.
func TestHostileContents(t *testing.T) {
	b := newBundle()
	b.artifacts["evil\x1b[2J_v1"] = `{"k\u001b]0;x\u0007": "v\u001b[31m\u202e"}`
	b.report = "# evil \x1b]52;c;eA==\x07 [link](http://x/\x1b[2J)"
	d := openArtifacts(t, 120, 40, b)
	for range 6 {
		for i, line := range strings.Split(d.m.View().Content, "\n") {
			rest := line
			for {
				at := strings.IndexByte(rest, 0x1b)
				if at < 0 {
					break
				}
				end := strings.IndexByte(rest[at:], 'm')
				if !strings.HasPrefix(rest[at:], "\x1b[") || end < 0 || strings.Trim(rest[at+2:at+end], "0123456789;:") != "" {
					t.Fatalf("line %d holds %q", i, line)
				}
				rest = rest[at+end:]
			}
			if strings.ContainsAny(line, "\u202e\a\u009b") {
				t.Fatalf("line %d holds a control character: %q", i, line)
			}
		}
		d.Press("down").Expect("capture_statistics_v1")
	}
}

func TestCopyKnowsItsLimit(t *testing.T) {
	b := newBundle()
	big := strings.Repeat("x", maxClipboard)
	b.artifacts["big_v1"] = fmt.Sprintf(`{"text": %q}`, big)
	d := openArtifacts(t, 120, 40, b).Press("/").Type("big").Press("enter", "tab").Expect(`text: "xxx`).Press("down", "y").Expect("too large to copy: 100,0")
	if d.copied != "" {
		t.Error("copied more than terminals take")
	}
	if base64.StdEncoding.EncodedLen(56_244) > maxClipboard {
		t.Error("the limit is on encoded bytes")
	}
}

func TestReportFollowsWidthAndTheme(t *testing.T) {
	d := openArtifacts(t, 120, 40, newBundle()).Press("enter").Expect("succeeded")
	d.send(tea.WindowSizeMsg{Width: 80, Height: 24})
	d.until("laying the report out again", func() bool { return d.m.shelf.rendered.w == d.m.report.Width() && d.m.report.Width() < 80 })
	d.Expect("succeeded")
}

// Coming to the screen while the runs are still being listed does not open the
// bundle a second time: that would take the viewer's place in it away.
func TestABundleIsOpenedOnce(t *testing.T) {
	opts := withBundles(Options{Settings: newSettings()}, newBundle())
	var opened atomic.Int32
	open := opts.Open
	opts.Open = func(ctx context.Context, id string) (Bundle, error) {
		opened.Add(1)
		return open(ctx, id)
	}
	d := newDriver(t, 120, 40, opts).Press("3", "1", "3").Expect("Build 0195f0c2")
	d.cmds.Wait()
	for len(d.msgs) > 0 {
		d.send(<-d.msgs)
		d.cmds.Wait()
	}
	if n := opened.Load(); n != 1 {
		t.Errorf("opened %d times", n)
	}
}
