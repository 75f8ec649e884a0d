package theme

import (
	"image/color"
	"math"
	"reflect"
	"strings"
	"testing"

	"github.com/charmbracelet/x/ansi"

	"github.com/buildscope/buildscope/model"
)

// Text must have a contrast of 4.5 to its background, lines one of 3 (WCAG AA).
// The backgrounds are the darkest and lightest that are in common use.
func TestPalettesCanBeRead(t *testing.T) {
	dark := []color.Color{color.RGBA{0, 0, 0, 255}, color.RGBA{0x28, 0x2c, 0x34, 255}}
	light := []color.Color{color.RGBA{255, 255, 255, 255}, color.RGBA{0xfd, 0xf6, 0xe3, 255}}
	for _, c := range []struct {
		name  string
		p     palette
		backs []color.Color
	}{{"dark", darkPalette, dark}, {"light", lightPalette, light}} {
		for _, back := range c.backs {
			for role, fore := range map[string]color.Color{
				"dim": c.p.dim, "accent": c.p.accent, "good": c.p.good, "bad": c.p.bad, "warn": c.p.warn, "info": c.p.info,
			} {
				if got := contrast(fore, back); got < 4.5 {
					t.Errorf("%s: contrast of %s to %v = %.2f, want 4.5", c.name, role, back, got)
				}
			}
			if got := contrast(c.p.border, back); got < 3 {
				t.Errorf("%s: contrast of border to %v = %.2f, want 3", c.name, back, got)
			}
		}
		if got := contrast(c.p.selFore, c.p.selBack); got < 4.5 {
			t.Errorf("%s: contrast of the selected line = %.2f", c.name, got)
		}
		if got := contrast(c.p.passFore, c.p.passBack); got < 4.5 {
			t.Errorf("%s: contrast of the passive line = %.2f", c.name, got)
		}
	}
}

func contrast(a, b color.Color) float64 {
	x, y := luminance(a), luminance(b)
	return (math.Max(x, y) + 0.05) / (math.Min(x, y) + 0.05)
}

// luminance is the relative luminance of WCAG 2.
func luminance(c color.Color) float64 {
	r, g, b, _ := c.RGBA()
	part := func(v uint32) float64 {
		f := float64(v) / 0xffff
		if f <= 0.03928 {
			return f / 12.92
		}
		return math.Pow((f+0.055)/1.055, 2.4)
	}
	return 0.2126*part(r) + 0.7152*part(g) + 0.0722*part(b)
}

// Every glyph takes exactly one cell, and the ASCII set holds ASCII only.
func TestGlyphsAreOneCell(t *testing.T) {
	for name, g := range map[string]Glyphs{"unicode": unicodeGlyphs, "ascii": asciiGlyphs} {
		v := reflect.ValueOf(g)
		for i := range v.NumField() {
			var all []string
			switch f := v.Field(i); f.Kind() {
			case reflect.String:
				all = []string{f.String()}
			default:
				for j := range f.Len() {
					all = append(all, f.Index(j).String())
				}
			}
			for _, s := range all {
				if s == "" && v.Type().Field(i).Name == "BarRight" {
					continue // the one that a set may lack
				}
				if ansi.StringWidth(s) != 1 {
					t.Errorf("%s %s: %q is not one cell wide", name, v.Type().Field(i).Name, s)
				}
				if name == "ascii" && len(s) != 1 {
					t.Errorf("ascii %s: %q is not ASCII", v.Type().Field(i).Name, s)
				}
			}
		}
	}
}

// Without colours, states differ by their glyphs.
func TestStatesDifferWithoutColour(t *testing.T) {
	for _, opts := range []Options{{NoColor: true}, {NoColor: true, ASCII: true}} {
		th := New(opts)
		seen := map[string]bool{}
		for s := model.NodePending; s <= model.NodeCancelled; s++ {
			g := th.Glyphs.State(s)
			if seen[g] {
				t.Errorf("%+v: %v shares its glyph %q", opts, s, g)
			}
			seen[g] = true
		}
	}
}

func TestNoColourMeansNoColour(t *testing.T) {
	all := paints(New(Options{NoColor: true}))
	for _, open := range all {
		if strings.Contains(open, "38;") || strings.Contains(open, "48;") {
			t.Errorf("a paint has a colour: %q", open)
		}
	}
	if len(all) < 10 {
		t.Errorf("looked at %d paints only", len(all))
	}
}

// paints are the escape sequences of all paints of a theme.
func paints(th *Theme) []string {
	v := reflect.ValueOf(*th)
	var out []string
	for i := range v.NumField() {
		if f := v.Field(i); f.Type() == reflect.TypeFor[Paint]() {
			out = append(out, f.Field(0).String())
		}
	}
	return out
}

func TestEnvironment(t *testing.T) {
	for _, c := range []struct {
		environ        []string
		noColor, ascii bool
	}{
		{nil, false, false},
		{[]string{"NO_COLOR="}, false, false},
		{[]string{"NO_COLOR=yes"}, true, false},
		{[]string{"NO_COLOR=0"}, true, false},
		{[]string{"TERM=dumb"}, true, false},
		{[]string{"LANG=C"}, false, true},
		{[]string{"LANG=de_DE.UTF-8"}, false, false},
		{[]string{"LANG=C.utf8"}, false, false},
		{[]string{"LANG=de_DE.UTF-8", "LC_ALL=POSIX"}, false, true},
		{[]string{"LC_CTYPE=en_US.UTF-8", "LANG=C"}, false, false},
	} {
		if got := NoColor(c.environ); got != c.noColor {
			t.Errorf("NoColor(%q) = %v", c.environ, got)
		}
		if got := ASCIILocale(c.environ); got != c.ascii {
			t.Errorf("ASCIILocale(%q) = %v", c.environ, got)
		}
	}
}
