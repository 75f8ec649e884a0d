package theme

import (
	"errors"
	"fmt"
	"image/color"
	"slices"
	"sort"
	"strconv"
	"strings"

	"charm.land/lipgloss/v2"
	"github.com/pelletier/go-toml/v2"

	"github.com/buildscope/buildscope/model"
	"github.com/buildscope/buildscope/presets"
)

// Builtin lists the themes that every installation has.
func Builtin() []string { return []string{Auto, Dark, Light, ASCII} }

// User is a theme from a file: styles in place of those of the theme it extends. It
// is not changed once it is read.
type User struct {
	Name    string
	Extends string // dark, light or ascii

	styles map[string]lipgloss.Style // by the names of styles
	states map[model.NodeState]lipgloss.Style
}

// styles are the names of a Theme's paints, as files spell them.
var styles = map[string]func(*Theme) *Paint{
	"text": func(t *Theme) *Paint { return &t.Text }, "dim": func(t *Theme) *Paint { return &t.Dim },
	"strong": func(t *Theme) *Paint { return &t.Strong }, "accent": func(t *Theme) *Paint { return &t.Accent },
	"good": func(t *Theme) *Paint { return &t.Good }, "bad": func(t *Theme) *Paint { return &t.Bad },
	"warn": func(t *Theme) *Paint { return &t.Warn }, "info": func(t *Theme) *Paint { return &t.Info },
	"border": func(t *Theme) *Paint { return &t.Border }, "bar": func(t *Theme) *Paint { return &t.Bar },
	"selected": func(t *Theme) *Paint { return &t.Selected }, "passive": func(t *Theme) *Paint { return &t.Passive },
	"match": func(t *Theme) *Paint { return &t.Match }, "banner": func(t *Theme) *Paint { return &t.Banner },
}

// StyleNames lists the styles that a file may set, sorted.
func StyleNames() []string {
	var out []string
	for name := range styles {
		out = append(out, name)
	}
	sort.Strings(out)
	return out
}

// stateNames are the states of nodes, as files spell them.
func stateNames() []string {
	var out []string
	for s := model.NodePending; s <= model.NodeCancelled; s++ {
		out = append(out, s.String())
	}
	return out
}

// Parse reads a theme. Shown is how errors call the file; all faults are returned,
// each with its line.
func Parse(name, shown string, data []byte) (*User, error) {
	var doc map[string]any
	if err := toml.Unmarshal(data, &doc); err != nil {
		var de *toml.DecodeError
		if errors.As(err, &de) {
			row, col := de.Position()
			return nil, fmt.Errorf("%s:%d:%d: %s", shown, row, col, strings.TrimPrefix(de.Error(), "toml: "))
		}
		return nil, fmt.Errorf("%s: %w", shown, err)
	}
	p := parser{shown: shown, lines: presets.Lines(data), user: &User{Name: name, Extends: Dark, styles: map[string]lipgloss.Style{}, states: map[model.NodeState]lipgloss.Style{}}}
	p.document(doc)
	sort.SliceStable(p.faults, func(i, j int) bool { return p.faults[i].line < p.faults[j].line })
	var faults []error
	for _, f := range p.faults {
		faults = append(faults, f.err)
	}
	if len(faults) > 0 {
		return nil, errors.Join(faults...)
	}
	return p.user, nil
}

// parser collects what a file sets, and its faults.
type parser struct {
	shown  string
	lines  map[string]int
	user   *User
	faults []fault
}

type fault struct {
	line int
	err  error
}

// fail reports a fault of a key. What stands inside an inline table is in the line of
// that table.
func (p *parser) fail(key, format string, args ...any) {
	line := 0
	for at := key; line == 0 && at != ""; {
		line = p.lines[at]
		at = at[:max(strings.LastIndexByte(at, '.'), 0)]
	}
	p.faults = append(p.faults, fault{line, fmt.Errorf("%s:%d: %s: %w", p.shown, line, key, fmt.Errorf(format, args...))})
}

