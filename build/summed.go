package build

import (
	"errors"
	"fmt"
)

// summed joins errors, but has of those that the same thing is behind, such as a full
// disk, only the first, with their number.
func summed(errs []error) error {
	type cause struct {
		first error
		n     int
	}
	var causes []*cause
	known := map[string]*cause{} // by the error at the bottom
	for _, err := range errs {
		if err == nil {
			continue
		}
		bottom := err
		for next := err; next != nil; next = errors.Unwrap(next) {
			bottom = next
		}
		if c := known[bottom.Error()]; c != nil {
			c.n++
			continue
		}
		c := &cause{err, 1}
		causes, known[bottom.Error()] = append(causes, c), c
	}
	var out []error
	for _, c := range causes {
		if c.n > 1 {
			c.first = fmt.Errorf("%d failures like this: %w", c.n, c.first)
		}
		out = append(out, c.first)
	}
	return errors.Join(out...)
}
