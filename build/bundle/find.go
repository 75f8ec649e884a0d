package bundle

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/buildscope/buildscope/model"
)

// IDs lists the runs under workDir, newest first, without opening them.
func IDs(workDir string) ([]string, error) {
	entries, err := os.ReadDir(filepath.Join(workDir, "runs"))
	if err != nil && !errors.Is(err, os.ErrNotExist) {
		return nil, fmt.Errorf("list runs: %w", err)
	}
	var ids []string
	for _, e := range entries {
		if e.IsDir() {
			ids = append(ids, e.Name())
		}
	}
	// Run ids are UUIDv7: their order is the order in time.
	slices.Reverse(ids)
	return ids, nil
}

// List summarises the bundles under workDir, newest first. A directory that does
// not open is left out and its error returned beside the rest.
func List(workDir string) ([]Summary, error) {
	ids, err := IDs(workDir)
	if err != nil {
		return nil, err
	}
	var out []Summary
	var errs []error
	for _, id := range ids {
		b, err := Open(filepath.Join(workDir, "runs", id))
		if err != nil {
			errs = append(errs, err)
			continue
		}
		out = append(out, b.Summary)
	}
	return out, errors.Join(errs...)
}

// Find opens the run that ref names: an id, a prefix of one, latest, previous (the
// run before the newest) or last-good (the newest successful one before the newest).
func Find(workDir, ref string) (*Bundle, error) { return FindBefore(workDir, ref, "") }

// FindBefore is Find with previous and last-good seen from another run: the ones
// before it. "" means the newest.
func FindBefore(workDir, ref, before string) (*Bundle, error) {
	ids, err := IDs(workDir)
	if err != nil {
		return nil, err
	}
	open := func(id string) (*Bundle, error) { return Open(filepath.Join(workDir, "runs", id)) }
	if len(ids) == 0 {
		return nil, fmt.Errorf("no run %s under %s; `buildscope build` makes one", ref, workDir)
	}
	if before == "" {
		before = ids[0]
	}
	older := slices.DeleteFunc(slices.Clone(ids), func(id string) bool { return id >= before })
	switch ref {
	case "latest":
		return open(ids[0])
	case "previous":
		if len(older) == 0 {
			return nil, fmt.Errorf("there is no run before %s", before)
		}
		return open(older[0])
	case "last-good":
		for _, id := range older {
			if b, err := open(id); err == nil && b.Status == model.RunSucceeded {
				return b, nil
			}
		}
		return nil, fmt.Errorf("no run before %s succeeded", before)
	}
	var hits []string
	for _, id := range ids {
		if id == ref {
			return open(id)
		}
		if strings.HasPrefix(id, ref) {
			hits = append(hits, id)
		}
	}
	switch len(hits) {
	case 0:
		return nil, fmt.Errorf("no run %s under %s; `buildscope runs list` shows the runs", ref, workDir)
	case 1:
		return open(hits[0])
	}
	return nil, fmt.Errorf("run %s is not unique: %s and %s start with it", ref, hits[0], hits[1])
}
