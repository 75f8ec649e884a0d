package model

import (
	"path"
	"strings"
)

// Redacted stands for a value that was hidden.
const Redacted = "••••"

// Redactor says which keys carry values that must not leave the process. The
// zero value hides nothing.
type Redactor struct{ globs []string }

// NewRedactor takes globs over keys, in the syntax of path.Match without regard
// to case. A glob that cannot be read matches the key it spells.
func NewRedactor(globs []string) *Redactor {
	r := &Redactor{}
	for _, g := range globs {
		r.globs = append(r.globs, strings.ToLower(g))
	}
	return r
}

// Empty reports whether nothing is hidden.
func (r *Redactor) Empty() bool { return len(r.globs) == 0 }

// Match reports whether the value under key is hidden.
func (r *Redactor) Match(key string) bool {
	// A slash is an ordinary character of a key, not the end of what * covers.
	key = strings.ReplaceAll(strings.ToLower(key), "/", ".")
	for _, g := range r.globs {
		g = strings.ReplaceAll(g, "/", ".")
		if ok, err := path.Match(g, key); ok || err != nil && g == key {
			return true
		}
	}
	return false
}
