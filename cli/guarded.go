package cli

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"golang.org/x/term"

	"github.com/buildscope/buildscope/build/bundle"
	"github.com/buildscope/buildscope/cli/guard"
	"github.com/buildscope/buildscope/model"
	"github.com/buildscope/buildscope/model/wholefile"
	"github.com/buildscope/buildscope/tui"
	"github.com/buildscope/buildscope/tui/ui"
)

// crashFile is the file of a bundle with the last words of a process that died.
const crashFile = "crash.txt"

// underGuard runs a program that will take the terminal as the child of a guard;
// over is true in the parent, when that is done. In the child it takes over what
// the parent has left.
func (g *globals) underGuard() (code int, over bool) {
	in, isIn := g.io.In.(*os.File)
	out, isOut := g.io.Out.(*os.File)
	if !isIn || !isOut || in != os.Stdin || out != os.Stdout {
		return 0, false // streams of somebody else's: a test, a session
	}
	if g.guard = guard.Inherit(); g.guard != nil {
		delete(g.io.Env, guard.Variable)
		return 0, false
	}
	if !g.screenable() || !wantsScreen(g.io.Args) || g.io.Env[guard.Variable] == guard.Off {
		return 0, false
	}
	code, death, ok := guard.Watch(in, out)
	if death != nil {
		g.tellDeath(*death)
	}
	return code, ok
}

// wantsScreen reports whether arguments may lead to the screen. It is asked before
// they are parsed, and says yes in doubt: a guard is only one more process then.
func wantsScreen(args []string) bool {
	headless := func(arg string) bool {
		return slices.Contains([]string{"--batch", "--json", "--help", "-h"}, arg)
	}
	screens := func(arg string) bool { return slices.Contains([]string{"build", "tui", "attach", "replay"}, arg) }
	return slices.ContainsFunc(args, screens) && !slices.ContainsFunc(args, headless)
}

// show shows the screen, which the guard has to know of. What was written on stderr
// meanwhile follows when the screen is gone.
func (g *globals) show(ctx context.Context, o tui.Options) (tui.Result, error) {
	if err := g.guard.Screen(); err != nil {
		return tui.Result{Run: o.Run}, err
	}
	shown, err := tui.Show(ctx, o)
	words, plainErr := g.guard.Plain()
	fmt.Fprint(g.io.Err, ui.CleanLines(words))
	return shown, errors.Join(err, plainErr)
}

// tellDeath says in one paragraph what died, what it was doing, and what is left.
func (g *globals) tellDeath(d guard.Death) {
	b, err := openDead(d.Bundle)
	if b == nil { // there is no bundle to put them in
		fmt.Fprint(g.io.Err, ui.CleanLines(d.Words))
	} else if d.Words != "" {
		words := bundleKeys(b.Dir).Text(d.Words)
		err = errors.Join(err, wholefile.Write(filepath.Join(b.Dir, crashFile), []byte(words), 0o644))
		d.Words = words
	}
	text := deathText(d, b, time.Now())
	if err != nil {
		text += " (" + err.Error() + ")"
	}
	c := g.closing(g.io.Err)
	width, _, err := term.GetSize(int(os.Stdout.Fd()))
	if err != nil || width <= 0 {
		width = 80
	}
	lines := strings.Join(ui.Wrap(g.app.Name+": "+ui.Clean(text), min(width, 100)), "\n")
	c.line("%s", strings.Replace(lines, g.app.Name+":", c.bad.Render(g.app.Name+":"), 1))
}

// openDead opens the bundle of the run that was on the screen; nil without one.
func openDead(dir string) (*bundle.Bundle, error) {
	if dir == "" {
		return nil, nil
	}
	return bundle.Open(dir)
}

// bundleKeys hides in texts what the settings of a bundle's run hide.
func bundleKeys(dir string) *model.Redactor {
	var values []model.Value
	data, err := os.ReadFile(filepath.Join(dir, "settings.json"))
	if err == nil {
		err = json.Unmarshal(data, &values)
	}
	for _, v := range values {
		if v.Key == "diagnostics.redact_keys" && err == nil {
			return model.NewRedactor(strings.Split(v.Text, ","))
		}
	}
	return model.NewRedactor([]string{"*"}) // not known: rather too much
}

// deathText is the paragraph about a death.
func deathText(d guard.Death, b *bundle.Bundle, now time.Time) string {
	var s strings.Builder
	fmt.Fprintf(&s, "the program died of %s", d.Signal)
	switch d.Signal {
	case "":
		s.Reset()
		s.WriteString("the program died of a fatal error")
	case "SIGKILL":
		s.WriteString(": somebody killed it, or the kernel did because memory ran out")
	}
	if d.MaxMemory > 0 {
		fmt.Fprintf(&s, " (it used up to %s)", ui.Bytes(d.MaxMemory))
	}
	if first := firstWords(d.Words); first != "" {
		fmt.Fprintf(&s, ", saying %q", first)
	}
	s.WriteString(".")
	if b == nil {
		return s.String() + " No build was started; the terminal is as it was before."
	}
	if b.Status != model.RunIncomplete {
		fmt.Fprintf(&s, " No build was running: run %s %s before that, and its bundle %s is whole.", b.RunID, b.Status, b.Dir)
		return s.String() + " The terminal is as it was before."
	}
	running, ended, err := b.Doing()
	if err != nil {
		fmt.Fprintf(&s, " What it was doing cannot be read: %v.", err)
	}
	at := ""
	if !b.Started.IsZero() {
		at = " had run for " + ui.Duration(now.Sub(b.Started)) + " and"
	}
	fmt.Fprintf(&s, " Run %s%s was through with %d of its nodes", b.RunID, at, ended)
	for i, r := range running {
		if i == mostNames {
			fmt.Fprintf(&s, ", and %d more", len(running)-i)
			break
		}
		s.WriteString([]string{"; it was at the node ", ", "}[min(i, 1)])
		s.WriteString(r.Node)
		if r.Source != "" {
			fmt.Fprintf(&s, " (%s)", r.Source)
		}
		if r.SQL != "" {
			fmt.Fprintf(&s, " with the query %q", statement(r.SQL))
		}
	}
	fmt.Fprintf(&s, ". The terminal is as it was before, and so are the outputs of earlier builds. The bundle %s opens as far as the run got", b.Dir)
	if d.Words != "" {
		fmt.Fprintf(&s, ", with the last words of the program in %s", crashFile)
	}
	return s.String() + "."
}

// statement is the beginning of a query in one line, without the comment above it.
func statement(sql string) string {
	var lines []string
	for line := range strings.Lines(sql) {
		if line = strings.TrimSpace(line); !strings.HasPrefix(line, "--") {
			lines = append(lines, line)
		}
	}
	text := strings.Join(strings.Fields(ui.Clean(strings.Join(lines, " "))), " ")
	return ui.Fit(text, min(ui.Width(text), 120))
}

// firstWords is the line in which a program says why it dies: that of C++ or of the
// Go runtime where there is one, else the first. What only repeats the signal is "".
func firstWords(words string) string {
	first := ""
	for line := range strings.Lines(words) {
		line = strings.TrimSpace(ui.Clean(line))
		why := false
		for _, begin := range []string{"terminate called", "panic: ", "fatal error: "} {
			why = why || strings.HasPrefix(line, begin)
		}
		if why || first == "" {
			first = line
		}
		if why || strings.HasPrefix(line, "SIG") {
			break // stacks follow
		}
	}
	if strings.HasPrefix(first, "SIG") {
		return ""
	}
	return ui.Fit(first, min(ui.Width(first), 200))
}
