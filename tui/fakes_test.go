package tui

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/buildscope/buildscope/model"
)

// fakeSettings is a form over a fixed list of settings.
type fakeSettings struct {
	list   []Setting
	base   map[string]Setting
	saved  map[string]string // by the last Save
	path   string
	exists bool
	fail   error // of Save

	undo, redo [][]Setting
	profiles   []string // saved, with ! in front if they replaced one
}

func newSettings() *fakeSettings {
	s := &fakeSettings{path: "/home/ann/requests/buildscope.toml", list: []Setting{
		{Key: "diagnostics_profile", Kind: "enum", Text: "debug", Source: "flag --profile", Default: "dev",
			Allowed: []string{"off", "prod", "ci", "dev", "debug"},
			Doc:     "Named set of diagnostics settings; the profile decides what no other layer sets."},
		{Section: "diagnostics", Key: "diagnostics.enable_plan_diagnostics", Kind: "bool", Text: "true", Source: "profile debug", Default: "false",
			FromProfile: true, Profile: "true", Doc: "Write the schedule before the run and compare it with what happened after it."},
		{Section: "diagnostics", Key: "diagnostics.redact_keys", Kind: "list", Text: "*password*,*token*", Source: "default", Default: "*password*,*token*",
			Doc: "Attribute and header names whose values are hidden in everything that leaves the process."},
		{Section: "build", Key: "build.workers", Kind: "int", Text: "0", Source: "default", Default: "0", Range: "0 to 1024",
			Doc: "Nodes that may run at the same time; 0 means one per CPU."},
		{Section: "build", Key: "build.output_dir", Kind: "path", Text: "", Source: "default", Default: "",
			Doc: "Directory for the output tables; empty means outputs below the work directory."},
		{Section: "otel", Key: "otel.endpoint", Kind: "string", Text: "http://collector:4317", Source: "env OTEL_EXPORTER_OTLP_ENDPOINT", Default: "",
			Doc: "Where spans are sent; the scheme says whether the connection is encrypted."},
		{Section: "otel", Key: "otel.headers", Kind: "map", Text: "•••• (short)", Source: "file buildscope.toml:12", Default: "", Secret: true,
			Doc: "Headers that are sent with every export, for example an API key."},
		{Section: "otel", Key: "otel.sampler_arg", Kind: "float", Text: "1", Source: "default", Default: "1", Range: "0 to 1",
			Doc: "Share of the traces that are exported."},
		{Section: "tui", Key: "tui.theme", Kind: "enum", Text: "auto", Source: "default", Default: "auto", Allowed: []string{"auto", "dark", "light", "ascii"},
			Doc: "Colours of the screen; auto follows the background of the terminal."},
		{Section: "tui", Key: "tui.mouse", Kind: "bool", Text: "false", Source: "default", Default: "false",
			Doc: "Whether the mouse scrolls and selects rows instead of selecting text."},
		{Section: "tui", Key: "tui.refresh_rate", Kind: "int", Text: "10", Source: "default", Default: "10", Range: "between 1 and 30", Unit: "frames per second",
			Doc: "How often the screen of a running build is drawn anew at most."},
	}}
	s.base = make(map[string]Setting)
	for _, x := range s.list {
		s.base[x.Key] = x
	}
	return s
}

// look is what the program would resolve the settings of the screen to.
func (s *fakeSettings) look() model.TUISettings {
	rate, err := strconv.Atoi(s.find("tui.refresh_rate").Text)
	if err != nil {
		panic(err)
	}
	return model.TUISettings{Theme: s.find("tui.theme").Text, Mouse: s.find("tui.mouse").Text == "true", RefreshRate: rate}
}

func (s *fakeSettings) List() []Setting { return slices.Clone(s.list) }

func (s *fakeSettings) SectionTitle(section string) string {
	return map[string]string{"otel": "What leaves the process and how."}[section]
}

func (s *fakeSettings) find(key string) *Setting {
	for i := range s.list {
		if s.list[i].Key == key {
			return &s.list[i]
		}
	}
	return nil
}

