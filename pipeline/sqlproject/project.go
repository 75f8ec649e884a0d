package sqlproject

import (
	"cmp"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"sort"
	"strings"

	"github.com/pelletier/go-toml/v2"
)

// FileName is the project file; a folder that has one is a project.
const FileName = "buildscope-sql.toml"

// Project is a folder of SQL models as it is on disk.
type Project struct {
	Dir       string
	Name      string
	Variables map[string]any // of the project file
	Sources   []Source       // by name
	Seeds     []Source       // the files of the folder seeds, by name
	Models    []Model        // by name
	Tests     []Model        // the files of the folder tests, by name: their rows should not be there
}

// Model is one SELECT.
type Model struct {
	Header
	Name string
	Path string // relative to the project, with slashes
	SQL  string
	// Dialects are other texts of it by their dialect, from files NAME.DIALECT.sql
	// beside that of the model.
	Dialects map[string]string
}

// Exists reports whether a folder is a project.
func Exists(dir string) bool {
	info, err := os.Stat(filepath.Join(dir, FileName))
	return err == nil && info.Mode().IsRegular()
}

// NameOf is the name of the project in a folder, or of the folder where the project
// cannot be read.
func NameOf(dir string) string {
	var f struct {
		Name string `toml:"name"`
	}
	if data, err := os.ReadFile(filepath.Join(dir, FileName)); err == nil {
		_ = toml.Unmarshal(data, &f) // what is wrong with it is told by Load
	}
	return cmp.Or(f.Name, filepath.Base(dir))
}

// projectFile is the form of the project file.
type projectFile struct {
	Name      string                `toml:"name"`
	Variables map[string]any        `toml:"variables"`
	Sources   map[string]sourceFile `toml:"sources"`
}

// Load reads a project. The error joins every fault that was found, each with its
// file and line.
func Load(dir string) (*Project, error) {
	data, err := os.ReadFile(filepath.Join(dir, FileName))
	if err != nil {
		return nil, fmt.Errorf("read the SQL project: %w", err)
	}
	var f projectFile
	d := toml.NewDecoder(strings.NewReader(string(data))).DisallowUnknownFields()
	if err := d.Decode(&f); err != nil {
		return nil, tomlError(err)
	}
	p := &Project{Dir: dir, Name: cmp.Or(f.Name, filepath.Base(dir)), Variables: f.Variables}
	var errs []error
	for name, s := range f.Sources {
		source, err := newSource(dir, name, s)
		if err != nil {
			errs = append(errs, fmt.Errorf("%s: sources.%s: %w", FileName, name, err))
			continue
		}
		p.Sources = append(p.Sources, source)
	}
	sort.Slice(p.Sources, func(i, j int) bool { return p.Sources[i].Name < p.Sources[j].Name })
	if p.Models, err = loadSQL(dir, "models"); err != nil {
		errs = append(errs, err)
	} else if len(p.Models) == 0 {
		errs = append(errs, fmt.Errorf("the SQL project %s has no .sql file in a folder models", dir))
	}
	for _, m := range p.Models {
		if m.Severity != "" {
			errs = append(errs, fmt.Errorf("%s: @severity is for the files of the folder tests; a model has @test", m.Path))
		}
	}
	if p.Tests, err = loadSQL(dir, "tests"); err != nil {
		errs = append(errs, err)
	}
	for _, m := range p.Tests {
		if m.Materialized == Incremental {
			errs = append(errs, fmt.Errorf("%s: @materialized incremental is for the models; a test looks at all rows", m.Path))
		}
	}
	if p.Seeds, err = loadSeeds(dir); err != nil {
		errs = append(errs, err)
	}
	if len(errs) > 0 {
		return nil, errors.Join(errs...)
	}
	return p, nil
}

// tomlError gives a fault of the project file its line and column.
func tomlError(err error) error {
	var one *toml.DecodeError
	var strict *toml.StrictMissingError
	switch {
	case errors.As(err, &strict):
		var errs []error
		for _, e := range strict.Errors {
			row, col := e.Position()
			errs = append(errs, fmt.Errorf("%s:%d:%d: unknown key %s", FileName, row, col, strings.Join(e.Key(), ".")))
		}
		return errors.Join(errs...)
	case errors.As(err, &one):
		row, col := one.Position()
		return fmt.Errorf("%s:%d:%d: %s", FileName, row, col, strings.TrimPrefix(one.Error(), "toml: "))
	}
	return fmt.Errorf("%s: %w", FileName, err)
}

// validName holds for names of models, sources and seeds: they name tables and folders.
var validName = regexp.MustCompile(`^[A-Za-z_][A-Za-z0-9_]*$`)

func checkName(name string) error {
	if !validName.MatchString(name) {
		return fmt.Errorf("%q is no name of a table; it must be letters, digits and underscores, and not begin with a digit", name)
	}
	return nil
}

// loadSQL reads the .sql files of a folder and of those below, which have no
// meaning. There need be no such folder.
func loadSQL(dir, folder string) ([]Model, error) {
	var models []Model
	var errs []error
	root := filepath.Join(dir, folder)
	err := filepath.WalkDir(root, func(path string, e fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if e.IsDir() || !strings.EqualFold(filepath.Ext(path), ".sql") || dialectOf(e.Name()) != "" {
			return nil
		}
		m, err := loadModel(dir, path)
		if err != nil {
			errs = append(errs, err)
			return nil
		}
		models = append(models, m)
		return nil
	})
	switch {
	case errors.Is(err, fs.ErrNotExist):
		err = nil
	case err != nil:
		err = fmt.Errorf("read the folder %s: %w", folder, err)
	}
	errs = append(errs, takeDialects(dir, root, models))
	sort.Slice(models, func(i, j int) bool { return models[i].Name < models[j].Name })
	return models, errors.Join(append(errs, err)...)
}

func loadModel(dir, path string) (Model, error) {
	rel, err := filepath.Rel(dir, path)
	if err != nil {
		return Model{}, fmt.Errorf("read a model: %w", err)
	}
	rel = filepath.ToSlash(rel)
	data, err := os.ReadFile(path)
	if err != nil {
		return Model{}, fmt.Errorf("read a model: %w", err)
	}
	m := Model{Name: strings.TrimSuffix(filepath.Base(path), filepath.Ext(path)), Path: rel, SQL: string(data)}
	if err := checkName(m.Name); err != nil {
		return Model{}, fmt.Errorf("%s: %w", rel, err)
	}
	if strings.TrimSpace(m.SQL) == "" {
		return Model{}, fmt.Errorf("%s is empty; it must be one SELECT", rel)
	}
	if m.Header, err = ParseHeader(m.SQL); err != nil {
		return Model{}, fmt.Errorf("%s: %w", rel, err)
	}
	return m, checkReads(m)
}
