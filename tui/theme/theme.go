package theme

import (
	"image/color"

	"charm.land/lipgloss/v2"

	"github.com/buildscope/buildscope/model"
)

// Names of the themes, as the setting tui.theme spells them.
const (
	Auto  = "auto"  // dark or light, as the terminal's background is
	Dark  = "dark"  // for a dark background
	Light = "light" // for a light background
	ASCII = "ascii" // no colours and ASCII glyphs only
)

// Options chooses a theme. The zero value is the dark one with Unicode glyphs.
type Options struct {
	Light   bool // the terminal's background is light
	NoColor bool // bold and reverse only
	ASCII   bool // glyphs for a terminal that does not read UTF-8
	// User is a theme from a file, nil for none. With NoColor its styles are left
	// out, because colours may be all that they are about. What it extends is said by
	// the other options.
	User *User
}

// Theme is the look of one viewer's screen. It is read-only once made.
type Theme struct {
	Options
	Glyphs Glyphs

	Text     Paint // the terminal's own colour
	Dim      Paint // less important text
	Strong   Paint // titles
	Accent   Paint // names, keys, the focused frame
	Good     Paint // succeeded
	Bad      Paint // failed
	Warn     Paint // running, edited, held back
	Info     Paint // cached, kinds
	Border   Paint // frame without focus
	Bar      Paint // time bars
	Selected Paint // selected line of the focused pane
	Passive  Paint // selected line of another pane
	Match    Paint // search hit
	Banner   Paint // a line that must be seen

	states [7]Paint
}

// palette holds one colour per role, for a light and a dark background. Plain
// ANSI colours are avoided: nobody knows what blue looks like on an unknown
// background.
type palette struct {
	dim, accent, good, bad, warn, info, border color.Color
	selFore, selBack, passFore, passBack       color.Color
}

var darkPalette = palette{
	dim: lipgloss.Color("#a0a4b8"), accent: lipgloss.Color("#8ab8ff"), good: lipgloss.Color("#8fd98a"),
	bad: lipgloss.Color("#ff8a94"), warn: lipgloss.Color("#f0cf80"), info: lipgloss.Color("#7fd6cf"),
	border: lipgloss.Color("#767b93"), selFore: lipgloss.Color("#ffffff"), selBack: lipgloss.Color("#34456e"),
	passFore: lipgloss.Color("#e6e8f0"), passBack: lipgloss.Color("#2f3342"),
}

var lightPalette = palette{
	dim: lipgloss.Color("#5a5e70"), accent: lipgloss.Color("#1a4fb4"), good: lipgloss.Color("#1f6a1b"),
	bad: lipgloss.Color("#ab0a2c"), warn: lipgloss.Color("#7f4c00"), info: lipgloss.Color("#07606a"),
	border: lipgloss.Color("#7c8094"), selFore: lipgloss.Color("#06142e"), selBack: lipgloss.Color("#c3d6fb"),
	passFore: lipgloss.Color("#20242e"), passBack: lipgloss.Color("#e2e5ec"),
}

// New makes the theme that the options ask for.
func New(opts Options) *Theme {
	t := &Theme{Options: opts, Glyphs: unicodeGlyphs}
	if opts.ASCII {
		t.Glyphs = asciiGlyphs
	}
	own := opts.User != nil && !opts.NoColor
	if opts.NoColor || own && opts.User.Extends == ASCII {
		t.plain()
	} else {
		t.colour()
	}
	if own {
		opts.User.paint(t)
	}
	t.states = [7]Paint{
		model.NodePending: t.Dim, model.NodeRunning: t.Warn, model.NodeSucceeded: t.Good, model.NodeCached: t.Info,
		model.NodeFailed: t.Bad, model.NodeBlocked: t.Dim, model.NodeCancelled: t.Dim,
	}
	if own {
		opts.User.paintStates(t)
	}
	return t
}

func (t *Theme) plain() {
	bold := lipgloss.NewStyle().Bold(true)
	t.Strong, t.Accent, t.Bad = paintOf(bold), paintOf(bold), paintOf(bold)
	t.Selected = paintOf(lipgloss.NewStyle().Reverse(true))
	t.Match = paintOf(lipgloss.NewStyle().Underline(true))
	t.Banner = t.Selected
}

func (t *Theme) colour() {
	p := darkPalette
	if t.Light {
		p = lightPalette
	}
	fore := func(c color.Color) Paint { return paintOf(lipgloss.NewStyle().Foreground(c)) }
	t.Dim, t.Good, t.Bad, t.Warn, t.Info = fore(p.dim), fore(p.good), fore(p.bad), fore(p.warn), fore(p.info)
	t.Border, t.Bar, t.Accent = fore(p.border), fore(p.accent), fore(p.accent)
	t.Strong = paintOf(lipgloss.NewStyle().Bold(true))
	t.Selected = paintOf(lipgloss.NewStyle().Foreground(p.selFore).Background(p.selBack))
	t.Passive = paintOf(lipgloss.NewStyle().Foreground(p.passFore).Background(p.passBack))
	t.Match = paintOf(lipgloss.NewStyle().Bold(true).Underline(true).Foreground(p.warn))
	t.Banner = paintOf(lipgloss.NewStyle().Bold(true).Reverse(true).Foreground(p.warn))
}

// State is the paint of a node's state.
func (t *Theme) State(s model.NodeState) Paint {
	if int(s) < len(t.states) {
		return t.states[s]
	}
	return t.Text
}
