package cli

import (
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"charm.land/lipgloss/v2"
	"github.com/charmbracelet/colorprofile"

	"github.com/buildscope/buildscope/build"
	"github.com/buildscope/buildscope/model"
	"github.com/buildscope/buildscope/tui/ui"
)

// Bounds of the closing report; the bundle has all of it.
const (
	mostFailures = 10
	mostSlowest  = 5
	mostNames    = 5
)

// closing is the short report at the end of a build, headless or on the screen.
type closing struct {
	out   io.Writer
	app   string
	long  bool // with stacks
	bad   lipgloss.Style
	good  lipgloss.Style
	label lipgloss.Style
}

// closing makes the report for an output: with colours at a terminal that has them.
func (g *globals) closing(out io.Writer) closing {
	c := closing{out: out, app: g.app.Name, bad: lipgloss.NewStyle().Bold(true).Foreground(lipgloss.Red),
		good: lipgloss.NewStyle().Bold(true).Foreground(lipgloss.Green), label: lipgloss.NewStyle().Bold(true)}
	if f, ok := c.out.(*os.File); ok {
		c.out = colorprofile.NewWriter(f, g.environ())
	} else {
		c.out = &colorprofile.Writer{Forward: out, Profile: colorprofile.NoTTY}
	}
	return c
}

func (c closing) line(format string, args ...any) { fmt.Fprintf(c.out, format+"\n", args...) }

// write tells what went wrong first, then where the time went, and at the end how
// the run ended.
func (c closing) write(r model.BatchResult) {
	c.failures(r)
	for _, t := range r.Warnings {
		c.line("%s node %s: %s should not be there", c.label.Render("warning:"), ui.Clean(t.Node), ui.Counted(t.Failing, "row"))
		c.indented(strings.Join(t.Sample, "\n"))
	}
	c.slowest(r)
	c.line("%s %s", c.label.Render("nodes"), nodeCounts(r.Nodes))
	for _, e := range r.Exports {
		c.line("%s %s", c.label.Render("exporter"), exportLine(e))
	}
	if h := r.Hamilton; h != nil {
		text := ui.Counted(h.NodesSent, "node") + " sent, all that there is"
		if !h.Delivered {
			text = ui.Counted(h.NodesSent, "node") + " sent; the rest waits for the next run or `" + c.app + " tracker push`"
		}
		c.line("%s %s%s", c.label.Render("hamilton"), text, prefixed(": ", ui.Clean(h.RunURL)))
	}
	if r.OutputDir != "" {
		tables := "tables"
		if len(r.Outputs) == 1 {
			tables = "table"
		}
		c.line("%s %s (%d %s)", c.label.Render("outputs"), ui.Clean(r.OutputDir), len(r.Outputs), tables)
	}
	if r.RunBundleDir != "" { // a recording that was cut off may not tell
		c.line("%s %s", c.label.Render("bundle"), ui.Clean(r.RunBundleDir))
	}
	style := c.bad
	if r.Status == model.RunSucceeded {
		style = c.good
	}
	took := ""
	if r.DurationMS > 0 {
		took = fmt.Sprintf(" in %s", time.Duration(r.DurationMS)*time.Millisecond)
	}
	c.line("%s%s", style.Render(r.Status.String()), took)
}

// failures writes each failure where it began: node, source position, message,
// and what it kept from running; then what is wrong beyond the nodes.
func (c closing) failures(r model.BatchResult) {
	rest := r.Error
	for i, f := range r.Failures {
		rest = strings.TrimPrefix(rest, "node "+f.Node+": "+f.Message)
		if i >= mostFailures {
			if i == mostFailures {
				c.line("%s %d more nodes failed", c.bad.Render("error:"), len(r.Failures)-i)
			}
			continue
		}
		c.line("%s node %s%s", c.bad.Render("error:"), ui.Clean(f.Node), prefixed(" at ", ui.Clean(f.Source)))
		c.indented(f.Message)
		if c.long {
			c.indented(f.Stack)
		}
		if len(f.Blocked) > 0 {
			c.line("  it kept from running: %s", some(f.Blocked))
		}
	}
	rest = strings.TrimSpace(rest)
	switch reason, cancelled := strings.CutPrefix(rest, build.ErrCancelled.Error()+": "); {
	case rest == "":
	case cancelled && !strings.Contains(reason, "\n"):
		c.line("%s %s", c.bad.Render("cancelled:"), ui.Clean(reason))
	default:
		c.line("%s", c.bad.Render("error:"))
		c.indented(rest)
	}
	if !c.long && (len(r.Failures) > 0 || rest != "") && r.RunBundleDir != "" {
		c.line("%s %s", c.label.Render("next:"), c.showCommand(r))
	}
}

// showCommand is the command that tells more about a run.
func (c closing) showCommand(r model.BatchResult) string {
	words := []string{c.app, "runs", "show", r.RunID, quoted(r.RepoRoot)}
	work := filepath.Dir(filepath.Dir(r.RunBundleDir))
	if work != filepath.Join(r.RepoRoot, ".buildscope") {
		words = append(words, "--work-dir", quoted(work))
	}
	return strings.Join(words, " ")
}

// quoted makes a path one word of a shell.
func quoted(path string) string {
	if strings.ContainsAny(path, " \t\n'\"\\$`!*?[](){}<>|&;#~") {
		return "'" + strings.ReplaceAll(path, "'", `'\''`) + "'"
	}
	return path
}

func (c closing) indented(text string) {
	if text == "" {
		return
	}
	for l := range strings.SplitSeq(strings.TrimSpace(ui.CleanLines(text)), "\n") {
		c.line("    %s", l)
	}
}

func (c closing) slowest(r model.BatchResult) {
	nodes := slices.DeleteFunc(slices.Clone(r.Nodes), func(n model.BatchNode) bool {
		return n.DurationNS == 0 || n.State == model.NodeCached
	})
	slices.SortStableFunc(nodes, func(a, b model.BatchNode) int { return int(b.DurationNS - a.DurationNS) })
	if len(nodes) == 0 {
		return
	}
	c.line("%s", c.label.Render("slowest nodes"))
	for _, n := range nodes[:min(len(nodes), mostSlowest)] {
		c.line("  %-30s %9s %10d rows", ui.Clean(n.Name), ui.Duration(time.Duration(n.DurationNS)), n.Rows)
	}
}

// nodeCounts says how many nodes there were and what became of them.
func nodeCounts(nodes []model.BatchNode) string {
	counts := map[model.NodeState]int{}
	for _, n := range nodes {
		counts[n.State]++
	}
	text := fmt.Sprintf("%d", len(nodes))
	sep := ": "
	for _, s := range []struct {
		state model.NodeState
		word  string
	}{
		{model.NodeSucceeded, "ran"}, {model.NodeCached, "from the cache"}, {model.NodeFailed, "failed"}, {model.NodeBlocked, "blocked"},
		{model.NodeCancelled, "cancelled"}, {model.NodeRunning, "running"}, {model.NodePending, "not started"},
	} {
		if counts[s.state] > 0 {
			text += fmt.Sprintf("%s%d %s", sep, counts[s.state], s.word)
			sep = ", "
		}
	}
	return text
}

// some lists names, but not more than can be read.
func some(names []string) string {
	if len(names) <= mostNames {
		return strings.Join(names, ", ")
	}
	return fmt.Sprintf("%s and %d more", strings.Join(names[:mostNames], ", "), len(names)-mostNames)
}

func prefixed(prefix, text string) string {
	if text == "" {
		return ""
	}
	return prefix + text
}
