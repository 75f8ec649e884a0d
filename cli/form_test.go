package cli

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/buildscope/buildscope/presets"
)

func newForm(t *testing.T, in presets.Input) *formSettings {
	t.Helper()
	res, err := presets.Resolve(in)
	if err != nil {
		t.Fatal(err)
	}
	return newFormSettings(res, "buildscope build")
}

func TestFormUndoAndRedo(t *testing.T) {
	f := newForm(t, presets.Input{Dir: t.TempDir()})
	expect := func(what, workers string, undo, redo int) {
		t.Helper()
		u, r := f.Steps()
		if got := f.current().Value("build.workers").Text; got != workers || u != undo || r != redo {
			t.Errorf("%s: workers = %s, %d to undo, %d to redo; want %s, %d, %d", what, got, u, r, workers, undo, redo)
		}
	}
	do := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	do(f.Edit("build.workers", "3"))
	do(f.Edit("build.workers", "4"))
	do(f.Edit("build.workers", "4"))
	expect("two edits, one twice", "4", 2, 0)
	if err := f.Edit("build.workers", "many"); err == nil {
		t.Error("took many for a number")
	}
	expect("an edit that was refused", "4", 2, 0)
	do(f.Undo())
	expect("undo", "3", 1, 1)
	do(f.Reset("build.workers"))
	expect("reset, which ends what could be redone", "0", 2, 0)
	do(f.Undo())
	do(f.Undo())
	do(f.Undo())
	expect("undo of all, and once more", "0", 0, 2)
	do(f.Redo())
	expect("redo", "3", 1, 1)
	for i := range 3 * maxUndo {
		do(f.Edit("build.workers", []string{"1", "2"}[i%2]))
	}
	expect("very many edits", "2", maxUndo, 0)
}

// A new profile can be chosen at once, also where the file is not the one in force.
func TestFormSavesAProfile(t *testing.T) {
	dir, repo := t.TempDir(), t.TempDir()
	path := filepath.Join(repo, presets.FileName)
	if err := os.WriteFile(path, []byte("# theirs\n[build]\nworkers = 9\n"), 0o644); err != nil {
		t.Fatal(err)
	}
	f := newForm(t, presets.Input{Dir: dir, Flags: []presets.FlagValue{{Name: "repo-root", Text: repo}}})
	if err := f.Edit("otel.log_level", "warn"); err != nil {
		t.Fatal(err)
	}
	if exists, err := f.CheckProfile("mine"); exists || err != nil {
		t.Fatalf("exists %v, %v", exists, err)
	}
	lines, err := f.SaveProfile("mine", false)
	if err != nil || !strings.Contains(strings.Join(lines, "\n"), "not the one in force") {
		t.Fatalf("%q, %v", lines, err)
	}
	if exists, err := f.CheckProfile("mine"); !exists || err != nil {
		t.Errorf("exists %v, %v", exists, err)
	}
	if err := f.Reset("otel.log_level"); err != nil {
		t.Fatal(err)
	}
	if err := f.Edit(presets.ProfileKey, "mine"); err != nil {
		t.Fatal(err)
	}
	if v := f.current().Value("otel.log_level"); v.Text != "warn" || v.Source != "profile mine" {
		t.Errorf("log_level = %+v", v)
	}
	if got := f.current().Settings.Build.Workers; got != 0 {
		t.Errorf("workers = %d: the rest of the file has come into force", got)
	}
	list, err := f.CompareProfiles("dev", "mine")
	if err != nil || len(list) != 1 || list[0].Key != "otel.log_level" || list[0].B != "warn" {
		t.Errorf("%+v, %v", list, err)
	}
	forms, err := f.Written()
	if err != nil || len(forms) != 3 || !strings.HasPrefix(forms[0].Text, "buildscope build "+repo+" \\\n") {
		t.Errorf("%+v, %v", forms, err)
	}
}

// The repository of a relative path stays where it is when another setting changes.
func TestFormKeepsARelativeRepository(t *testing.T) {
	dir := t.TempDir()
	f := newForm(t, presets.Input{Dir: dir, Flags: []presets.FlagValue{{Name: "repo-root", Text: "sub"}, {Name: "output-dir", Text: "out"}}})
	if err := f.Edit("build.workers", "3"); err != nil {
		t.Fatal(err)
	}
	if b := f.current().Settings.Build; b.RepoRoot != filepath.Join(dir, "sub") || b.OutputDir != filepath.Join(dir, "out") {
		t.Errorf("the build is at %s, its outputs at %s", b.RepoRoot, b.OutputDir)
	}
}
