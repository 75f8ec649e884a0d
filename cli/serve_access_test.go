package cli

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/buildscope/buildscope/presets"
)

// What somebody over SSH may make of the settings of a server that has secrets.
func TestAccess(t *testing.T) {
	dir := t.TempDir()
	root, outside := filepath.Join(dir, "root"), filepath.Join(dir, "root2")
	for _, d := range []string{filepath.Join(root, "repo", "sub"), outside} {
		if err := os.MkdirAll(d, 0o755); err != nil {
			t.Fatal(err)
		}
	}
	for link, to := range map[string]string{"out": outside, "in": filepath.Join(root, "repo"), "nothing": filepath.Join(dir, "none")} {
		if err := os.Symlink(to, filepath.Join(root, link)); err != nil {
			t.Fatal(err)
		}
	}
	base, err := presets.Resolve(presets.Input{Dir: root, Flags: []presets.FlagValue{
		{Name: "repo-root", Text: filepath.Join(root, "repo")}, {Name: "ssh-allowed-roots", Text: root},
		{Name: "otel-endpoint", Text: "http://collector:4317"}, {Name: "otel-headers", Text: "authorization=secret"},
		{Name: "hamilton-api-key", Text: "secret"}, {Name: "output-dir", Text: filepath.Join(dir, "published")},
	}})
	if err != nil {
		t.Fatal(err)
	}
	a, err := newAccess(base)
	if err != nil {
		t.Fatal(err)
	}
	form := newFormSettings(base, "buildscope build")
	form.allow = a.allow
	for _, c := range []struct {
		edits [][2]string
		want  string // of the last; "" when it may be
	}{
		{[][2]string{{"build.repo_root", filepath.Join(root, "repo", "sub")}}, ""},
		{[][2]string{{"build.repo_root", filepath.Join(root, "in", "sub")}}, ""},
		{[][2]string{{"build.repo_root", outside}}, "build.repo_root: " + outside + " is outside of the allowed roots"},
		{[][2]string{{"build.repo_root", filepath.Join(root, "out")}}, "outside of the allowed roots"},
		{[][2]string{{"build.repo_root", filepath.Join(root, "repo", "..", "..")}}, "outside of the allowed roots"},
		{[][2]string{{"build.repo_root", "/"}}, "outside of the allowed roots"},
		{[][2]string{{"build.work_dir", filepath.Join(root, "new", "work")}}, ""},
		{[][2]string{{"build.work_dir", filepath.Join(root, "out", "work")}}, "build.work_dir"},
		{[][2]string{{"build.work_dir", filepath.Join(root, "nothing", "work")}}, "is a link to nothing"},
		{[][2]string{{"build.output_dir", "/etc"}}, "build.output_dir"},
		{[][2]string{{"engine.temp_directory", "/etc"}}, "engine.temp_directory"},
		{[][2]string{{"otel.certificate", "/etc/passwd"}}, "otel.certificate"},
		{[][2]string{{"build.follow_symlinks", "true"}}, "build.follow_symlinks"},
		{[][2]string{{"diagnostics.redact_keys", "x"}}, "diagnostics.redact_keys"},
		{[][2]string{{"otel.endpoint", "http://evil:4317"}}, "may not be changed over SSH while the headers are those of the server"},
		{[][2]string{{"otel.logs_endpoint", "http://evil:4317"}}, "otel.logs_endpoint"},
		{[][2]string{{"otel.headers", "authorization=own"}, {"otel.endpoint", "http://evil:4317"}}, ""},
		{[][2]string{{"hamilton.api_url", "http://evil"}}, "hamilton.api_url"},
		{[][2]string{{"hamilton.api_key", "own"}, {"hamilton.api_url", "http://evil"}}, ""},
		{[][2]string{{"engine.s3_endpoint", "http://evil"}}, "engine.s3_endpoint"},
		{[][2]string{{"build.workers", "1"}}, ""},
	} {
		for i, e := range c.edits {
			err := form.Edit(e[0], e[1])
			if want := c.want; i < len(c.edits)-1 || want == "" {
				if err != nil {
					t.Errorf("%v: %v", e, err)
				}
			} else if err == nil || !strings.Contains(err.Error(), want) {
				t.Errorf("%v: %v, want %q", e, err, want)
			}
		}
		// Neither does taking the own secret back bring the server's to the new address.
		for _, key := range []string{"otel.headers", "hamilton.api_key"} {
			if len(c.edits) == 2 && c.edits[0][0] == key && form.Reset(key) == nil {
				t.Errorf("%s of the server goes to %s", key, c.edits[1][1])
			}
		}
		for i := len(c.edits) - 1; i >= 0; i-- {
			if err := form.Reset(c.edits[i][0]); err != nil {
				t.Fatal(err)
			}
		}
	}
	hosted := hostedForm{form, a}
	for path, want := range map[string]string{
		filepath.Join(outside, "buildscope.toml"): "outside of the allowed roots", filepath.Join(root, "repo", "main.go"): "end in .toml",
		filepath.Join(root, "repo", "buildscope.toml"): "",
	} {
		err := hosted.Save(path)
		if want == "" && err != nil || want != "" && (err == nil || !strings.Contains(err.Error(), want)) {
			t.Errorf("save %s: %v", path, err)
		}
	}
}

