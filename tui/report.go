package tui

import (
	"fmt"
	"strings"

	"charm.land/glamour/v2"

	"github.com/buildscope/buildscope/tui/theme"
	"github.com/buildscope/buildscope/tui/ui"
)

// maxProse is how wide a report is laid out at most: longer lines are hard to
// read.
const maxProse = 110

// renderMarkdown lays Markdown out for a width. What is not a colour is taken
// out of the result: links and titles would otherwise reach the terminal.
func renderMarkdown(text string, th *theme.Theme, w int) ([]string, error) {
	style := "dark"
	switch {
	case th.NoColor || th.ASCII:
		style = "ascii"
	case th.Light:
		style = "light"
	}
	r, err := glamour.NewTermRenderer(glamour.WithStandardStyle(style), glamour.WithWordWrap(min(max(w-4, 20), maxProse)))
	if err != nil {
		return nil, fmt.Errorf("prepare the report: %w", err)
	}
	out, err := r.Render(ui.CleanLines(text))
	if err != nil {
		return nil, fmt.Errorf("lay out the report: %w", err)
	}
	lines := strings.Split(strings.Trim(ui.KeepColours(out), "\n"), "\n")
	for i := range lines {
		lines[i] = strings.TrimRight(lines[i], " ")
	}
	return lines, nil
}
