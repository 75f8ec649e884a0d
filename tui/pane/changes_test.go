package pane

import (
	"strings"
	"testing"

	"github.com/buildscope/buildscope/model/jsondiff"
	"github.com/buildscope/buildscope/tui/theme"
	"github.com/buildscope/buildscope/tui/ui"
)

// Whatever the values hold, nothing that a terminal acts on gets onto the screen, and
// every line has the width of the pane.
func TestChangesOfStrangeValues(t *testing.T) {
	a, errA := jsondiff.Parse([]byte(`{"日本語": "ひらがな", "esc": "\u001b[2J", "long": "` + strings.Repeat("長い ", 3000) + `", "gone": [1, 2], "list": [{"name": "a"}, {"name": "b"}]}`))
	b, errB := jsondiff.Parse([]byte(`{"日本語": 5, "esc": "e\u0301\u202e", "long": "", "new\u0007": {}, "list": [{"name": "b"}, {"name": "a"}]}`))
	if errA != nil || errB != nil {
		t.Fatal(errA, errB)
	}
	p := NewChanges()
	list := ListChanges(jsondiff.Diff(a, b, jsondiff.Options{}))
	p.SetChanges("some", "a", "b", false, list)
	if len(list) != 6 {
		t.Fatalf("%d changes", len(list))
	}
	for w := 1; w < 140; w += 7 {
		for h := 1; h < 40; h += 5 {
			p.SetSize(w, h)
			for range len(list) {
				p.Move(1)
				lines := p.Lines(Look{Theme: theme.New(theme.Options{NoColor: true, ASCII: true})})
				if len(lines) != h {
					t.Fatalf("%d lines of %d", len(lines), h)
				}
				for _, s := range lines {
					if ui.Width(s) != w || strings.Contains(s, "\x1b[2J") || strings.ContainsAny(s, "\a\u202e") {
						t.Fatalf("a line of %d cells in a pane of %d: %q", ui.Width(s), w, s)
					}
				}
			}
			p.Move(-len(list))
		}
	}
}
