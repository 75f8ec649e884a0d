package bundle_test

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"github.com/buildscope/buildscope/build/bundle"
	"github.com/buildscope/buildscope/model"
)

// Whoever may look at bundles may not read by them what he likes: links are not followed,
// in whichever way a file is asked for, nor does a pipe hold up the reader.
func TestABundleIsNoWayOut(t *testing.T) {
	outside := t.TempDir()
	for name, text := range map[string]string{"secret.json": `{"payload":{"profile":"secret"},"status":"succeeded","error":"secret"}`, "secret.md": "secret", "events.jsonl": `{"event":"run_started","profile":"secret"}` + "\n"} {
		if err := os.WriteFile(filepath.Join(outside, name), []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	type link struct{ name, to string }
	for _, c := range []struct {
		name  string
		links []link
	}{
		{"files", []link{{"report.md", "secret.md"}, {"events.jsonl", "events.jsonl"}, {"artifacts/profile_v1.json", "secret.json"}, {"settings.json", "secret.json"}}},
		{"folder", []link{{"artifacts", ""}}},
		{"manifest", []link{{"manifest.json", "secret.json"}}},
	} {
		t.Run(c.name, func(t *testing.T) {
			work := t.TempDir()
			dir := filepath.Join(work, "runs", "01")
			if err := os.MkdirAll(dir, 0o755); err != nil {
				t.Fatal(err)
			}
			for _, l := range c.links {
				at := filepath.Join(dir, l.name)
				if err := errors.Join(os.MkdirAll(filepath.Dir(at), 0o755), os.Symlink(filepath.Join(outside, l.to), at)); err != nil {
					t.Fatal(err)
				}
			}
			list, _ := bundle.List(work) // an error says that it does not open
			for _, b := range list {
				if b.Status != model.RunIncomplete || b.Profile+b.Error != "" {
					t.Errorf("listed: %+v", b)
				}
			}
			b := &bundle.Bundle{Dir: dir}
			var got []string
			note := func(text string, err error) {
				if err == nil {
					got = append(got, text)
				}
			}
			note(b.Report())
			names, err := b.Artifacts()
			note(strings.Join(names, ","), err)
			for _, name := range []string{"profile_v1", "secret"} {
				a, err := b.Artifact(name)
				note(string(a.Payload), err)
			}
			var v map[string]any
			if err := b.JSON("settings.json", &v); err == nil && len(v) > 0 {
				t.Errorf("read %v", v)
			}
			if events, err := b.Events(); err == nil && len(events) > 0 {
				t.Errorf("read %v", events)
			}
			for _, text := range got {
				if strings.Contains(text, "secret") {
					t.Errorf("read %q", text)
				}
			}
		})
	}
	pipe := filepath.Join(t.TempDir(), "report.md")
	if err := syscall.Mkfifo(pipe, 0o644); err != nil {
		t.Fatal(err)
	}
	if text, err := (&bundle.Bundle{Dir: filepath.Dir(pipe)}).Report(); err == nil || errors.Is(err, fs.ErrNotExist) {
		t.Errorf("read %q, %v", text, err)
	}
}