func (p *parser) document(doc map[string]any) {
	for _, key := range sorted(doc) {
		switch v := doc[key]; key {
		case "extends":
			base, ok := v.(string)
			if !ok || !slices.Contains([]string{Dark, Light, ASCII}, base) {
				p.fail(key, "%q is not one of dark, light, ascii", fmt.Sprint(v))
			}
			p.user.Extends = base
		case "styles":
			p.table(key, v, StyleNames(), func(name string, s lipgloss.Style) { p.user.styles[name] = s })
		case "states":
			p.table(key, v, stateNames(), func(name string, s lipgloss.Style) {
				if state, ok := model.ParseNodeState(name); ok {
					p.user.states[state] = s
				}
			})
		default:
			p.unknown(key, key, []string{"extends", "styles", "states"})
		}
	}
}

// unknown reports a key that means nothing.
func (p *parser) unknown(key, name string, known []string) {
	hint := ""
	if near := model.Nearest(name, known); near != "" {
		hint = "did you mean " + near + "? "
	}
	p.fail(key, "unknown key; %sthere are %s", hint, strings.Join(known, ", "))
}

// table reads styles by their names.
func (p *parser) table(table string, v any, known []string, set func(string, lipgloss.Style)) {
	m, ok := v.(map[string]any)
	if !ok {
		p.fail(table, "must be a table")
		return
	}
	for _, name := range sorted(m) {
		key := table + "." + name
		if !slices.Contains(known, name) {
			p.unknown(key, name, known)
			continue
		}
		set(name, p.style(key, m[name]))
	}
}

// style reads one style: a colour of the text, or a table.
func (p *parser) style(key string, v any) lipgloss.Style {
	s := lipgloss.NewStyle()
	m, ok := v.(map[string]any)
	if !ok {
		return s.Foreground(p.color(key, v))
	}
	for _, name := range sorted(m) {
		at := key + "." + name
		switch name {
		case "fg":
			s = s.Foreground(p.color(at, m[name]))
		case "bg":
			s = s.Background(p.color(at, m[name]))
		case "bold":
			s = s.Bold(p.bool(at, m[name]))
		case "italic":
			s = s.Italic(p.bool(at, m[name]))
		case "underline":
			s = s.Underline(p.bool(at, m[name]))
		case "reverse":
			s = s.Reverse(p.bool(at, m[name]))
		default:
			p.unknown(at, name, []string{"fg", "bg", "bold", "italic", "underline", "reverse"})
		}
	}
	return s
}

func (p *parser) bool(key string, v any) bool {
	b, ok := v.(bool)
	if !ok {
		p.fail(key, "%q must be true or false", fmt.Sprint(v))
	}
	return b
}

// color reads #rgb, #rrggbb or a number of the terminal's palette, as text or not.
func (p *parser) color(key string, v any) color.Color {
	text := fmt.Sprint(v)
	if hex, ok := strings.CutPrefix(text, "#"); ok && (len(hex) == 3 || len(hex) == 6) {
		if _, err := strconv.ParseUint(hex, 16, 32); err == nil {
			return lipgloss.Color(text)
		}
	}
	_, isText := v.(string)
	_, isInt := v.(int64)
	if n, err := strconv.ParseUint(text, 10, 8); err == nil && (isText || isInt) {
		return lipgloss.ANSIColor(n)
	}
	p.fail(key, "%q is not a colour: #rgb, #rrggbb, or a number from 0 to 255 of the terminal's palette", text)
	return lipgloss.NoColor{}
}

func sorted(m map[string]any) []string {
	keys := make([]string, 0, len(m))
	for k := range m {
		keys = append(keys, k)
	}
	sort.Strings(keys)
	return keys
}

// paint puts the file's styles over those of the theme it extends.
func (u *User) paint(t *Theme) {
	for name, s := range u.styles {
		*styles[name](t) = paintOf(s)
	}
}

// paintStates does the same for the states of nodes, which else follow the styles.
func (u *User) paintStates(t *Theme) {
	for state, s := range u.states {
		t.states[state] = paintOf(s)
	}
}