func (s *fakeSettings) Validate(key, text string) error {
	x := s.find(key)
	switch {
	case x == nil:
		return fmt.Errorf("unknown setting %s", key)
	case x.Kind == "int":
		if n, err := strconv.Atoi(text); err != nil || n < 0 || n > 1024 {
			return errors.New("must be a whole number between 0 and 1024")
		}
	case x.Kind == "float":
		if f, err := strconv.ParseFloat(text, 64); err != nil || f < 0 || f > 1 {
			return errors.New("must be between 0 and 1")
		}
	case len(x.Allowed) > 0 && !slices.Contains(x.Allowed, text):
		return errors.New("must be one of " + strings.Join(x.Allowed, ", "))
	}
	return nil
}

func (s *fakeSettings) Edit(key, text string) error {
	s.undo, s.redo = append(s.undo, slices.Clone(s.list)), nil
	x := s.find(key)
	x.Text, x.Source, x.Edited = text, "form", true
	if x.Secret {
		x.Text = "•••• (short)"
	}
	return nil
}

func (s *fakeSettings) Reset(key string) error {
	s.undo, s.redo = append(s.undo, slices.Clone(s.list)), nil
	*s.find(key) = s.base[key]
	return nil
}

func (s *fakeSettings) Undo() error             { s.step(&s.undo, &s.redo); return nil }
func (s *fakeSettings) Redo() error             { s.step(&s.redo, &s.undo); return nil }
func (s *fakeSettings) Steps() (undo, redo int) { return len(s.undo), len(s.redo) }

func (s *fakeSettings) step(from, to *[][]Setting) {
	n := len(*from) - 1
	*to = append(*to, slices.Clone(s.list))
	s.list, *from = (*from)[n], (*from)[:n]
}

func (s *fakeSettings) Written() ([]Written, error) {
	long := "--exclude-globs='" + strings.Repeat("vendor/**,", 12) + "'"
	return []Written{
		{Name: "command line", Text: "buildscope build /home/ann/requests \\\n  --diagnostics-profile=debug \\\n  " + long + "\n",
			Notes: []string{"otel.headers is secret: it is read from the variable BUILDSCOPE_OTEL_HEADERS, which you set."}},
		{Name: "environment", Text: "export BUILDSCOPE_DIAGNOSTICS_PROFILE=debug\nexport X='\x1b[31mred'\n"},
		{Name: "TOML file", Text: "diagnostics_profile = \"debug\"\n" + strings.Repeat("# line\n", 50) + "# last\n"},
	}, s.fail
}

func (s *fakeSettings) CompareProfiles(a, b string) ([]ProfileDifference, error) {
	if a == b {
		return nil, nil
	}
	return []ProfileDifference{
		{Key: "diagnostics.enable_plan_diagnostics", A: "false (default)", B: "true"},
		{Key: "otel.sampler", A: "parentbased_traceidratio", B: "always_on"},
		{Key: "otel.bsp_schedule_delay", A: "5s", B: "200ms"},
	}, nil
}

func (s *fakeSettings) CheckProfile(name string) (bool, error) {
	if strings.Contains(name, ".") {
		return false, errors.New("the name of a profile is letters, digits, - and _")
	}
	return slices.Contains(s.profiles, name), nil
}

func (s *fakeSettings) SaveProfile(name string, replace bool) ([]string, error) {
	if s.fail != nil {
		return nil, s.fail
	}
	if replace {
		name = "!" + name
	}
	s.profiles = append(s.profiles, name)
	s.list[0].Allowed = append(slices.Clone(s.list[0].Allowed), name)
	return []string{"Written to " + s.path + ".", "The profile " + name + " extends debug and sets build.workers."}, nil
}

func (s *fakeSettings) Edits() int {
	n := 0
	for _, x := range s.list {
		if x.Edited {
			n++
		}
	}
	return n
}

func (s *fakeSettings) Target() (string, bool) { return s.path, s.exists }

func (s *fakeSettings) Save(path string) error {
	if s.fail != nil {
		return s.fail
	}
	s.saved = make(map[string]string)
	for i, x := range s.list {
		if x.Edited {
			s.saved[x.Key] = x.Text
			s.list[i].Edited, s.list[i].Source = false, "file "+path
		}
	}
	return nil
}

