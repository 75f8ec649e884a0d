package sqlproject

import (
	"context"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"

	"github.com/zeebo/xxh3"

	"github.com/buildscope/buildscope/model"
	"github.com/buildscope/buildscope/model/objecturl"
	"github.com/buildscope/buildscope/model/sqllex"
	"github.com/buildscope/buildscope/pipeline"
)

// Source is a table that is read from files.
type Source struct {
	Name    string
	Doc     string
	Path    string   // as it is written: a file or a glob
	Format  string   // parquet, csv or json
	Files   []string // absolute, sorted; or one URL of objects; at least one
	Version string   // of names, sizes and times of the files; "" of Parquet, which tells when it is read

	Tests []Test

	where string // for messages
}

// sourceFile is the form of a source in the project file.
type sourceFile struct {
	Path        string   `toml:"path"`
	Format      string   `toml:"format"`
	Description string   `toml:"description"`
	Tests       []string `toml:"tests"`
}

// formats are the formats of sources by the ending of a file.
var formats = map[string]string{".parquet": "parquet", ".csv": "csv", ".tsv": "csv", ".json": "json", ".jsonl": "json", ".ndjson": "json"}

func newSource(dir, name string, f sourceFile) (Source, error) {
	s := Source{Name: name, Doc: f.Description, Path: f.Path, Format: f.Format, where: FileName}
	if err := checkName(name); err != nil {
		return s, err
	}
	switch {
	case f.Path == "":
		return s, errors.New("path is missing; it is a file or a glob, relative to the project")
	case objecturl.Is(f.Path):
		if _, err := objecturl.Parse(f.Path); err != nil {
			return s, fmt.Errorf("path: %w", err)
		}
	case strings.Contains(f.Path, "://"):
		return s, fmt.Errorf("path %q is no file; sources are files on this machine, or objects named by s3://bucket/key", f.Path)
	}
	if s.Format == "" {
		ending := strings.TrimSuffix(strings.ToLower(f.Path), ".gz")
		if s.Format = formats[filepath.Ext(ending)]; s.Format == "" {
			return s, fmt.Errorf("the format of %q is not known by its ending; give format = parquet, csv or json", f.Path)
		}
	}
	if !slices.Contains([]string{"parquet", "csv", "json"}, s.Format) {
		return s, fmt.Errorf("format is %q; it must be parquet, csv or json", s.Format)
	}
	for _, text := range f.Tests {
		test, err := ParseTest(text)
		if err != nil {
			return s, err
		}
		s.Tests = append(s.Tests, test)
	}
	if objecturl.Is(f.Path) {
		if s.Format != "parquet" {
			return s, fmt.Errorf("format is %q; only parquet is read from an object store", s.Format)
		}
		s.Files = []string{f.Path}
		return s, nil
	}
	pattern := f.Path
	if !filepath.IsAbs(pattern) {
		pattern = filepath.Join(dir, pattern)
	}
	files, err := expand(pattern)
	if err != nil {
		return s, err
	}
	if len(files) == 0 {
		return s, fmt.Errorf("no file matches path %q", f.Path)
	}
	if s.Files = files; s.Format != "parquet" {
		s.Version, err = versionOf(files)
	}
	return s, err
}

// loadSeeds makes a source of each .csv file of the folder seeds.
func loadSeeds(dir string) ([]Source, error) {
	files, err := filepath.Glob(filepath.Join(dir, "seeds", "*.csv"))
	if err != nil {
		return nil, fmt.Errorf("read the folder seeds: %w", err)
	}
	var seeds []Source
	var errs []error
	for _, f := range files {
		name := strings.TrimSuffix(filepath.Base(f), ".csv")
		where := "seeds/" + filepath.Base(f)
		version, err := versionOf([]string{f})
		if err = errors.Join(checkName(name), err); err != nil {
			errs = append(errs, fmt.Errorf("%s: %w", where, err))
		}
		seeds = append(seeds, Source{Name: name, Doc: "Seed " + where + ".", Path: where, Format: "csv", Files: []string{f}, Version: version, where: where})
	}
	return seeds, errors.Join(errs...)
}

// expand lists the files that match a glob, in which ** stands for any folders.
func expand(pattern string) ([]string, error) {
	base, rest, deep := strings.Cut(pattern, "**")
	if !deep {
		found, err := filepath.Glob(pattern)
		if err != nil {
			return nil, fmt.Errorf("%q is not a valid glob", pattern)
		}
		return slices.DeleteFunc(found, func(f string) bool { info, err := os.Stat(f); return err == nil && info.IsDir() }), nil
	}
	name := strings.TrimPrefix(filepath.ToSlash(rest), "/")
	if _, err := path.Match(name, ""); err != nil || strings.ContainsAny(base, "*?[") || strings.Contains(name, "**") || strings.Contains(name, "/") {
		return nil, fmt.Errorf("%q is not a valid glob; ** stands once, in place of folders, before the name of the files", pattern)
	}
	var files []string
	err := filepath.WalkDir(filepath.Clean(base), func(file string, e fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if match, _ := path.Match(name, e.Name()); match && !e.IsDir() {
			files = append(files, file)
		}
		return nil
	})
	if errors.Is(err, fs.ErrNotExist) {
		err = nil // no file matches
	}
	return files, err
}

// versionOf is equal as long as files have their names, sizes and times.
func versionOf(files []string) (string, error) {
	h := xxh3.New()
	for _, f := range files {
		info, err := os.Stat(f)
		if err != nil {
			return "", fmt.Errorf("look at a file of the source: %w", err)
		}
		fmt.Fprintf(h, "%s\x1f%d\x1f%d\x1e", f, info.Size(), info.ModTime().UnixNano())
	}
	sum := h.Sum128().Bytes()
	return hex.EncodeToString(sum[:]), nil
}

// node reads Parquet where it is; other formats are read once into the cache.
func (s Source) node() *pipeline.Node {
	spec := pipeline.Spec{Name: s.Name, Kind: model.KindExtract, Doc: s.Doc, Version: s.Version,
		Settings: map[string]string{"path": s.Path, "format": s.Format}} // another place is more than other data
	if spec.Doc == "" {
		spec.Doc = fmt.Sprintf("Source of %s files.", s.Format)
	}
	if s.Format == "parquet" {
		spec.NoCache = true
		return pipeline.Func(spec, func(ctx context.Context, t *pipeline.Task) (pipeline.Table, error) {
			return t.Source(ctx, s.Name, s.Files)
		})
	}
	quoted := make([]string, len(s.Files))
	for i, f := range s.Files {
		quoted[i] = sqllex.QuotePattern(f)
	}
	spec.Local = true
	function := map[string]string{"csv": "read_csv", "json": "read_json"}[s.Format]
	return pipeline.SQL(spec, "SELECT * FROM "+function+"(["+strings.Join(quoted, ", ")+"], union_by_name = true)", s.where)
}
