package tui

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync/atomic"
	"testing"
)

// repoSettings has the setting that says what is built, for other goroutines too.
type repoSettings struct {
	*fakeSettings
	root atomic.Value
}

func (s *repoSettings) Edit(key, text string) error {
	defer func() { s.root.Store(s.find(repoKey).Text) }()
	return s.fakeSettings.Edit(key, text)
}

func (s *repoSettings) Undo() error {
	defer func() { s.root.Store(s.find(repoKey).Text) }()
	return s.fakeSettings.Undo()
}

// withRepo gives options with two recent repositories, and one run in each.
func withRepo() (Options, *repoSettings) {
	s := &repoSettings{fakeSettings: newSettings()}
	root := Setting{Section: "build", Key: repoKey, Kind: "path", Text: ".", Source: "default", Default: ".", Doc: "Folder of sources to build."}
	s.list, s.base[repoKey] = slices.Insert(s.list, 3, root), root
	s.root.Store(".")
	opts := withBundles(Options{Settings: s, Look: s.look, Subject: "requests"}, newBundle())
	opts.Recent = func(context.Context) ([]string, error) { return []string{"/src/flask", "/src/django"}, nil }
	opts.Bundles = func(context.Context) ([]BundleInfo, error) {
		return []BundleInfo{{RunID: "0195f0c2", Profile: "at " + s.root.Load().(string)}}, nil
	}
	return opts, s
}

func TestRecentRepositoryIsChosen(t *testing.T) {
	opts, s := withRepo()
	d := newDriver(t, 120, 40, opts)
	d.Press("4").Expect("at .").Press("1", "o").Expect("Build which repository?", "/src/flask", "another folder")
	d.Press("down", "enter").Expect("builds /src/django now; the other settings stay", "buildscope django")
	if got := s.find(repoKey).Text; got != "/src/django" {
		t.Errorf("the repository is %s", got)
	}
	d.Press("4").Expect("at /sr").Press("1", "u").Expect("buildscope requests").Press("4").Expect("at .")
	d.Press("1", "o").Expect("another folder").Press("end", "enter").Expect("folder: .").Press("backspace").Type("sub").Press("enter").Expect("buildscope sub")
}

func TestRecentRepositoriesThatCannotBeRead(t *testing.T) {
	opts, _ := withRepo()
	opts.Recent = func(context.Context) ([]string, error) { return nil, errors.New("permission denied") }
	d := newDriver(t, 80, 24, opts)
	d.Press("o").Expect("recent repositories: permission denied")
	d = newDriver(t, 80, 24, Options{Settings: newSettings()})
	d.Press("o").Expect("this viewer may not choose")
}

func TestRecentFrames(t *testing.T) {
	for _, size := range sizes[:2] {
		t.Run(fmt.Sprintf("%dx%d", size.w, size.h), func(t *testing.T) {
			opts, _ := withRepo()
			newDriver(t, size.w, size.h, opts).Press("o").Expect("another folder").Golden()
		})
	}
}

// An answer that comes after the viewer went on does not open a box above it.
func TestLateRecentRepositories(t *testing.T) {
	opts, _ := withRepo()
	d := newDriver(t, 120, 40, opts)
	d.Press("2")
	d.send(recentMsg{asked: 0, paths: []string{"/src/flask"}})
	d.Press("1")
	d.send(recentMsg{asked: -1, paths: []string{"/src/flask"}})
	d.ExpectNot("flask")
}
