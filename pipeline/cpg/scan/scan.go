// Package scan finds the source files of a repository. It reads names, sizes and
// contents for hashing, and understands no language.
package scan

import (
	"context"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"sort"
	"strings"
	"sync/atomic"
	"unicode/utf8"

	"github.com/zeebo/xxh3"
	"golang.org/x/sync/errgroup"

	"github.com/buildscope/buildscope/pipeline/cpg/evidence"
)

// Options says which files count.
type Options struct {
	Root           string
	IncludeGlobs   []string // gitignore syntax; empty means every file of the languages
	ExcludeGlobs   []string // gitignore syntax; they hold for tracked files too
	TrackedOnly    bool     // in a git work tree, only what git tracks
	FollowSymlinks bool     // read files through symbolic links; linked directories are never entered
	MaxFileBytes   int64    // larger files are listed as skipped; 0 means no limit
	Languages      []string
	Workers        int
	Skip           []string // absolute directories to leave out: outputs and bundles
}

// File is one file of the repository. Skipped says why its content is not used:
// because of a setting, or because it is Unreadable.
type File struct {
	No       int32  // position in the sorted list
	Path     string // relative, with / separators, valid UTF-8
	Abs      string
	ID       string // evidence.FileID of Path
	Hash     string // XXH3-128 of the content, "" when skipped
	Size     int64
	Language string
	Skipped  string
}

// unreadable begins the reason of a file that should be used and cannot.
const unreadable = "unreadable: "

// Unreadable reports whether the file was skipped because reading it failed.
func (f *File) Unreadable() bool { return strings.HasPrefix(f.Skipped, unreadable) }

// FileSet is the result of a scan.
type FileSet struct {
	Files   []File
	Source  string // where the list comes from: the git index, or a walk and why
	version string
}

// Version changes when the list of files or the content of one does.
func (s FileSet) Version() string { return s.version }

// defaultExcludes are left out wherever they are.
var defaultExcludes = []string{".git", "__pycache__", ".venv", "venv", "node_modules", ".mypy_cache", ".pytest_cache", ".ruff_cache", ".buildscope"}

// Scan lists the files under o.Root in path order. Only a root that cannot be read
// is an error; a file or directory that cannot be read becomes a skipped entry.
//
// In a git work tree these are the files that git tracks, ignored or not, and the
// untracked ones that it does not ignore, without submodules and other repositories
// within. Elsewhere they are all files that no .gitignore names.
func Scan(ctx context.Context, o Options) (FileSet, error) {
	info, err := os.Stat(o.Root)
	if err != nil {
		return FileSet{}, fmt.Errorf("scan the repository: %w", err)
	}
	if !info.IsDir() {
		return FileSet{}, fmt.Errorf("scan the repository: %s is not a directory", o.Root)
	}
	w := walker{ctx: ctx, opts: o, excluded: []rules{parseRules("", append(slices.Clone(defaultExcludes), o.ExcludeGlobs...))}}
	if len(o.IncludeGlobs) > 0 {
		w.included = []rules{parseRules("", o.IncludeGlobs)}
	}
	set := FileSet{Source: "directory walk"}
	real, err := filepath.EvalSymlinks(o.Root)
	if err == nil {
		real, err = filepath.Abs(real)
	}
	if err != nil {
		return FileSet{}, fmt.Errorf("scan the repository: %w", err)
	}
	switch w.git, err = findRepository(real); {
	case err != nil: // a walk finds the same but for tracked files that are ignored
		set.Source = fmt.Sprintf("directory walk, because of the git index: %s", reason(err))
	case w.git != nil:
		set.Source = "git index"
	}
	if err := w.run(); err != nil {
		return FileSet{}, fmt.Errorf("scan the repository: %w", err)
	}
	sort.Slice(w.files, func(i, j int) bool { return w.files[i].Path < w.files[j].Path })
	if err := readAll(ctx, w.files, o); err != nil {
		return FileSet{}, fmt.Errorf("scan the repository: %w", err)
	}
	h := xxh3.New()
	for _, f := range w.files {
		h.WriteString(f.Path + "\x1f" + f.Hash + "\x1f" + f.Skipped + "\x1e")
	}
	sum := h.Sum128().Bytes()
	set.Files, set.version = w.files, hex.EncodeToString(sum[:])
	return set, nil
}

// readAll numbers and hashes the files.
func readAll(ctx context.Context, files []File, o Options) error {
	var next atomic.Int64
	g, ctx := errgroup.WithContext(ctx)
	for range max(1, o.Workers) {
		g.Go(func() error {
			var buf []byte
			for {
				i := int(next.Add(1) - 1)
				if i >= len(files) || ctx.Err() != nil {
					return ctx.Err()
				}
				f := &files[i]
				f.No, f.ID = int32(i), evidence.FileID(f.Path)
				buf = f.read(o.MaxFileBytes, buf)
			}
		})
	}
	return g.Wait()
}

// read hashes the content. buf is memory to use, returned for the next file.
func (f *File) read(limit int64, buf []byte) []byte {
	if f.Skipped != "" {
		return buf
	}
	info, err := os.Stat(f.Abs)
	switch {
	case err != nil:
		f.Skipped = unreadable + reason(err)
		return buf
	case !info.Mode().IsRegular():
		f.Skipped = "not a regular file"
		return buf
	}
	f.Size = info.Size()
	if limit > 0 && f.Size > limit {
		f.Skipped = fmt.Sprintf("larger than %d bytes", limit)
		return buf
	}
	file, err := os.Open(f.Abs)
	if err == nil {
		buf, err = readInto(buf[:0], file)
		err = errors.Join(err, file.Close())
	}
	if err != nil {
		f.Skipped = unreadable + reason(err)
		return buf
	}
	f.Hash = hash(buf)
	return buf
}

// readInto is io.ReadAll into memory that there is already.
func readInto(buf []byte, r io.Reader) ([]byte, error) {
	for {
		if len(buf) == cap(buf) {
			buf = append(buf, 0)[:len(buf)]
		}
		n, err := r.Read(buf[len(buf):cap(buf)])
		buf = buf[:len(buf)+n]
		if err == io.EOF {
			return buf, nil
		}
		if err != nil {
			return buf, err
		}
	}
}

// reason is the error without the path, which is the same text on every machine.
func reason(err error) string {
	var pe *fs.PathError
	if errors.As(err, &pe) {
		return pe.Err.Error()
	}
	return err.Error()
}

// clean writes the bytes of a name that are no UTF-8 as \xNN, so that different
// names stay different.
func clean(name string) string {
	if utf8.ValidString(name) {
		return name
	}
	var b strings.Builder
	for i, r := range name {
		if _, n := utf8.DecodeRuneInString(name[i:]); r == utf8.RuneError && n == 1 {
			fmt.Fprintf(&b, `\x%02x`, name[i])
		} else {
			b.WriteRune(r)
		}
	}
	return b.String()
}

func hash(data []byte) string {
	sum := xxh3.Hash128(data).Bytes()
	return hex.EncodeToString(sum[:])
}
