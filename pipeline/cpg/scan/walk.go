package scan

import (
	"context"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"slices"

	"github.com/buildscope/buildscope/pipeline/cpg/evidence"
)

// nested is why a repository inside the repository is not entered: git does not
// either, and its files belong to another history.
const nested = "a repository of its own"

// walker gathers the files. Names are relative to the root, with / separators.
type walker struct {
	ctx      context.Context
	opts     Options
	excluded []rules
	included []rules     // nil: everything
	git      *repository // nil: none
	files    []File
	seen     map[string]bool // names of tracked files that the walk has met
}

func (w *walker) run() error {
	w.seen = map[string]bool{}
	if w.git == nil {
		return w.directory("", nil)
	}
	if !w.opts.TrackedOnly && !w.git.ignored {
		if err := w.directory("", w.git.ignores); err != nil {
			return err
		}
	}
	for name, submodule := range w.git.tracked {
		if !w.seen[name] {
			w.trackedFile(name, submodule)
		}
	}
	return w.ctx.Err()
}

func (w *walker) abs(name string) string { return filepath.Join(w.opts.Root, filepath.FromSlash(name)) }

// inRepo is a name as the ignore rules of the work tree see it.
func (w *walker) inRepo(name string) string {
	if w.git == nil {
		return name
	}
	return w.git.prefix + name
}

func (w *walker) skip(name, why string) {
	w.files = append(w.files, File{Path: clean(name), Abs: w.abs(name), Skipped: why})
}

// directory walks dir, "" or ending in /, with the ignore rules from above it.
func (w *walker) directory(dir string, ignores []rules) error {
	if err := w.ctx.Err(); err != nil {
		return err
	}
	entries, err := os.ReadDir(w.abs(dir))
	if err != nil && dir == "" {
		return err
	}
	if err != nil {
		w.skip(dir[:len(dir)-1], unreadable+reason(err))
		return nil
	}
	for _, e := range entries {
		if w.git != nil && dir != "" && e.Name() == ".git" {
			w.skip(dir[:len(dir)-1], nested)
			return nil
		}
		if e.Name() == ".gitignore" && e.Type().IsRegular() {
			ignores = append(slices.Clip(ignores), readRules(w.abs(dir+e.Name()), w.inRepo(dir)))
		}
	}
	for _, e := range entries {
		name := dir + e.Name()
		if ignored, _ := decide(w.excluded, name, e.IsDir()); ignored {
			continue
		}
		tracked := false
		if w.git != nil {
			submodule, found := w.git.tracked[name]
			tracked = found && !submodule
		}
		if !tracked {
			if ignored, _ := decide(ignores, w.inRepo(name), e.IsDir()); ignored {
				continue
			}
		}
		if !e.IsDir() {
			w.file(name, e.Type())
			continue
		}
		if w.opts.skips(w.abs(name)) {
			continue
		}
		if w.git != nil && w.git.tracked[name] {
			continue // a submodule, see trackedFile
		}
		if err := w.directory(name+"/", ignores); err != nil {
			return err
		}
	}
	return nil
}

func (o *Options) skips(abs string) bool { return slices.Contains(o.Skip, abs) }

// file adds a file that nothing excludes, if it is of a language.
func (w *walker) file(name string, mode fs.FileMode) {
	w.seen[name] = true
	lang := evidence.Language(name)
	if lang == "" || !slices.Contains(w.opts.Languages, lang) {
		return
	}
	if w.included != nil && !ignoredBelow(w.included, name, false) {
		return
	}
	switch {
	case mode&fs.ModeSymlink != 0 && !w.opts.FollowSymlinks:
		return
	case mode.Type()&^fs.ModeSymlink != 0:
		return // a device, socket or pipe: reading one could block for ever
	}
	w.files = append(w.files, File{Path: clean(name), Abs: w.abs(name), Language: lang})
}

// trackedFile adds what the index names and the walk did not meet. What is no longer
// there, or not checked out, is left out.
func (w *walker) trackedFile(name string, submodule bool) {
	if ignoredBelow(w.excluded, name, submodule) {
		return
	}
	for i := range name {
		if name[i] == '/' && w.opts.skips(w.abs(name[:i])) {
			return
		}
	}
	if submodule {
		w.skip(name, nested)
		return
	}
	info, err := os.Lstat(w.abs(name))
	switch {
	case err == nil && !info.IsDir():
		w.file(name, info.Mode())
	case err != nil && !errors.Is(err, fs.ErrNotExist) && evidence.Language(name) != "":
		w.skip(name, unreadable+reason(err))
	}
}
