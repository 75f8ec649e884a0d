package objects

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"
)

// unfinished begins the name of an object that is not whole.
const unfinished = "fetch-"

// Held is what a folder of fetched objects holds.
type Held struct {
	Objects int
	Bytes   int64
}

// heldFile is one file of the folder.
type heldFile struct {
	path string
	size int64
	used time.Time
}

// Holds says what a folder holds. A folder that is not there is an fs.ErrNotExist.
func Holds(dir string) (h Held, err error) {
	files, err := held(dir)
	for _, f := range files {
		h.Objects++
		h.Bytes += f.size
	}
	return h, err
}

// trim removes the least recently used objects of a folder until at most limit bytes
// are left, and what an earlier process did not finish. No other Store may be open on
// the folder, which need not be there.
func trim(dir string, limit int64) error {
	files, err := held(dir)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return err
	}
	slices.SortFunc(files, func(a, b heldFile) int { return b.used.Compare(a.used) })
	var errs []error
	var left int64
	for _, f := range files {
		if left += f.size; left <= limit && !strings.HasPrefix(filepath.Base(f.path), unfinished) {
			continue
		}
		left -= f.size
		if err := removed(os.Remove(f.path)); err != nil {
			errs = append(errs, fmt.Errorf("remove a fetched object: %w", err))
		}
	}
	return errors.Join(errs...)
}

func held(dir string) ([]heldFile, error) {
	entries, err := os.ReadDir(dir)
	if err != nil {
		return nil, fmt.Errorf("look at the folder of fetched objects: %w", err)
	}
	var files []heldFile
	for _, e := range entries {
		info, err := e.Info()
		if errors.Is(err, fs.ErrNotExist) || err == nil && !info.Mode().IsRegular() {
			continue
		}
		if err != nil {
			return nil, fmt.Errorf("look at a fetched object: %w", err)
		}
		files = append(files, heldFile{filepath.Join(dir, e.Name()), info.Size(), info.ModTime()})
	}
	return files, nil
}
