package query

import (
	"embed"
	"strings"
)

//go:embed examples/*.sql
var examples embed.FS

// Saved is a query with a name.
type Saved struct {
	Name string // slowest-nodes
	Help string // what it answers
	SQL  string
}

// Examples are the queries that come with the program, by name. They run on any
// run, and on several.
func Examples() []Saved {
	entries, err := examples.ReadDir("examples")
	if err != nil {
		panic(err) // it is embedded
	}
	var out []Saved
	for _, e := range entries {
		text, err := examples.ReadFile("examples/" + e.Name())
		if err != nil {
			panic(err)
		}
		out = append(out, saved(strings.TrimSuffix(e.Name(), ".sql"), string(text)))
	}
	return out
}

// saved takes what a query answers from the comment in its first line.
func saved(name, text string) Saved {
	s := Saved{Name: name, SQL: strings.TrimSpace(text)}
	if head, rest, _ := strings.Cut(s.SQL, "\n"); strings.HasPrefix(head, "--") {
		s.Help, s.SQL = strings.TrimSpace(strings.TrimPrefix(head, "--")), rest
	}
	return s
}
