package listing

import (
	"errors"
	"fmt"
	"io/fs"
	"strconv"
	"sync"

	"github.com/buildscope/buildscope/model/human"
)

// mostFaults bounds the files that one error names.
const mostFaults = 10

// fault says what was done to a path and what came of it, the path once.
func fault(doing, path string, err error) error {
	var of *fs.PathError
	if errors.As(err, &of) {
		err = of.Err // the error has the path too, as it is
	}
	return fmt.Errorf("%s %s: %w", doing, ShownPath(path), err)
}

// ShownPath is a path for a line of text: quoted when it would break the line, or hide
// in it.
func ShownPath(path string) string {
	if human.Plain(path) {
		return path
	}
	return strconv.Quote(path)
}

// faults gathers the errors of files that are read at the same time.
type faults struct {
	mu    sync.Mutex
	files map[int]error // by the place of the file; guarded by mu
}

// errEnough stops reading: more files are damaged than an error names.
var errEnough = errors.New("too many files cannot be read")

func (f *faults) add(i int, err error) error {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.files == nil {
		f.files = make(map[int]error)
	}
	if len(f.files) == mostFaults {
		return errEnough
	}
	f.files[i] = err
	return nil
}

// join gives the errors in the order of the files, each on a line. enough is the one
// that add returned, or nil.
func (f *faults) join(files int, enough error) error {
	switch {
	case len(f.files) == 0:
		return enough
	case len(f.files) == 1:
		for _, err := range f.files {
			return err
		}
	}
	var all []error
	for i := range files {
		if err := f.files[i]; err != nil {
			all = append(all, err)
		}
	}
	many := fmt.Sprint(len(all))
	if errors.Is(enough, errEnough) {
		many = "more than " + many
	}
	return fmt.Errorf("%s of %d files cannot be read:\n%w", many, files, errors.Join(all...))
}
