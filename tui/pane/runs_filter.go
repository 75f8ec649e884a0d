package pane

import (
	"fmt"
	"slices"
	"strings"

	"github.com/buildscope/buildscope/model"
)

// runFilter narrows the list of runs. The zero value lets all through.
type runFilter struct {
	text  string
	terms []runTerm
}

// runTerm is one word of a filter; a run has to match all of them.
type runTerm struct {
	key, text string // key "" looks into everything that a line shows
	not       bool
}

var runKeys = []string{"commit", "profile", "state"}

// parseRunFilter reads words, "!word" for what must not match, and "key:word" with one
// of runKeys. A state is one of those that a run may have, or their beginning.
func parseRunFilter(text string) (runFilter, error) {
	f := runFilter{text: strings.TrimSpace(text)}
	for _, word := range strings.Fields(text) {
		t := runTerm{text: strings.ToLower(word)}
		t.text, t.not = strings.CutPrefix(t.text, "!")
		if key, value, ok := strings.Cut(t.text, ":"); ok {
			if key == "status" { // as the filter of the tree calls it
				key = "state"
			}
			if !slices.Contains(runKeys, key) {
				return runFilter{}, fmt.Errorf("%s: no such key; there are %s", key, strings.Join(runKeys, ", "))
			}
			t.key, t.text = key, value
		}
		if t.key == "state" && !slices.ContainsFunc(model.RunStates(), func(s model.RunState) bool { return strings.HasPrefix(s.String(), t.text) }) {
			return runFilter{}, fmt.Errorf("state:%s: must be one of %s", t.text, joinStates())
		}
		f.terms = append(f.terms, t)
	}
	return f, nil
}

func joinStates() string {
	var names []string
	for _, s := range model.RunStates() {
		names = append(names, s.String())
	}
	return strings.Join(names, ", ")
}

func (f runFilter) match(r PastRun) bool {
	for _, t := range f.terms {
		var hit bool
		switch t.key {
		case "commit":
			hit = strings.HasPrefix(strings.ToLower(r.Sources), t.text) || len(t.text) > 7 && r.Sources != "" && strings.HasPrefix(t.text, strings.TrimSuffix(r.Sources, "+"))
		case "profile":
			hit = strings.HasPrefix(strings.ToLower(r.Profile), t.text)
		case "state":
			hit = strings.HasPrefix(r.State.String(), t.text)
		default:
			hit = containsFold(strings.Join([]string{r.ID, r.State.String(), r.Profile, r.Sources, r.Error}, " "), t.text)
		}
		if hit == t.not {
			return false
		}
	}
	return true
}
