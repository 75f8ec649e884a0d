// Package scan finds the source files of a repository. It reads names, sizes and
// contents for hashing, and understands no language.
package scan

import (
	"context"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"sort"
	"strings"

	"github.com/go-git/go-billy/v5/osfs"
	"github.com/go-git/go-git/v5/plumbing/format/gitignore"
	"github.com/zeebo/xxh3"
	"golang.org/x/sync/errgroup"

	"github.com/buildscope/buildscope/pipeline/cpg/evidence"
)

// Options says which files count.
type Options struct {
	Root           string
	IncludeGlobs   []string // gitignore syntax; empty means every file of the languages
	ExcludeGlobs   []string // gitignore syntax
	FollowSymlinks bool     // read files through symbolic links; linked directories are never entered
	MaxFileBytes   int64    // larger files are listed as skipped; 0 means no limit
	Languages      []string
	Workers        int
	Skip           []string // absolute directories to leave out: outputs and bundles
}

// File is one file of the repository. Skipped says why its content is not used.
type File struct {
	No       int32  // position in the sorted list
	Path     string // relative, with / separators, valid UTF-8
	Abs      string
	ID       string // file: and the XXH3-128 of Path
	Hash     string // XXH3-128 of the content, "" when skipped
	Size     int64
	Language string
	Skipped  string
}

// FileSet is the result of a scan.
type FileSet struct {
	Files   []File
	version string
}

// Version changes when the list of files or the content of one does.
func (s FileSet) Version() string { return s.version }

// defaultExcludes are left out wherever they are.
var defaultExcludes = []string{".git", "__pycache__", ".venv", "venv", "node_modules", ".mypy_cache", ".pytest_cache", ".ruff_cache", ".buildscope"}

// Scan lists the files under o.Root in path order. Only a root that cannot be read
// is an error; a file or directory that cannot be read becomes a skipped entry.
func Scan(ctx context.Context, o Options) (FileSet, error) {
	info, err := os.Stat(o.Root)
	if err != nil {
		return FileSet{}, fmt.Errorf("scan the repository: %w", err)
	}
	if !info.IsDir() {
		return FileSet{}, fmt.Errorf("scan the repository: %s is not a directory", o.Root)
	}
	w := walker{opts: o, ignored: gitignore.NewMatcher(ignorePatterns(o))}
	if len(o.IncludeGlobs) > 0 {
		w.included = gitignore.NewMatcher(patterns(o.IncludeGlobs))
	}
	if err := filepath.WalkDir(o.Root, func(p string, d fs.DirEntry, err error) error {
		if ctx.Err() != nil {
			return ctx.Err()
		}
		return w.visit(p, d, err)
	}); err != nil {
		return FileSet{}, fmt.Errorf("scan the repository: %w", err)
	}
	sort.Slice(w.files, func(i, j int) bool { return w.files[i].Path < w.files[j].Path })
	g, ctx := errgroup.WithContext(ctx)
	g.SetLimit(max(1, o.Workers))
	for i := range w.files {
		f := &w.files[i]
		f.No, f.ID = int32(i), "file:"+hash([]byte(f.Path))
		g.Go(func() error {
			f.read(o.MaxFileBytes)
			return ctx.Err()
		})
	}
	if err := g.Wait(); err != nil {
		return FileSet{}, fmt.Errorf("scan the repository: %w", err)
	}
	h := xxh3.New()
	for _, f := range w.files {
		h.WriteString(f.Path + "\x1f" + f.Hash + "\x1f" + f.Skipped + "\x1e")
	}
	sum := h.Sum128().Bytes()
	return FileSet{Files: w.files, version: hex.EncodeToString(sum[:])}, nil
}

func patterns(globs []string) []gitignore.Pattern {
	var out []gitignore.Pattern
	for _, g := range globs {
		out = append(out, gitignore.ParsePattern(g, nil))
	}
	return out
}

// ignorePatterns are the repository's own .gitignore files and the excludes. A
// .gitignore that cannot be read ignores nothing.
func ignorePatterns(o Options) []gitignore.Pattern {
	own, err := gitignore.ReadPatterns(osfs.New(o.Root), nil)
	if err != nil {
		own = nil
	}
	return append(append(own, patterns(defaultExcludes)...), patterns(o.ExcludeGlobs)...)
}

type walker struct {
	opts     Options
	ignored  gitignore.Matcher
	included gitignore.Matcher // nil: everything
	files    []File
}

func (w *walker) visit(p string, d fs.DirEntry, err error) error {
	rel, relErr := filepath.Rel(w.opts.Root, p)
	if relErr != nil {
		return relErr
	}
	if rel == "." {
		return err // an unreadable root
	}
	rel = filepath.ToSlash(rel)
	parts := strings.Split(rel, "/")
	if err != nil {
		w.files = append(w.files, File{Path: clean(rel), Abs: p, Skipped: "unreadable: " + reason(err)})
		return fs.SkipDir
	}
	for _, skip := range w.opts.Skip {
		if p == skip {
			return fs.SkipDir
		}
	}
	if w.ignored.Match(parts, d.IsDir()) {
		if d.IsDir() {
			return fs.SkipDir
		}
		return nil
	}
	lang := evidence.Language(rel)
	if d.IsDir() || lang == "" || !contains(w.opts.Languages, lang) {
		return nil
	}
	if w.included != nil && !w.included.Match(parts, false) {
		return nil
	}
	f := File{Path: clean(rel), Abs: p, Language: lang}
	switch {
	case d.Type()&fs.ModeSymlink != 0 && !w.opts.FollowSymlinks:
		return nil
	case d.Type()&^fs.ModeSymlink != 0:
		return nil // a device, socket or pipe: reading one could block for ever
	}
	w.files = append(w.files, f)
	return nil
}

func (f *File) read(limit int64) {
	if f.Skipped != "" {
		return
	}
	info, err := os.Stat(f.Abs)
	switch {
	case err != nil:
		f.Skipped = "unreadable: " + reason(err)
		return
	case !info.Mode().IsRegular():
		f.Skipped = "not a regular file"
		return
	}
	f.Size = info.Size()
	if limit > 0 && f.Size > limit {
		f.Skipped = fmt.Sprintf("larger than %d bytes", limit)
		return
	}
	data, err := os.ReadFile(f.Abs)
	if err != nil {
		f.Skipped = "unreadable: " + reason(err)
		return
	}
	f.Hash = hash(data)
}

// reason is the error without the path, which is the same text on every machine.
func reason(err error) string {
	var pe *fs.PathError
	if errors.As(err, &pe) {
		return pe.Err.Error()
	}
	return err.Error()
}

// clean makes a name that is not UTF-8 printable.
func clean(name string) string { return strings.ToValidUTF8(name, "\uFFFD") }

func hash(data []byte) string {
	sum := xxh3.Hash128(data).Bytes()
	return hex.EncodeToString(sum[:])
}

func contains(list []string, s string) bool {
	for _, e := range list {
		if e == s {
			return true
		}
	}
	return false
}
