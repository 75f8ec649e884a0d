package tui

import (
	"fmt"
	"strings"

	"charm.land/glamour/v2"
	style "charm.land/glamour/v2/ansi"
	"charm.land/glamour/v2/styles"
	"github.com/charmbracelet/x/ansi"

	"github.com/buildscope/buildscope/tui/theme"
	"github.com/buildscope/buildscope/tui/ui"
)

// maxProse is how wide a report's text is laid out at most: longer lines are hard
// to read.
const maxProse = 110

// renderMarkdown lays Markdown out for a width. Tables keep their natural width,
// for the pane scrolls sideways and a path that is broken into pieces cannot be
// read. What is not a colour is taken out of the result: links and titles would
// otherwise reach the terminal.
func renderMarkdown(text string, th *theme.Theme, w int) ([]string, error) {
	lines := []string{""} // so that there is a line before each
	for _, b := range markdownBlocks(ui.CleanLines(text)) {
		width := min(max(w-4, 20), maxProse)
		if b.table {
			width = tableWidth(b.text)
		}
		r, err := glamour.NewTermRenderer(glamour.WithStyles(reportStyle(th)), glamour.WithWordWrap(width))
		if err != nil {
			return nil, fmt.Errorf("prepare the report: %w", err)
		}
		out, err := r.Render(b.text)
		if err != nil {
			return nil, fmt.Errorf("lay out the report: %w", err)
		}
		if lines[len(lines)-1] != "" {
			lines = append(lines, "")
		}
		for line := range strings.Lines(ui.KeepColours(out)) {
			if line = strings.TrimRight(line, " \n"); strings.TrimSpace(ansi.Strip(line)) == "" {
				line = ""
			}
			if line != "" || lines[len(lines)-1] != "" { // blocks bring blank lines of their own
				lines = append(lines, line)
			}
		}
	}
	return lines[1:], nil
}

// reportStyle is glamour's style for the theme, with headings that are not
// spelled in number signs and no padding around code.
func reportStyle(th *theme.Theme) style.StyleConfig {
	s := styles.DarkStyleConfig
	switch {
	case th.NoColor || th.ASCII:
		s = styles.ASCIIStyleConfig
	case th.Light:
		s = styles.LightStyleConfig
	}
	s.Code.Prefix, s.Code.Suffix = "", ""
	for _, h := range []*style.StyleBlock{&s.H1, &s.H2, &s.H3, &s.H4, &s.H5, &s.H6} {
		h.Prefix, h.Suffix = "", ""
	}
	return s
}

// markdownBlock is a part of a Markdown text: a table, or what is between tables.
type markdownBlock struct {
	text  string
	table bool
}

func markdownBlocks(text string) []markdownBlock {
	var out []markdownBlock
	fenced := false
	for _, line := range strings.SplitAfter(text, "\n") {
		if strings.HasPrefix(strings.TrimSpace(line), "```") {
			fenced = !fenced
		}
		table := !fenced && strings.HasPrefix(line, "|")
		if n := len(out); n > 0 && out[n-1].table == table {
			out[n-1].text += line
			continue
		}
		out = append(out, markdownBlock{line, table})
	}
	kept := out[:0]
	for _, b := range out {
		if strings.TrimSpace(b.text) != "" {
			kept = append(kept, b)
		}
	}
	return kept
}

// tableWidth is the width that a table of Markdown needs so that no cell breaks.
func tableWidth(text string) int {
	var widths []int
	for _, line := range strings.Split(text, "\n") {
		for i, cell := range strings.Split(strings.Trim(line, "| "), "|") {
			if i == len(widths) {
				widths = append(widths, 0)
			}
			widths[i] = max(widths[i], ui.Width(strings.Trim(cell, " `")))
		}
	}
	n := 4 // margins
	for _, w := range widths {
		n += w + 3 // space at each side, and the line between columns
	}
	return n
}
