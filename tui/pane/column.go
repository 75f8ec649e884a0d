package pane

import (
	"math"
	"strconv"
	"strings"

	"github.com/buildscope/buildscope/model"
	"github.com/buildscope/buildscope/tui/theme"
	"github.com/buildscope/buildscope/tui/ui"
)

// sideBySide is the width from which on facts and chart of a column stand beside
// each other; three is the one from which on the most frequent values do, too.
const sideBySide, threeBlocks = 64, 112

// aboutColumn draws everything about one column into h lines of w cells, the
// first of which names it. from is what it is computed from, "" when not known.
func aboutColumn(th *theme.Theme, c *model.ColumnStats, from string, w, h int) []string {
	out := make([]string, 0, h)
	label := " " + ui.Clean(c.Name) + "  " + ui.Clean(c.Type) + " "
	head := ui.NewLine(w, 0).Add(th.Border, th.Glyphs.Horizontal).Add(th.Strong, ui.Fit(label, min(ui.Width(label), max(w-4, 1))))
	out = append(out, head.Add(th.Border, strings.Repeat(th.Glyphs.Horizontal, max(head.Left(), 0))).String())
	room := h - 1
	switch {
	case w < sideBySide || !chartable(c):
		facts := factLines(th, columnFacts(c, from), w, room)
		out = append(out, facts...)
		if left := room - len(facts) - 1; left >= 3 && chartable(c) {
			out = append(out, ui.Blank(w))
			out = append(out, chart(th, c, w, left)...)
		}
	default:
		blocks := [][]string{chart(th, c, chartWidth(c, w), room)}
		left := w - chartWidth(c, w)
		if w >= threeBlocks && len(c.Histogram) > 0 && len(c.Top) > 0 {
			blocks = append(blocks, topChart(th, c, w/4, room))
			left -= w / 4
		}
		blocks = append(blocks, factLines(th, columnFacts(c, from), left, room))
		widths := []int{chartWidth(c, w), w / 4, left}
		if len(blocks) == 2 {
			widths[1] = left
		}
		out = append(out, beside(blocks, widths, room)...)
	}
	return out
}

// beside joins blocks of lines; where one is short, blanks stand for it.
func beside(blocks [][]string, widths []int, h int) []string {
	out := make([]string, 0, h)
	for i := range h {
		line := ""
		for j, b := range blocks {
			if i < len(b) {
				line += b[i]
			} else {
				line += ui.Blank(widths[j])
			}
		}
		out = append(out, line)
	}
	return out
}

// fact is one thing about a column.
type fact struct {
	name, text string
	warn       bool
}

// factLines lays facts out in at most h lines: long ones are wrapped as long as
// the others have their line, too.
func factLines(th *theme.Theme, facts []fact, w, h int) []string {
	out := make([]string, 0, h)
	facts = facts[:min(len(facts), h)]
	spare := h - len(facts)
	for _, f := range facts {
		p := th.Text
		if f.warn {
			p = th.Warn
		}
		texts := ui.Wrap(f.text, w-11)
		if len(texts) > spare+1 {
			texts = append(texts[:spare:spare], strings.Join(texts[spare:], " "))
		}
		spare -= len(texts) - 1
		name := f.name
		for _, text := range texts {
			out = append(out, ui.NewLine(w, 0).Gap(1).Add(th.Dim, ui.Fit(name, 8)).Gap(1).Add(p, text).String())
			name = ""
		}
	}
	return out
}

