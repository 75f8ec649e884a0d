package cli

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"

	"github.com/buildscope/buildscope/presets"
)

// Bounds of the list of recent repositories.
const (
	maxRecent      = 20
	maxRecentBytes = 1 << 20
)

// recentFile holds the list; "" when there is no home.
func recentFile(env map[string]string) string { return stateFile(env, "recent.json") }

// readRecent lists the repositories that were built, the last one first, and of those
// only the ones that are still there. A file that is no such list counts as empty: the
// next build writes it anew.
func readRecent(path string) ([]string, error) {
	all, err := readRecentFile(path)
	return slices.DeleteFunc(all, func(repo string) bool {
		info, err := os.Stat(repo)
		return err != nil || !info.IsDir()
	}), err
}

func readRecentFile(path string) ([]string, error) {
	if path == "" {
		return nil, nil
	}
	data, err := readSmall(path, maxRecentBytes)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("read recent repositories: %w", err)
	}
	var list, out []string
	if json.Unmarshal(data, &list) != nil {
		return nil, nil
	}
	for _, repo := range list {
		if filepath.IsAbs(repo) && !slices.Contains(out, repo) && len(out) < maxRecent {
			out = append(out, repo)
		}
	}
	return out, nil
}

// noteRecent remembers what is built. That it cannot, as with a read-only home, is not
// worth a word on the screen of a build: the list is only shorter then.
func (g *globals) noteRecent(res *presets.Resolved) {
	_ = addRecent(recentFile(g.io.Env), res.Settings.Build.RepoRoot)
}

// addRecent puts a repository at the head of the list.
func addRecent(path, repo string) error {
	if path == "" {
		return nil
	}
	list, err := readRecentFile(path)
	if err != nil {
		return err
	}
	list = append([]string{repo}, slices.DeleteFunc(list, func(r string) bool { return r == repo })...)
	data, err := json.Marshal(list[:min(len(list), maxRecent)])
	if err != nil {
		return fmt.Errorf("write recent repositories: %w", err)
	}
	return writeState(path, "recent repositories", append(data, '\n'))
}
