package sqlproject

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/buildscope/buildscope/model/sqllex"
)

// dialects are those that a model may have a text of.
var dialects = []string{"spark"}

// dialectOf is what stands between the name and .sql, in lower case; "" of a model's
// own text.
func dialectOf(name string) string {
	return strings.ToLower(strings.TrimPrefix(filepath.Ext(strings.TrimSuffix(name, filepath.Ext(name))), "."))
}

// takeDialects gives the models their texts of other dialects.
func takeDialects(dir, root string, models []Model) error {
	var errs []error
	err := filepath.WalkDir(root, func(path string, e fs.DirEntry, err error) error {
		if err != nil || e.IsDir() || !strings.EqualFold(filepath.Ext(path), ".sql") {
			return err
		}
		dialect := dialectOf(e.Name())
		if dialect == "" {
			return nil
		}
		rel, err := filepath.Rel(dir, path)
		if err == nil {
			err = takeDialect(models, path, filepath.ToSlash(rel), dialect)
		}
		errs = append(errs, err)
		return nil
	})
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		errs = append(errs, err)
	}
	return errors.Join(errs...)
}

func takeDialect(models []Model, path, rel, dialect string) error {
	if !slices.Contains(dialects, dialect) {
		return fmt.Errorf("%s: there is no dialect %s; a model may have a text of %s beside its own, as in NAME.%[3]s.sql", rel, dialect, strings.Join(dialects, ", "))
	}
	base := strings.TrimSuffix(rel, filepath.Ext(rel))
	base = strings.TrimSuffix(base, filepath.Ext(base))
	i := slices.IndexFunc(models, func(m Model) bool { return strings.TrimSuffix(m.Path, filepath.Ext(m.Path)) == base })
	if i < 0 {
		return fmt.Errorf("%s: there is no %s.sql beside it, of which it is a text in another dialect", rel, filepath.Base(base))
	}
	m := &models[i]
	if m.Materialized == Incremental {
		return fmt.Errorf("%s: an incremental model has no text in another dialect", rel)
	}
	data, err := os.ReadFile(path)
	if err != nil {
		return fmt.Errorf("read a model: %w", err)
	}
	text := sqllex.StatementOf(string(data))
	start := sqllex.SkipBlank(text)
	switch word := text[start : start+sqllex.WordLength(text[start:])]; {
	case strings.EqualFold(word, "SELECT"), strings.EqualFold(word, "WITH"), strings.HasPrefix(text[start:], "("):
	default:
		line, column := sqllex.Place(string(data), start)
		return fmt.Errorf("%s:%d:%d: it must be one SELECT", rel, line, column)
	}
	if m.Dialects == nil {
		m.Dialects = map[string]string{}
	}
	m.Dialects[dialect] = text
	return nil
}
