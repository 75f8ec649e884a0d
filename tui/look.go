package tui

import (
	"time"

	"github.com/charmbracelet/colorprofile"

	"github.com/buildscope/buildscope/model"
	"github.com/buildscope/buildscope/tui/theme"
)

// look is what is known about the terminal and asked for by the viewer.
type look struct {
	environ []string
	color   string // auto, always or never
	profile colorprofile.Profile
	known   bool // profile has been reported
	light   bool // the background has been reported to be light
	asked   model.TUISettings
	mouse   bool          // as asked, until the viewer presses m
	refresh time.Duration // shortest time between two frames of a running build
}

// defaultRefresh is the number of frames per second where nothing asks for
// another.
const defaultRefresh = 10

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
	var asked model.TUISettings
	if m.opts.Look != nil {
		asked = m.opts.Look()
	}
	name := asked.Theme
	if name == "" {
		name = theme.Auto
	}
	if asked.Mouse != m.look.asked.Mouse {
		m.look.mouse = asked.Mouse // else the key m was the last to say something
	}
	rate := asked.RefreshRate
	if rate <= 0 {
		rate = defaultRefresh
	}
	m.look.asked, m.look.refresh = asked, time.Second/time.Duration(rate)
	var user *theme.User
	if m.opts.Theme != nil {
		user = m.opts.Theme(name)
	}
	noColor := m.look.noColor() || name == theme.ASCII
	if user != nil {
		name = user.Extends
	}
	opts := theme.Options{
		Light:   name == theme.Light || name == theme.Auto && m.look.light,
		NoColor: noColor,
		User:    user,
		ASCII:   name == theme.ASCII || theme.ASCIILocale(m.look.environ),
	}
	if m.theme == nil || m.theme.Options != opts {
		m.theme = theme.New(opts)
		m.shelf.rendered = rendering{} // the report has the colours of the old theme
	}
	m.dirty = true
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