// columnFacts lists what is known about a column, most important first.
func columnFacts(c *model.ColumnStats, from string) []fact {
	var out []fact
	add := func(name string, parts ...string) {
		var kept []string
		for _, p := range parts {
			if p != "" {
				kept = append(kept, p)
			}
		}
		if len(kept) > 0 {
			out = append(out, fact{name: name, text: strings.Join(kept, ", ")})
		}
	}
	share := func(n *int64, of int64, word string) string {
		if n == nil || *n == 0 {
			return ""
		}
		return ui.Commas(*n) + " " + word + " (" + ui.Percent(*n, of) + ")"
	}
	nulls := "no nulls"
	switch {
	case c.Count == 0:
		add("values", "none: the table has no rows")
		add("from", ui.Clean(from))
		return out
	case c.Nulls > 0:
		nulls = share(&c.Nulls, c.Count, "nulls")
	}
	if low, high := limits(*c); low != "" || high != "" {
		if low == high {
			add("range", "only "+low)
		} else {
			add("range", low+" to "+high)
		}
	}
	add("values", nulls, share(c.NaN, c.Count, "NaN"), share(c.Inf, c.Count, "infinite"), share(c.Zeros, c.Count, "zero"), share(c.Empty, c.Count, "empty"))
	if c.Distinct != nil {
		text := ui.Commas(*c.Distinct)
		if !c.DistinctExact {
			text = "about " + text
		}
		if n := c.Count - c.Nulls; c.DistinctExact && *c.Distinct == n && n > 1 {
			text += ", all different"
		}
		add("distinct", text)
	}
	if c.Mean != nil {
		std := ""
		if c.Std != nil {
			std = "deviation " + ui.Number(*c.Std)
		}
		add("mean", ui.Number(*c.Mean), std)
	}
	if len(c.Quantiles) > 0 {
		parts := make([]string, 0, len(c.Quantiles))
		for _, q := range c.Quantiles {
			parts = append(parts, ui.Percent(int64(math.Round(q.Q*1000)), 1000)+" "+ui.Number(q.V))
		}
		add("below", strings.Join(parts, ", "))
	}
	if c.LenMin != nil && c.LenMax != nil {
		switch text := ui.Commas(*c.LenMin) + " to " + ui.Commas(*c.LenMax); {
		case *c.LenMin == *c.LenMax:
			add("length", "always "+ui.Commas(*c.LenMin))
		case c.LenMean != nil:
			add("length", text, "mean "+ui.Number(*c.LenMean))
		default:
			add("length", text)
		}
	}
	if len(c.Top) > 0 && len(c.Histogram) > 0 {
		add("most", mostText(c, 60))
	}
	add("from", ui.Clean(from))
	add("note", ui.Clean(c.Reason))
	if c.Truncated != "" {
		out = append(out, fact{name: "cut", text: ui.Clean(c.Truncated), warn: true})
	}
	return out
}

// chartable reports whether there is anything to draw.
func chartable(c *model.ColumnStats) bool { return len(c.Histogram) > 0 || len(c.Top) > 0 }

// chartWidth is how wide the chart beside the facts is, a gap included.
func chartWidth(c *model.ColumnStats, w int) int {
	if len(c.Histogram) == 0 {
		return w / 2
	}
	return min(w/2, len(c.Histogram)*5+3)
}

func chart(th *theme.Theme, c *model.ColumnStats, w, h int) []string {
	if len(c.Histogram) > 0 {
		return histogram(th, c, w, h)
	}
	return topChart(th, c, w, h)
}

