package build

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"time"

	"github.com/google/uuid"

	"github.com/buildscope/buildscope/build/bundle"
	"github.com/buildscope/buildscope/model"
	"github.com/buildscope/buildscope/pipeline/tracker"
)

// PruneOptions say which runs Prune removes: those that are neither among the Keep
// newest nor younger than OlderThan. 0 sets no such bound.
type PruneOptions struct {
	Keep      int
	OlderThan time.Duration
	DryRun    bool // only say what would be removed
}

// PrunedRun is one run that Prune looked at because the options ask to remove it.
type PrunedRun struct {
	RunID   string    `json:"run_id"`
	Started time.Time `json:"started"`
	Dirs    []string  `json:"dirs"`  // the bundle, and the outputs if there are any
	Bytes   int64     `json:"bytes"` // of the files in them
	// Kept says why the run stays all the same; "" when it is removed.
	Kept string `json:"kept,omitempty"`
}

// Prune removes the bundles and outputs of old runs, the oldest first. A run stays
// when "latest" leads to its outputs, when it is the newest one that succeeded, or
// when its journal holds what a Hamilton server has not got. Outputs are removed
// from the present output directory only: one of an earlier setting may be locked
// by another build. Folders whose names are no run ids are not touched.
func Prune(ctx context.Context, b model.BuildSettings, o PruneOptions) (runs []PrunedRun, err error) {
	if _, err := os.Stat(b.WorkDir); errors.Is(err, fs.ErrNotExist) {
		return nil, nil // and none is made only to be locked
	}
	if !o.DryRun {
		locks, lockErr := lockDirs(b)
		defer func() {
			for _, unlock := range locks {
				err = errors.Join(err, unlock())
			}
		}()
		if lockErr != nil {
			return nil, lockErr
		}
	}
	ids, err := bundle.IDs(b.WorkDir)
	if err != nil {
		return nil, err
	}
	ids = slices.DeleteFunc(ids, func(id string) bool { _, ok := startOf(id); return !ok })
	kept := needed(b, ids)
	before := time.Now().Add(-o.OlderThan)
	var errs []error
	for i, id := range slices.Backward(ids) {
		started, _ := startOf(id)
		if i < o.Keep || started.After(before) {
			continue
		}
		if err := ctx.Err(); err != nil {
			return runs, errors.Join(append(errs, err)...)
		}
		run := PrunedRun{RunID: id, Started: started, Kept: kept[id]}
		for _, dir := range []string{filepath.Join(b.OutputDir, id), filepath.Join(b.WorkDir, "runs", id)} {
			if info, err := os.Lstat(dir); err != nil || !info.IsDir() {
				continue
			}
			run.Dirs = append(run.Dirs, dir)
			run.Bytes += dirBytes(dir)
		}
		if run.Kept == "" && !o.DryRun {
			if err := removeDirs(run.Dirs); err != nil {
				errs = append(errs, fmt.Errorf("remove run %s: %w", id, err))
				continue
			}
		}
		runs = append(runs, run)
	}
	return runs, errors.Join(errs...)
}

// removeDirs removes folders in order and stops at one that resists: the bundle
// comes last, and names the run until all else is gone.
func removeDirs(dirs []string) error {
	for _, dir := range dirs {
		if err := os.RemoveAll(dir); err != nil {
			return err
		}
	}
	return nil
}

// needed are the runs that must stay, with the reason. ids are all runs, newest first.
func needed(b model.BuildSettings, ids []string) map[string]string {
	kept := map[string]string{}
	for _, dir := range tracker.Waiting(b.WorkDir) {
		kept[filepath.Base(dir)] = "the Hamilton server has not got all of it; `buildscope tracker push` sends it"
	}
	for _, id := range ids { // not bundle.List: the first that succeeded is enough
		run, err := bundle.Open(filepath.Join(b.WorkDir, "runs", id))
		if err == nil && run.Status == model.RunSucceeded { // one that does not open has not
			kept[id] = "it is the newest run that succeeded"
			break
		}
	}
	if latest := latestDir(b.OutputDir); latest != "" {
		kept[filepath.Base(latest)] = "latest leads to its outputs"
	}
	return kept
}

// startOf reads the time in a run id, a UUIDv7.
func startOf(id string) (time.Time, bool) {
	u, err := uuid.Parse(id)
	if err != nil || u.Version() != 7 {
		return time.Time{}, false
	}
	sec, nsec := u.Time().UnixTime()
	return time.Unix(sec, nsec), true
}

// dirBytes adds up the files in a folder. What cannot be read counts nothing.
func dirBytes(dir string) (sum int64) {
	_ = filepath.WalkDir(dir, func(_ string, e fs.DirEntry, err error) error {
		if err != nil {
			return nil
		}
		if info, err := e.Info(); err == nil && info.Mode().IsRegular() {
			sum += info.Size()
		}
		return nil
	})
	return sum
}
