package build

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"

	"github.com/buildscope/buildscope/engine/listing"
	"github.com/buildscope/buildscope/model"
	"github.com/buildscope/buildscope/model/wholefile"
)

// maxKept bounds the file of kept statistics that is read, in bytes. It is written no
// larger than the limit of the cache.
const maxKept = 1 << 30

// KeptStatistics is the file in which the statistics cache stays between the runs of a
// work directory, with engine.keep_statistics.
func KeptStatistics(workDir string) string { return filepath.Join(workDir, "statistics.cache") }

// FetchedObjects is the folder in which objects of a store stay between the runs of a
// work directory.
func FetchedObjects(workDir string) string { return filepath.Join(workDir, "objects") }

// restoreStatistics fills the statistics cache from an earlier run. What cannot be used
// costs a warning and the time to make it anew.
func (r *Run) restoreStatistics(s model.Settings) {
	if !r.session.KeepsStatistics() {
		return
	}
	data, err := readKept(KeptStatistics(s.Build.WorkDir))
	if err == nil {
		_, err = r.session.RestoreStatistics(data)
	}
	if err != nil && !errors.Is(err, os.ErrNotExist) {
		r.logger.Warn("statistics of earlier runs are not used", "file", KeptStatistics(s.Build.WorkDir), "error", err.Error())
	}
}

// keepStatistics writes the statistics cache down for the next run.
func (r *Run) keepStatistics(s model.Settings) {
	if !r.session.KeepsStatistics() {
		return
	}
	if err := wholefile.Write(KeptStatistics(s.Build.WorkDir), r.session.KeepStatistics(), 0o600); err != nil {
		r.logger.Warn("statistics are not kept for the next run", "error", err.Error())
	}
}

func readKept(path string) ([]byte, error) {
	info, err := os.Stat(path)
	if err != nil {
		return nil, err
	}
	if info.Size() > maxKept {
		return nil, fmt.Errorf("%w: the file has %d bytes, and at most %d are read", listing.ErrKept, info.Size(), maxKept)
	}
	return os.ReadFile(path)
}

// CheckKept says how many files' statistics are kept for the next run of a work
// directory, and their bytes on disk. Without a file it is an os.ErrNotExist, and a file
// that the next run will not use is a listing.ErrKept.
func CheckKept(workDir string) (entries int, bytes int64, err error) {
	data, err := readKept(KeptStatistics(workDir))
	if err != nil {
		return 0, 0, err
	}
	entries, err = listing.New(listing.Options{StatisticsLimit: 1 << 62}).RestoreStatistics(data)
	return entries, int64(len(data)), err
}

// ClearKept removes what is kept for the next run, and gives what was there. While a
// build runs it is an error: that reads the objects, and writes the statistics at its
// end.
func ClearKept(b model.BuildSettings) (cleared []string, err error) {
	kept := []string{KeptStatistics(b.WorkDir), FetchedObjects(b.WorkDir)}
	kept = slices.DeleteFunc(kept, func(path string) bool {
		_, err := os.Lstat(path)
		return errors.Is(err, os.ErrNotExist)
	})
	if len(kept) == 0 {
		return nil, nil // and no folder is made only to be locked
	}
	unlock, err := lockDir(b.WorkDir, "work directory")
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, unlock()) }()
	for _, path := range kept {
		if rerr := os.RemoveAll(path); rerr != nil {
			err = errors.Join(err, rerr)
			continue
		}
		cleared = append(cleared, path)
	}
	return cleared, err
}
