package pane

import (
	"slices"

	"github.com/buildscope/buildscope/tui/theme"
)

// Check is one result of trying a setting out.
type Check struct {
	Word string // ok, warn, fail, skipped, or checking while there is no result
	Text string // what was found and what would mend it
}

// SetChecks says what trying out the setting of a key has shown.
func (p *Setup) SetChecks(key string, list []Check) {
	p.checked, p.checks = key, list
	is := func(word string) bool {
		return slices.ContainsFunc(list, func(c Check) bool { return c.Word == word })
	}
	switch {
	case is("fail"):
		p.failing[key] = true
	case !is("checking"): // until there is a new result, the old one stands
		delete(p.failing, key)
	}
}

// checksOf are the results for a setting.
func (p *Setup) checksOf(key string) []Check {
	if p.checked != key {
		return nil
	}
	return p.checks
}

// orWord is the text of a result; while there is none, something to see.
func orWord(c Check) string {
	if c.Text == "" {
		return "…"
	}
	return c.Text
}

// paint is the colour of a result.
func (c Check) paint(th *theme.Theme) theme.Paint {
	switch c.Word {
	case "ok":
		return th.Good
	case "warn":
		return th.Warn
	case "fail":
		return th.Bad
	}
	return th.Dim
}