// histogram draws the bins as columns above a line with the ends of the axis.
// Bins that hold anything at all are visible.
func histogram(th *theme.Theme, c *model.ColumnStats, w, h int) []string {
	bins, g := c.Histogram, &th.Glyphs
	each := max((w-3)/len(bins), 1)
	bins = bins[:min(len(bins), max(w-3, 1))]
	rows := min(max(h-1, 1), 8)
	var top int64
	for _, b := range bins {
		top = max(top, b.Count)
	}
	steps := len(g.Spark)
	out := make([]string, 0, rows+1)
	for i := rows - 1; i >= 0; i-- {
		var b strings.Builder
		for _, bin := range bins {
			level := 0
			if bin.Count > 0 {
				level = max(int(math.Round(float64(bin.Count)/float64(top)*float64(rows*steps))), 1)
			}
			cell := " "
			if part := level - i*steps; part > 0 {
				cell = g.Spark[min(part, steps)-1]
			}
			b.WriteString(strings.Repeat(cell, max(each-1, 1)))
			if each > 1 {
				b.WriteByte(' ')
			}
		}
		out = append(out, ui.NewLine(w, 0).Gap(1).Add(th.Bar, b.String()).String())
	}
	low, high := ui.Number(bins[0].Lo), ui.Number(bins[len(bins)-1].Hi)
	if c.Family == "temporal" {
		low, high = limits(*c)
	}
	axis := each * len(bins)
	text := ui.Fit(low, axis)
	if n := ui.Width(low) + ui.Width(high); n < axis {
		text = low + ui.Blank(axis-n) + high
	}
	return append(out, ui.NewLine(w, 0).Gap(1).Add(th.Dim, text).String())
}

// topChart lists the most frequent values with bars.
func topChart(th *theme.Theme, c *model.ColumnStats, w, h int) []string {
	out := make([]string, 0, h)
	values := c.Top[:min(len(c.Top), h)]
	nameW := 4
	for _, v := range values {
		nameW = max(nameW, ui.Width(quoted(c, v.Value)))
	}
	nameW = min(nameW, max(w/2-4, 4))
	barW := max(w-nameW-12, 0)
	for _, v := range values {
		line := ui.NewLine(w, 0).Gap(1).Text(ui.Fit(quoted(c, v.Value), nameW)).Gap(1)
		line.Add(th.Dim, ui.FitRight(ui.Percent(v.Count, c.Count), 5)).Gap(1)
		line.Add(th.Bar, ui.Gantt(&th.Glyphs, 0, v.Count, max(values[0].Count, 1), barW))
		out = append(out, line.String())
	}
	return out
}

// limits are the smallest and the largest value as text.
func limits(c model.ColumnStats) (low, high string) {
	low, high = c.MinText, c.MaxText
	if low == "" && c.Min != nil {
		low = ui.Number(*c.Min)
	} else if low != "" || c.Family == "string" && high != "" {
		low = quoted(&c, low)
	}
	if high == "" && c.Max != nil {
		high = ui.Number(*c.Max)
	} else if high != "" {
		high = quoted(&c, high)
	}
	if c.Family == "numeric" {
		low, high = grouped(low), grouped(high)
	}
	return low, high
}

// grouped writes a whole number with commas; other text stays as it is.
func grouped(text string) string {
	if n, err := strconv.ParseInt(text, 10, 64); err == nil {
		return ui.Commas(n)
	}
	return text
}

// quoted is a value as text: strings in quotes, so that spaces are seen.
func quoted(c *model.ColumnStats, text string) string {
	if c.Family == "string" || c.Family == "category" {
		return `"` + ui.Clean(text) + `"`
	}
	return ui.Clean(text)
}

// between writes two limits into w cells; both are cut alike.
func between(low, high string, w int) string {
	const to = " to "
	if low == high {
		return ui.Fit(low, w)
	}
	if over := ui.Width(low) + ui.Width(high) + len(to) - w; over > 0 {
		half := (w - len(to)) / 2
		lowW := max(half, w-len(to)-ui.Width(high))
		low = strings.TrimRight(ui.Fit(low, min(lowW, ui.Width(low))), " ")
		high = strings.TrimRight(ui.Fit(high, max(w-len(to)-ui.Width(low), 1)), " ")
	}
	return low + to + high
}

func nullsText(c model.ColumnStats) string {
	if c.Nulls == 0 {
		return "0"
	}
	return ui.Percent(c.Nulls, c.Count)
}

func distinctText(c model.ColumnStats) string {
	switch {
	case c.Distinct == nil:
		return ""
	case c.DistinctExact || *c.Distinct < 1000:
		return ui.Count(*c.Distinct)
	}
	return "~" + ui.Count(*c.Distinct)
}