// Links in and above the folders of a build, and what may be done with each.
func TestFoldersOfABuild(t *testing.T) {
	for _, c := range []struct {
		name     string
		link, to string // below the folder in which root, outside and own are; "" for none
		start    string // why the server does not start
		read     string // why the runs are not read
		write    string // why nothing is built
	}{
		{name: "none"},
		{"runs within", "root/repo/.buildscope/runs", "root/other", "", "", ""},
		{"latest", "root/repo/.buildscope/outputs/latest", "01-gone", "", "", ""},
		{"work folder", "root/repo/.buildscope", "outside", "build.work_dir", "build.work_dir", "build.work_dir"},
		{"runs", "root/repo/.buildscope/runs", "outside", "build.work_dir", "build.work_dir", "runs is outside"},
		{"runs to nothing", "root/repo/.buildscope/runs", "nothing", "is a link to nothing", "is a link to nothing", "is a link to nothing"},
		{"cache", "root/repo/.buildscope/cache", "outside", "", "", "cache is outside"},
		{"objects", "root/repo/.buildscope/objects", "outside", "", "", "objects is outside"},
		{"a file", "root/repo/.buildscope/stats.json", "outside/file", "", "", "stats.json is a link to nothing"},
		{"deep", "root/repo/.buildscope/cache/node/key", "outside", "", "", "key is outside"},
		{"by another", "root/repo/.buildscope/cache", "root/other", "", "", "further is outside"},
		{"into the own", "root/repo/.buildscope/cache", "own", "", "", ""},
		{"in the own", "own/outputs", "outside", "", "", "outputs is outside"},
		{"above", "root/repo", "outside", "build.repo_root", "", ""}, // the work folder is then the server's own; but no server starts
	} {
		t.Run(c.name, func(t *testing.T) {
			dir, err := filepath.EvalSymlinks(t.TempDir())
			if err != nil {
				t.Fatal(err)
			}
			at := func(name string) string { return filepath.Join(dir, filepath.FromSlash(name)) }
			link := func(from, to string) {
				t.Helper()
				if !strings.Contains(to, "gone") { // what is to stay relative
					to = at(to)
				}
				if err := errors.Join(os.MkdirAll(filepath.Dir(at(from)), 0o755), os.Symlink(to, at(from))); err != nil {
					t.Fatal(err)
				}
			}
			for _, d := range []string{"root/other", "outside", "own"} {
				if err := os.MkdirAll(at(d), 0o755); err != nil {
					t.Fatal(err)
				}
			}
			if c.name == "by another" {
				link("root/other/further", "outside")
			}
			if c.link != "" {
				link(c.link, c.to)
			}
			if err := os.MkdirAll(at("root/repo"), 0o755); err != nil {
				t.Fatal(err)
			}
			base, err := presets.Resolve(presets.Input{Dir: at("root"), Flags: []presets.FlagValue{
				{Name: "repo-root", Text: at("root/repo")}, {Name: "ssh-allowed-roots", Text: at("root")}, {Name: "output-dir", Text: at("own")},
			}})
			if err != nil {
				t.Fatal(err)
			}
			a, err := newAccess(base)
			if err != nil {
				t.Fatal(err)
			}
			for what, got := range map[string]struct {
				err  error
				want string
			}{
				"start": {a.allow(base), c.start},
				"read":  {a.runsIn(base.Settings.Build.WorkDir), c.read},
				"write": {a.contained(base.Settings), c.write},
			} {
				if got.want == "" && got.err != nil || got.want != "" && (got.err == nil || !strings.Contains(got.err.Error(), got.want)) {
					t.Errorf("%s: %v, want %q", what, got.err, got.want)
				}
			}
		})
	}
}
