package cli

import (
	"errors"
	"fmt"
	"path/filepath"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/buildscope/buildscope/pipeline"
	"github.com/buildscope/buildscope/tui/ui"
)

func newExplainCacheCmd(g *globals) *cobra.Command {
	var asJSON bool
	cmd := &cobra.Command{
		Use:   "explain-cache NODE [PATH]",
		Short: "Say why a node was run and not taken from the result cache",
		Long: "Compare what the last two results of a node depend on: its text or the program, the settings that it reads, and the versions of its inputs. " +
			"Where an input has changed, what it is made of is compared too.",
		Example: fmt.Sprintf("%[1]s explain-cache revenue_by_country shop", g.app.Name),
		Args:    cobra.RangeArgs(1, 2),
		RunE: func(cmd *cobra.Command, args []string) error {
			res, err := g.resolve(cmd, first(args[1:]))
			if err != nil {
				return err
			}
			cache := &pipeline.Cache{Dir: filepath.Join(res.Settings.Build.WorkDir, "cache")}
			list, err := explainChain(cache, args[0])
			if errors.Is(err, pipeline.ErrNoResult) {
				err = fmt.Errorf("%w; it was not built yet, or is never cached: a Parquet source is read where it is, and a model that asks for the time runs each time", err)
			}
			if err != nil {
				return &exitError{ExitFailed, err}
			}
			if asJSON {
				return g.printJSON(list)
			}
			for _, e := range list {
				g.printExplanation(e)
			}
			return nil
		},
	}
	cmd.Flags().BoolVar(&asJSON, "json", false, "print the parts of the keys, one element for each node")
	g.addSettings(cmd)
	return cmd
}

// inputPart begins the names of parts that are inputs.
const inputPart = "input "

// explainChain explains a node and, of the inputs that have changed, those which
// are in the cache.
func explainChain(cache *pipeline.Cache, node string) ([]pipeline.KeyExplanation, error) {
	first, err := cache.Explain(node)
	if err != nil {
		return nil, err
	}
	list, seen := []pipeline.KeyExplanation{first}, map[string]bool{node: true}
	for i := 0; i < len(list); i++ {
		for _, c := range list[i].Changed {
			name, ok := strings.CutPrefix(c.Name, inputPart)
			if !ok || seen[name] || c.Before == "" || c.After == "" {
				continue
			}
			seen[name] = true
			e, err := cache.Explain(name)
			if errors.Is(err, pipeline.ErrNoResult) {
				continue // the change is told; there is nothing behind it
			}
			if err != nil {
				return nil, err
			}
			list = append(list, e)
		}
	}
	return list, nil
}

func (g *globals) printExplanation(e pipeline.KeyExplanation) {
	p := func(format string, args ...any) { fmt.Fprintf(g.io.Out, format+"\n", args...) }
	p("%s: result %s, last used %s", e.Node, e.Key[:min(12, len(e.Key))], e.Used.Format(time.DateTime))
	switch {
	case e.Before == "":
		p("  there is no other result to compare it with; it depends on")
		for _, part := range e.Parts {
			if part.Value != "" {
				p("  %-24s %s", part.Name, shortPart(part.Value))
			}
		}
	case len(e.Changed) == 0:
		p("  what has changed since the result before is hidden, because it is a secret")
	}
	for _, c := range e.Changed {
		before, after := shortPart(c.Before), shortPart(c.After)
		if c.Name == "text" {
			before, after = differing(c.Before, c.After)
		}
		p("  %s changed\n    was %s\n    is  %s", c.Name, before, after)
	}
}

// shortPart is a value on one line.
func shortPart(text string) string {
	const most = 100
	if text == "" {
		return "nothing"
	}
	line := []rune(ui.Clean(strings.Join(strings.Fields(text), " ")))
	if len(line) > most {
		return string(line[:most]) + "…"
	}
	return string(line)
}

// differing are the first lines in which two texts differ, with their number.
func differing(before, after string) (string, string) {
	a, b := strings.Split(before, "\n"), strings.Split(after, "\n")
	for i := range max(len(a), len(b)) {
		var x, y string
		if i < len(a) {
			x = a[i]
		}
		if i < len(b) {
			y = b[i]
		}
		if x != y {
			return fmt.Sprintf("line %d: %s", i+1, shortPart(x)), fmt.Sprintf("line %d: %s", i+1, shortPart(y))
		}
	}
	return shortPart(before), shortPart(after)
}
