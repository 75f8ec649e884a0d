package tui

import (
	"strconv"
	"time"

	"github.com/charmbracelet/colorprofile"

	"github.com/buildscope/buildscope/tui/theme"
)

// look is what is known about the terminal and asked for by the viewer.
type look struct {
	environ []string
	color   string // auto, always or never
	profile colorprofile.Profile
	known   bool // profile has been reported
	light   bool // the background has been reported to be light
	mouse   bool
	refresh time.Duration // shortest time between two frames of live data
}

const defaultRefresh = 100 * time.Millisecond

// noColor reports whether the viewer gets no colours.
func (l look) noColor() bool {
	switch l.color {
	case "never":
		return true
	case "always":
		return false
	}
	return theme.NoColor(l.environ) || l.known && l.profile <= colorprofile.ASCII
}

// restyle chooses the theme anew, from the settings and the terminal.
func (m *Model) restyle() {
	name := m.setting("tui.theme", theme.Auto)
	m.look.mouse = m.setting("tui.mouse", "false") == "true"
	m.look.refresh = defaultRefresh
	if d, err := time.ParseDuration(m.setting("tui.refresh_rate", "")); err == nil && d > 0 {
		m.look.refresh = d
	}
	opts := theme.Options{
		Light:   name == theme.Light || name == theme.Auto && m.look.light,
		NoColor: m.look.noColor() || name == theme.ASCII,
		ASCII:   name == theme.ASCII || theme.ASCIILocale(m.look.environ),
	}
	if m.theme == nil || m.theme.Options != opts {
		m.theme = theme.New(opts)
		m.shelf.rendered = rendering{} // the report has the colours of the old theme
	}
	m.dirty = true
}

// setting gives the text of a setting, or a default where there are no settings.
func (m *Model) setting(key, missing string) string {
	if m.setup != nil {
		if s, ok := m.setup.Find(key); ok {
			return s.Text
		}
	}
	return missing
}

// forcedProfile is the colour profile for the renderer; false leaves the choice
// to it. Its own reading of NO_COLOR knows only 1 and true, but any value
// counts.
func forcedProfile(color string, environ []string) (colorprofile.Profile, bool) {
	switch {
	case color == "never":
		return colorprofile.ASCII, true
	case color == "always":
		rest := make([]string, 0, len(environ))
		for _, pair := range environ {
			if len(pair) < 9 || pair[:9] != "NO_COLOR=" {
				rest = append(rest, pair)
			}
		}
		return max(colorprofile.Env(rest), colorprofile.ANSI256), true
	case theme.NoColor(environ):
		return colorprofile.ASCII, true
	}
	return 0, false
}

// short cuts an id to what people compare.
func short(id string) string {
	if len(id) > 8 {
		return id[:8]
	}
	return id
}

func plural(n int, word string) string {
	if n == 1 {
		return "1 " + word
	}
	return strconv.Itoa(n) + " " + word + "s"
}