// fakeBundle is what a finished run left.
type fakeBundle struct {
	artifacts map[string]string
	report    string
	outputs   []model.OutputLocation
	rows      int64      // of every output
	mu        sync.Mutex // guards reads: previews come from several goroutines
	reads     []int64
}

func (b *fakeBundle) Artifacts(context.Context) ([]ArtifactInfo, error) {
	var out []ArtifactInfo
	for name, text := range b.artifacts {
		out = append(out, ArtifactInfo{Name: name, Size: int64(len(text))})
	}
	slices.SortFunc(out, func(a, b ArtifactInfo) int { return strings.Compare(a.Name, b.Name) })
	return out, nil
}

func (b *fakeBundle) Artifact(_ context.Context, name string) ([]byte, error) {
	text, ok := b.artifacts[name]
	if !ok {
		return nil, fmt.Errorf("no artifact %s", name)
	}
	return []byte(text), nil
}

func (b *fakeBundle) Report(context.Context) (string, error) { return b.report, nil }

func (b *fakeBundle) Outputs(context.Context) ([]model.OutputLocation, error) { return b.outputs, nil }

func (b *fakeBundle) Preview(_ context.Context, _ string, offset, limit int64) (Preview, error) {
	b.mu.Lock()
	b.reads = append(b.reads, offset)
	b.mu.Unlock()
	p := Preview{Columns: []string{"node_id", "kind", "name", "bstart", "signature", "path"}, Types: []string{"int64", "utf8", "utf8", "int32", "utf8", "utf8"}, Offset: offset, Total: b.rows}
	for i := offset; i < min(offset+limit, b.rows); i++ {
		null := i%5 == 3
		name := fmt.Sprintf("def_%d", i)
		if null {
			name = ""
		}
		p.Rows = append(p.Rows, []string{strconv.FormatInt(1000+i, 10), "function", name, strconv.FormatInt(i*17, 10), "(self)", "src/requests/a_rather_long_module_name.py"})
		p.Nulls = append(p.Nulls, []bool{false, false, null, false, false, false})
	}
	return p, nil
}

func newBundle() *fakeBundle {
	return &fakeBundle{
		rows: 1000,
		artifacts: map[string]string{
			"plan_schedule_v1": `{"name": "plan_schedule_v1", "version": 1, "run_id": "0195f0c2", "created_at": "2026-03-14T09:26:53Z",
				"payload": {"nodes": [{"name": "scan_repo", "kind": "extract", "deps": []}, {"name": "cpg_nodes", "kind": "emit", "deps": ["scan_repo"]}],
				"execution_mode": "plan_parallel", "workers": 2}}`,
			"capture_statistics_v1": captureArtifact(tableStats("cpg_nodes")),
		},
		report:  "# Build 0195f0c2\n\nThe build **succeeded** in 12.4s.\n\n| node | time |\n|---|---|\n| extract_python | 11.8s |\n\n- outputs: [here](file:///tmp/out)\n",
		outputs: []model.OutputLocation{{Name: "cpg_edges", Path: "/out/cpg_edges.parquet", Rows: 1000, Bytes: 9000}, {Name: "cpg_nodes", Path: "/out/cpg_nodes.parquet", Rows: 1000, Bytes: 12000}},
	}
}

// withBundles adds two finished runs to the options.
func withBundles(opts Options, b Bundle) Options {
	opts.Bundles = func(context.Context) ([]BundleInfo, error) {
		return []BundleInfo{
			{RunID: "0195f0c2-6c1e-7000-8000-000000000001", State: model.RunSucceeded, Started: epoch, Ended: epoch.Add(12 * time.Second), Profile: "debug"},
			{RunID: "0195e000-0000-7000-8000-000000000002", State: model.RunFailed, Started: epoch.Add(-24 * time.Hour), Ended: epoch.Add(-24*time.Hour + 3*time.Second), Profile: "prod", Error: "node x: \x1b[31mno"},
		}, nil
	}
	opts.Open = func(_ context.Context, runID string) (Bundle, error) {
		if b == nil {
			return nil, fmt.Errorf("no bundle of run %s", runID)
		}
		return b, nil
	}
	opts.Compare = func(_ context.Context, a, b string) ([]string, error) {
		return []string{"A " + a, "B " + b, "no setting changed"}, nil
	}
	return opts
}
