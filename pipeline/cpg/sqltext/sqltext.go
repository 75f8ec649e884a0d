// Package sqltext holds the relational part of the code property graph: one
// SELECT per file. The file's name is the node and the table it makes.
package sqltext

import (
	"embed"
	"fmt"
	"io/fs"
	"path"
	"slices"
	"strings"
)

//go:embed relate/*.sql emit/*.sql quality/*.sql
var files embed.FS

// File is one SELECT.
type File struct {
	Name  string // table it makes
	Stage string // relate, emit or quality
	Path  string // for error messages
	Text  string
	// Dialects are other texts of it by their dialect, from files NAME.DIALECT.sql.
	Dialects map[string]string
}

// All lists the files by stage, then name.
func All() ([]File, error) {
	var out []File
	for _, stage := range []string{"relate", "emit", "quality"} {
		entries, err := files.ReadDir(stage)
		if err != nil {
			return nil, fmt.Errorf("read the SQL of the graph: %w", err)
		}
		slices.SortFunc(entries, func(a, b fs.DirEntry) int { // NAME.sql before NAME.DIALECT.sql
			return strings.Compare(strings.TrimSuffix(a.Name(), ".sql"), strings.TrimSuffix(b.Name(), ".sql"))
		})
		for _, e := range entries {
			text, err := files.ReadFile(path.Join(stage, e.Name()))
			if err != nil {
				return nil, fmt.Errorf("read the SQL of the graph: %w", err)
			}
			name := strings.TrimSuffix(e.Name(), ".sql")
			if base, dialect, other := strings.Cut(name, "."); other {
				f := &out[len(out)-1] // NAME.DIALECT.sql is listed behind NAME.sql
				if f.Name != base {
					return nil, fmt.Errorf("read the SQL of the graph: %s has no %s.sql beside it", e.Name(), base)
				}
				f.Dialects = map[string]string{dialect: string(text)}
				continue
			}
			out = append(out, File{Name: name, Stage: stage,
				Path: "pipeline/cpg/sqltext/" + stage + "/" + e.Name(), Text: string(text)})
		}
	}
	return out, nil
}
