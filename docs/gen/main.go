// Command gen writes the generated pages of docs/, so that they cannot disagree
// with the program. Run it as `make docs`; a test fails while a page is out of date.
package main

import (
	"bytes"
	"fmt"
	"io"
	"os"
	"path/filepath"

	"github.com/buildscope/buildscope/presets"
	"github.com/buildscope/buildscope/tui"
)

// page is one generated file.
type page struct {
	name  string // below docs/
	write func(io.Writer) error
}

func pages() []page {
	return append(artifactPages(),
		page{"configuration.md", presets.WriteMarkdown},
		page{"schemas/batch_result_v1.json", writeResultSchema},
		page{"doctor.md", writeDoctor},
		page{"metrics.md", writeMetrics},
		page{"keys.md", tui.WriteKeys},
		page{"schemas/buildscope.toml.json", presets.WriteSchema})
}

func main() {
	if err := generate("docs"); err != nil {
		fmt.Fprintln(os.Stderr, "gen:", err)
		os.Exit(1)
	}
}

// generate writes every page below dir.
func generate(dir string) error {
	for _, p := range pages() {
		var b bytes.Buffer
		if err := p.write(&b); err != nil {
			return fmt.Errorf("generate %s: %w", p.name, err)
		}
		path := filepath.Join(dir, filepath.FromSlash(p.name))
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			return err
		}
		if err := os.WriteFile(path, b.Bytes(), 0o644); err != nil {
			return err
		}
	}
	return nil
}
