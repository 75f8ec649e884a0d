package cli

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"github.com/buildscope/buildscope/model/wholefile"
	"github.com/buildscope/buildscope/tui"
)

// lineHistory keeps the lines of the screen's command line in the user's folder for
// state, readable by the user alone. Without a home there is none.
func (g *globals) lineHistory() tui.History {
	path := stateFile(g.io.Env, "history")
	if path == "" {
		return tui.History{}
	}
	return tui.History{
		Load: func() ([]string, error) {
			text, err := os.ReadFile(path)
			if errors.Is(err, os.ErrNotExist) {
				return nil, nil
			}
			if err != nil {
				return nil, fmt.Errorf("read the history: %w", err)
			}
			return strings.Split(strings.TrimSuffix(string(text), "\n"), "\n"), nil
		},
		Save: func(lines []string) error {
			if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
				return fmt.Errorf("make the folder of the history: %w", err)
			}
			return wholefile.Write(path, []byte(strings.Join(lines, "\n")+"\n"), 0o600)
		},
	}
}
