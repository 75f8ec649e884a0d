package cli

import "path/filepath"

// stateFile is a file in the user's folder for state, below XDG_STATE_HOME or
// ~/.local/state; "" when there is no home.
func stateFile(env map[string]string, name string) string {
	base := env["XDG_STATE_HOME"]
	if home := env["HOME"]; !filepath.IsAbs(base) && filepath.IsAbs(home) { // the specification wants relative ones ignored
		base = filepath.Join(home, ".local", "state")
	}
	if !filepath.IsAbs(base) {
		return ""
	}
	return filepath.Join(base, "buildscope", name)
}
