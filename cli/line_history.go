package cli

import (
	"strings"

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
			text, err := readState(path, "the history")
			if len(text) == 0 {
				return nil, err
			}
			return strings.Split(strings.TrimSuffix(string(text), "\n"), "\n"), nil
		},
		Save: func(lines []string) error {
			return writeState(path, "the history", []byte(strings.Join(lines, "\n")+"\n"))
		},
	}
}
