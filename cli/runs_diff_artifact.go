package cli

import (
	"errors"
	"fmt"
	"io/fs"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/buildscope/buildscope/build/bundle"
	"github.com/buildscope/buildscope/model"
	"github.com/buildscope/buildscope/model/jsondiff"
	"github.com/buildscope/buildscope/tui/ui"
)

// artifactDiff is what runs diff --artifact says.
type artifactDiff struct {
	Artifact string            `json:"artifact"`
	A        string            `json:"a"` // run ids
	B        string            `json:"b"`
	Changes  []jsondiff.Change `json:"changes"`
}

// artifactFlags are those of runs diff that are about one artifact.
type artifactFlags struct {
	name  string
	quiet bool
}

// check refuses flags that are not about the same thing.
func (f artifactFlags) check(cmd *cobra.Command) error {
	if f.name == "" {
		if f.quiet {
			return &exitError{ExitUsage, errors.New("flag --ignore-ids: only with --artifact")}
		}
		return nil
	}
	for _, other := range []string{"fail-slower", "fail-rows"} {
		if cmd.Flags().Changed(other) {
			return &exitError{ExitUsage, fmt.Errorf("flag --%s: not with --artifact, which compares nothing else", other)}
		}
	}
	return nil
}

// diffArtifact compares one artifact of two runs.
func (g *globals) diffArtifact(workDir, refA, refB string, f artifactFlags) (artifactDiff, error) {
	d := artifactDiff{Artifact: f.name, Changes: []jsondiff.Change{}}
	a, b, err := g.findPair(workDir, refA, refB)
	if err != nil {
		return d, err
	}
	d.A, d.B = a.RunID, b.RunID
	var sides [2]any
	for i, of := range []*bundle.Bundle{a, b} {
		raw, err := of.Artifact(f.name)
		if errors.Is(err, fs.ErrNotExist) {
			return d, noArtifact(of, f.name)
		}
		if err != nil {
			return d, fmt.Errorf("run %s: %w", of.RunID, err)
		}
		if sides[i], err = jsondiff.Parse([]byte(jsondiff.Text(raw))); err != nil {
			return d, fmt.Errorf("run %s: artifact %s: %w", of.RunID, f.name, err)
		}
	}
	d.Changes = append(d.Changes, jsondiff.Diff(sides[0], sides[1], jsondiff.Options{Quiet: f.quiet, RunA: d.A, RunB: d.B})...)
	return d, nil
}

// noArtifact says which ones there are.
func noArtifact(b *bundle.Bundle, name string) error {
	names, err := b.Artifacts()
	if err != nil || len(names) == 0 {
		return errors.Join(fmt.Errorf("run %s has no artifacts", b.RunID), err)
	}
	if near := model.Nearest(name, names); near != "" {
		return fmt.Errorf("run %s has no artifact %q; did you mean %s?", b.RunID, name, near)
	}
	return fmt.Errorf("run %s has no artifact %q; it has %s", b.RunID, name, strings.Join(names, ", "))
}

// text writes a change in a line: what became of which place, and both values, each
// cut after so many letters as a line has room for. The JSON form has all of them.
func (d artifactDiff) text() string {
	var b strings.Builder
	fmt.Fprintf(&b, "artifact %s: A %s, B %s\n", d.Artifact, d.A, d.B)
	cut := func(s string) string {
		if s = ui.Clean(s); ui.Width(s) > 60 {
			s = strings.TrimRight(ui.Fit(s, 60), " ")
		}
		return s
	}
	for _, c := range d.Changes {
		x, y := c.Sides()
		parts := slices.DeleteFunc([]string{cut(x), cut(y)}, func(s string) bool { return s == "" })
		fmt.Fprintf(&b, "%-7s  %s  %s", c.Op, ui.Clean(c.Path.String()), strings.Join(parts, " → "))
		if delta := c.Delta(); delta != "" {
			b.WriteString("  (" + delta + ")")
		}
		b.WriteByte('\n')
	}
	if len(d.Changes) == 0 {
		b.WriteString("no difference\n")
	}
	return b.String()
}

// runArtifactDiff prints the comparison.
func (g *globals) runArtifactDiff(workDir string, args []string, f artifactFlags, asJSON bool) error {
	d, err := g.diffArtifact(workDir, args[0], args[1], f)
	if err == nil && asJSON {
		err = g.printJSON(d)
	} else if err == nil {
		_, err = fmt.Fprint(g.io.Out, d.text())
	}
	if err != nil {
		return &exitError{ExitFailed, err}
	}
	return nil
}
