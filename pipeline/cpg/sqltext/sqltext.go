// Package sqltext holds the relational part of the code property graph: one
// SELECT per file. The file's name is the node and the table it makes.
package sqltext

import (
	"embed"
	"fmt"
	"path"
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
}

// All lists the files by stage, then name.
func All() ([]File, error) {
	var out []File
	for _, stage := range []string{"relate", "emit", "quality"} {
		entries, err := files.ReadDir(stage)
		if err != nil {
			return nil, fmt.Errorf("read the SQL of the graph: %w", err)
		}
		for _, e := range entries {
			text, err := files.ReadFile(path.Join(stage, e.Name()))
			if err != nil {
				return nil, fmt.Errorf("read the SQL of the graph: %w", err)
			}
			out = append(out, File{Name: strings.TrimSuffix(e.Name(), ".sql"), Stage: stage,
				Path: "pipeline/cpg/sqltext/" + stage + "/" + e.Name(), Text: string(text)})
		}
	}
	return out, nil
}
