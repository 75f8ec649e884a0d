package tui

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	tea "charm.land/bubbletea/v2"

	"github.com/buildscope/buildscope/model"
	"github.com/buildscope/buildscope/tui/theme"
	"github.com/buildscope/buildscope/tui/ui"
)

// telemetry is the box that tells what became of every span, data point and log
// record, live: it draws the counts of the run as they are.
type telemetry struct {
	scroll ui.Scroll
	total  int
	height int
}

func (c *telemetry) title() string  { return "Telemetry" }
func (c *telemetry) status() string { return "up and down to scroll, esc to leave" }

func (c *telemetry) press(m *Model, msg tea.KeyPressMsg) tea.Cmd {
	step := map[string]int{"up": -1, "k": -1, "down": 1, "j": 1, "pgup": -c.height, "pgdown": c.height, "home": -c.total, "g": -c.total, "end": c.total, "G": c.total}
	switch key := msg.String(); key {
	case "esc", "q", "x", "enter":
		m.pop()
	default:
		c.scroll.ScrollBy(step[key], c.total, c.height)
	}
	return nil
}

func (c *telemetry) lines(m *Model, w, h int) []string {
	w = min(w, 92)
	var out []string
	add := func(p theme.Paint, text string) {
		for _, s := range ui.Wrap(ui.CleanLines(text), w-4) {
			out = append(out, ui.NewLine(w, 0).Gap(2).Add(p, s).String())
		}
	}
	th := m.theme
	head := m.tree.Header()
	add(th.Text, fmt.Sprintf("The screen has %s spans%s; the sampler kept %s of them from the exporters.", ui.Commas(head.Spans), dropped(head.Dropped), ui.Commas(head.SampledOut)))
	if len(m.live.snap.Exports) == 0 {
		add(th.Dim, "Nothing is exported: otel.exporter is none and there is no otel.endpoint.")
	}
	for _, e := range m.live.snap.Exports {
		out = append(out, ui.Blank(w))
		paint, word := th.Good, "all arrived"
		switch {
		case e.Missing() > 0:
			paint, word = th.Bad, ui.Commas(e.Missing())+" did not arrive"
		case e.Queued > 0:
			paint, word = th.Text, ui.Commas(e.Queued)+" under way"
		case e.Created == e.SampledOut:
			paint, word = th.Dim, "nothing to send"
		}
		out = append(out, ui.NewLine(w, 0).Gap(1).Add(th.Strong, e.Signal).Gap(1).Add(th.Dim, ui.Clean(e.Exporter+" "+e.Endpoint)).Gap(2).Add(paint, word).String())
		add(th.Text, counts(e))
		if e.Message != "" {
			add(th.Warn, "the receiver says: "+e.Message)
		}
		if e.LastError != "" {
			add(th.Bad, "last error: "+e.LastError)
		}
	}
	c.total, c.height = len(out), h
	c.scroll.ScrollBy(0, c.total, h)
	return out[c.scroll.Top:min(c.scroll.Top+h, len(out))]
}

func dropped(n int64) string {
	if n == 0 {
		return ""
	}
	return " and could not keep " + ui.Commas(n)
}

// counts tells every count of an exporter; they add up to what was created.
func counts(e model.ExportCounts) string {
	parts := []string{"created " + ui.Commas(e.Created), "sent " + ui.Commas(e.Sent)}
	for _, c := range []struct {
		word string
		n    int64
	}{{"sampled out", e.SampledOut}, {"queued", e.Queued}, {"rejected", e.Rejected}, {"failed", e.Failed}, {"dropped by a full queue", e.Dropped}, {"lost at the end", e.Lost}} {
		if c.n > 0 {
			parts = append(parts, c.word+" "+ui.Commas(c.n))
		}
	}
	text := strings.Join(parts, ", ")
	for _, why := range slices.Sorted(maps.Keys(e.FailedBy)) {
		text += fmt.Sprintf("; %s: %s", why, ui.Commas(e.FailedBy[why]))
	}
	return text + fmt.Sprintf("; %s in %d calls", time.Duration(e.SpentNS).Round(time.Millisecond), e.ExportCalls)
}
