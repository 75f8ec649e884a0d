package sqlproject

import (
	"errors"
	"fmt"
	"maps"
	"path"
	"regexp"
	"slices"
	"strings"

	"github.com/buildscope/buildscope/model"
	"github.com/buildscope/buildscope/model/sqllex"
)

// placeholder is a variable in a SQL text.
var placeholder = regexp.MustCompile(`\{\{\s*([A-Za-z_][A-Za-z0-9_]*)\s*\}\}`)

// fill puts the values of variables into the text of a model. The texts of
// variables are put in as they are, so quotes stand around them where a text is
// meant; what a variable may hold is up to who gives it, as with the model itself.
func (m *Model) fill(vars map[string]string) error {
	text, err := fill(m.SQL, m.Path, vars)
	m.SQL = text
	errs := []error{err}
	for name, own := range m.Dialects {
		own, err := fill(own, strings.TrimSuffix(m.Path, path.Ext(m.Path))+"."+name+".sql", vars)
		m.Dialects[name] = own
		errs = append(errs, err)
	}
	return errors.Join(errs...)
}

// Open reads a project, with its variables in the texts; those that are given go before
// its own.
func Open(dir string, given map[string]string) (*Project, error) {
	p, err := Load(dir)
	if err != nil {
		return nil, err
	}
	vars, err := p.variables(given)
	if err != nil {
		return nil, err
	}
	var errs []error
	for _, list := range [][]Model{p.Models, p.Tests} {
		for i := range list {
			errs = append(errs, list[i].fill(vars), list[i].checkNewer())
		}
	}
	if err := errors.Join(errs...); err != nil {
		return nil, err
	}
	return p, nil
}

func fill(sql, path string, vars map[string]string) (string, error) {
	var errs []error
	text := placeholder.ReplaceAllStringFunc(sql, func(found string) string {
		name := placeholder.FindStringSubmatch(found)[1]
		value, ok := vars[name]
		if ok {
			return value
		}
		hint := "; give it under [variables] in " + FileName + " or with --variables " + name + "=…"
		if near := model.Nearest(name, slices.Sorted(maps.Keys(vars))); near != "" {
			hint = "; did you mean " + near + "?"
		}
		line, column := sqllex.Place(sql, strings.Index(sql, found))
		errs = append(errs, fmt.Errorf("%s:%d:%d: there is no variable %s%s\n\n%s", path, line, column, name, hint, sqllex.Excerpt(sql, line, column)))
		return found
	})
	return text, errors.Join(errs...)
}

// variables are those of the project file with those of the settings over them.
// One that the project does not have is a mistake, as in a model.
func (p *Project) variables(given map[string]string) (map[string]string, error) {
	vars := map[string]string{}
	for name, v := range p.Variables {
		switch v.(type) {
		case string, int64, float64, bool:
			vars[name] = fmt.Sprint(v)
		default:
			return nil, fmt.Errorf("%s: variables.%s must be a text, a number or a boolean", FileName, name)
		}
	}
	for _, name := range slices.Sorted(maps.Keys(given)) {
		if _, ok := vars[name]; !ok {
			hint := ""
			if near := model.Nearest(name, slices.Sorted(maps.Keys(vars))); near != "" {
				hint = "; did you mean " + near + "?"
			}
			return nil, &model.SettingError{Key: "build.variables", Err: fmt.Errorf("%s is not under [variables] in %s%s", name, FileName, hint)}
		}
		vars[name] = given[name]
	}
	return vars, nil
}
