package build

import (
	"fmt"
	"path/filepath"
	"sort"
	"strings"
	"time"

	"github.com/buildscope/buildscope/build/page"
	"github.com/buildscope/buildscope/engine/remote"
	"github.com/buildscope/buildscope/model"
	"github.com/buildscope/buildscope/model/human"
)

// report is report.json, and report.md in words.
type report struct {
	Manifest  model.ManifestPayload      `json:"run_manifest_v1"`
	Locations model.LocationsPayload     `json:"build_output_locations_v1"`
	Execution model.PlanExecutionPayload `json:"plan_execution_v1"`
	Exports   []model.ExportCounts       `json:"exports"`
	Capture   *captureSummary            `json:"capture,omitempty"`
	Tracker   model.TrackerStatusPayload `json:"hamilton_tracker_status_v1"`
	Causes    []model.Cause              `json:"why_slow"`
	Caches    []model.CacheAccount       `json:"caches"`
	Tests     model.DataTestsPayload     `json:"data_tests_v1"`
	Remote    *model.RemoteEngine        `json:"remote_engine,omitempty"`
}

// slowest is how many nodes the report lists by duration.
const slowest = 10

func (r report) markdown() string {
	var b strings.Builder
	p := func(format string, args ...any) { fmt.Fprintf(&b, format+"\n", args...) }
	m := r.Manifest
	p("# Run %s: %s\n", m.RunID, m.Status)
	if m.Error != "" {
		p("**Error:** %s\n", m.Error)
	}
	p("- repository: `%s`\n- profile: %s\n- duration: %s\n- trace: %s\n", m.RepoRoot, m.Profile, m.Ended.Sub(m.Started).Round(time.Millisecond), m.TraceID)
	if e := r.Remote; e != nil {
		by := "which sent the results"
		if e.Writes == remote.WritesServer {
			by = "which wrote the results"
		}
		p("The SQL ran at `%s` (version %s), %s.\n", e.Endpoint, e.Version, by)
	}
	p("## Outputs\n\n- run_id: `%s`\n- output_dir: `%s`\n- run_bundle_dir: `%s`\n- report for a browser: `%s`\n", r.Locations.RunID, r.Locations.OutputDir,
		r.Locations.RunBundleDir, filepath.Join(r.Locations.RunBundleDir, page.File))
	if len(r.Locations.Outputs) > 0 {
		p("| output | rows | bytes | schema hash | checksum | path |\n|---|--:|--:|---|---|---|")
		for _, o := range r.Locations.Outputs {
			p("| %s | %d | %d | %s | %s | `%s` |", o.Name, o.Rows, o.Bytes, o.SchemaHash, o.Checksum, o.Path)
		}
		p("")
	}
	testsMarkdown(p, r.Tests)
	computedMarkdown(p, r.Execution.Nodes)
	nodes := append([]model.NodeExecution(nil), r.Execution.Nodes...)
	sort.SliceStable(nodes, func(i, j int) bool { return nodes[i].DurationNS() > nodes[j].DurationNS() })
	p("## Slowest nodes\n\n| node | state | time | rows | cache |\n|---|---|--:|--:|---|")
	for i, n := range nodes {
		if i == slowest {
			break
		}
		p("| %s | %s | %s | %d | %s |", n.Name, n.State, time.Duration(n.DurationNS()).Round(time.Microsecond), n.Rows, n.Cache)
	}
	p("\nCritical path: %s (%s of %s; parallelism %.2f)\n", strings.Join(r.Execution.CriticalPath, " → "),
		time.Duration(r.Execution.CriticalNS).Round(time.Millisecond), time.Duration(r.Execution.WallNS).Round(time.Millisecond), r.Execution.Parallelism)
	if len(r.Causes) > 0 {
		p("## Where the time went\n")
		for i, c := range r.Causes {
			if c.Setting != "" {
				c.Text += fmt.Sprintf(" Setting: `%s`.", c.Setting)
			}
			p("%d. %s", i+1, c.Text)
		}
		p("")
	}
	cachesMarkdown(p, r.Caches)
	if r.Capture != nil {
		r.Capture.markdown(p)
	}
	if r.Tracker.Enabled {
		p("## Hamilton\n\n%s\n", trackerLine(r.Tracker))
		if r.Tracker.ErrorURL != "" {
			p("The failed node: %s\n", r.Tracker.ErrorURL)
		}
		if r.Tracker.CompareURL != "" {
			p("Beside the last good run: %s\n", r.Tracker.CompareURL)
		}
	}
	p("## Telemetry\n\n%d spans ended, %d of them are in spans.parquet; the screen's log had to drop %d records.\n", m.SpansTotal, m.SpansWritten, m.SpansDropped)
	if len(r.Exports) > 0 {
		p("| signal | exporter | endpoint | created | sampled out | sent | rejected | failed | dropped | lost | last error |\n|---|---|---|--:|--:|--:|--:|--:|--:|--:|---|")
		for _, e := range r.Exports {
			p("| %s | %s | %s | %d | %d | %d | %d | %d | %d | %d | %s |", e.Signal, e.Exporter, e.Endpoint, e.Created, e.SampledOut, e.Sent, e.Rejected, e.Failed, e.Dropped, e.Lost, e.LastError)
		}
		p("")
	}
	originsMarkdown(p, r.Locations.Outputs, r.Execution.Queries)
	return b.String()
}

// cachesMarkdown tells what the engine's caches did; of a run that read no tables,
// nothing.
func cachesMarkdown(p func(string, ...any), caches []model.CacheAccount) {
	if !model.CachesUsed(caches) {
		return
	}
	p("## Caches of the engine\n\n| cache | limit | hit rate | hits | misses | evicted | rejected | expired | outdated | held | working set | would hit at most |\n|---|---|--:|--:|--:|--:|--:|--:|--:|--:|--:|--:|")
	for _, c := range caches {
		p("| %s | %s (%s) | %s | %d | %d | %d | %d | %d | %d | %s | %s | %s |", c.Cache, c.Value, c.Source, human.Percent(c.Hits, c.Hits+c.Misses), c.Hits, c.Misses,
			c.Evictions, c.Rejections, c.Expirations, c.Invalidations, human.Bytes(c.Bytes), human.Bytes(c.WorkingSet), human.Percent(c.Curve.Most(), c.Curve.Lookups))
	}
	p("")
	for _, c := range caches {
		if c.Advice != "" {
			p("- %s\n", c.Advice)
		}
	}
}

// computedMarkdown says how incremental models were computed; of a run in which none
// was, nothing.
func computedMarkdown(p func(string, ...any), nodes []model.NodeExecution) {
	head := "## Incremental models\n\n"
	for _, n := range nodes {
		if n.Computed != "" {
			p("%s- `%s`: %s", head, n.Name, n.Computed)
			head = ""
		}
	}
	if head == "" {
		p("")
	}
}

// testsMarkdown lists what the tests of the data found; of a run without tests,
// nothing.
func testsMarkdown(p func(string, ...any), t model.DataTestsPayload) {
	if len(t.Tests) == 0 {
		return
	}
	p("## Tests of the data\n\n%d passed, %d warned, %d failed, %d not run.\n", t.Passed, t.Warned, t.Failed, t.NotRun)
	for _, one := range t.Tests {
		switch {
		case one.Passed:
		case one.Failing == 0:
			p("- `%s`: not run (%s)", one.Node, one.State)
		default:
			p("- `%s` (%s): %s", one.Node, one.Severity, human.Counted(one.Failing, "row"))
			for _, line := range one.Sample {
				p("    - `%s`", line)
			}
		}
	}
	p("")
}
