package ui

import (
	"regexp"
	"strings"
)

// excerpt matches the lines with which an error points into a source.
var excerpt = regexp.MustCompile(`^\s*(\d+ \|.*|\^+)?\s*$`)

// CleanError is Clean for the text of an error: several errors in one, a line each, get
// semicolons between them, and excerpts of sources, which need lines of their own, are
// left out.
func CleanError(text string) string {
	var lines []string
	for line := range strings.Lines(text) {
		if !excerpt.MatchString(line) {
			lines = append(lines, strings.TrimSpace(line))
		}
	}
	return Clean(strings.Join(lines, "; "))
}
