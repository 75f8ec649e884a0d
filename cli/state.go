package cli

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"

	"github.com/buildscope/buildscope/model/wholefile"
)

// stateFile is a file in the user's folder for state, below XDG_STATE_HOME or
// ~/.local/state; "" when there is no home.
func stateFile(env map[string]string, name string) string {
	return userPath(env, "XDG_STATE_HOME", filepath.Join(".local", "state"), name)
}

// userPath is a place of the program below the folder that a variable of the XDG
// specification names, or else below the home; "" when there is neither.
func userPath(env map[string]string, variable, inHome, name string) string {
	base := env[variable]
	if home := env["HOME"]; !filepath.IsAbs(base) && filepath.IsAbs(home) { // the specification wants relative ones ignored
		base = filepath.Join(home, inHome)
	}
	if !filepath.IsAbs(base) {
		return ""
	}
	return filepath.Join(base, "buildscope", name)
}

// writeState replaces a file of state. Only its owner may read it: it says what
// somebody works on, and holds what they have typed. what names it in an error.
func writeState(path, what string, data []byte) error {
	err := os.MkdirAll(filepath.Dir(path), 0o700)
	if err == nil {
		err = wholefile.Write(path, data, 0o600)
	}
	if err != nil {
		return fmt.Errorf("write %s: %w", what, err)
	}
	return nil
}

// readState reads a file of state; one that was never written is empty.
func readState(path, what string) ([]byte, error) {
	data, err := os.ReadFile(path)
	if errors.Is(err, os.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("read %s: %w", what, err)
	}
	return data, nil
}
