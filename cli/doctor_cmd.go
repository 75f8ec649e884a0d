package cli

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/aymanbagabas/go-udiff"
	"github.com/spf13/cobra"

	"github.com/buildscope/buildscope/otel/doctor"
	"github.com/buildscope/buildscope/presets"
	"github.com/buildscope/buildscope/tui/ui"
)

// examination is one call of the doctor.
type examination struct {
	json, strict, fix, yes bool
	request                string // --request-size
}

func newDoctorCmd(g *globals) *cobra.Command {
	var e examination
	cmd := &cobra.Command{
		Use:   "doctor [PATH]",
		Short: "Find out why telemetry does not arrive, and which setting would help",
		Long: `Check settings, environment, disks, earlier runs and every collector that telemetry is sent to.

Nothing but empty export requests is sent. Exit code 0: nothing was found, 1: something was (warnings alone only with --strict), 2: the settings cannot be used.`,
		Example: `  buildscope doctor
  buildscope doctor --otel-endpoint http://localhost:4317 --json
  buildscope doctor --fix`,
		Args: cobra.MaximumNArgs(1), ValidArgsFunction: completeDir,
		RunE: func(cmd *cobra.Command, args []string) error { return g.examine(cmd, first(args), e) },
	}
	g.addSettings(cmd)
	cmd.Flags().BoolVar(&e.json, "json", false, "print every finding as JSON, also of what is fine or was skipped")
	cmd.Flags().BoolVar(&e.strict, "strict", false, "exit with 1 for warnings too")
	cmd.Flags().BoolVar(&e.fix, "fix", false, "show how the settings file would change, write it after a yes, and check again")
	cmd.Flags().BoolVar(&e.yes, "yes", false, "with --fix: write without asking")
	cmd.Flags().StringVar(&e.request, "request-size", "0", "also send one request of this size for each signal, such as 5M, without any data in it, to see whether it is taken")
	return cmd
}

// pastRuns is how many earlier runs are looked at.
const pastRuns = 10

func (g *globals) examine(cmd *cobra.Command, repo string, e examination) error {
	size, err := presets.ParseCapacity(e.request)
	switch {
	case err != nil:
		return fmt.Errorf("--request-size: %w", err)
	case size > 1<<30:
		return errors.New("--request-size: must be at most 1G")
	case e.yes && !e.fix:
		return errors.New("--yes needs --fix")
	}
	find := func() ([]doctor.Finding, int, error) {
		res, err := g.resolve(cmd, repo)
		var faults *presets.Errors
		if errors.As(err, &faults) {
			return doctor.Faults(err), ExitUsage, nil
		}
		if err != nil {
			return nil, 0, err
		}
		list := doctor.Check(cmd.Context(), doctor.Options{Resolved: res, Env: g.io.Env, RequestBytes: int(size), Projects: hamiltonProjects(res),
			Runs: g.pastRuns(res.Settings.Build.WorkDir)})
		return list, found(list, e.strict), nil
	}
	list, code, err := find()
	if err != nil {
		return err
	}
	if cmd.Context().Err() != nil {
		return &exitError{ExitCancelled, context.Cause(cmd.Context())}
	}
	if !e.json {
		if err := printFindings(g.io.Out, list, code == ExitUsage); err != nil {
			return err
		}
	}
	if e.fix {
		written, err := g.fix(list, e)
		if err != nil {
			return err
		}
		if written {
			if list, code, err = find(); err != nil {
				return err
			}
			if !e.json {
				fmt.Fprintln(g.io.Out, "\nafter the change:")
				if err := printFindings(g.io.Out, list, code == ExitUsage); err != nil {
					return err
				}
			}
		}
	}
	if e.json {
		if err := g.writeFindings(list); err != nil {
			return err
		}
	}
	g.code = code // all is told
	return nil
}

// found is the exit code of findings.
func found(list []doctor.Finding, strict bool) int {
	if slices.ContainsFunc(list, func(f doctor.Finding) bool {
		return f.Severity == doctor.Fail || strict && f.Severity == doctor.Warn
	}) {
		return ExitFailed
	}
	return ExitOK
}

// fix shows how the settings file would change and writes it after a yes.
func (g *globals) fix(list []doctor.Finding, e examination) (written bool, err error) {
	edits := map[string]string{}
	for _, f := range list {
		if _, taken := edits[f.Key]; f.Problem() && f.Fix != nil && f.Fix.File != "" && !taken {
			edits[f.Key] = f.Fix.Value
		}
	}
	talk := g.io.Out
	if e.json {
		talk = g.io.Err
	}
	if len(edits) == 0 {
		fmt.Fprintln(talk, "there is nothing that the settings file could fix")
		return false, nil
	}
	path := g.config
	if path == "" {
		if path = presets.FindFile(g.io.Dir); path == "" {
			path = filepath.Join(g.io.Dir, presets.FileName)
		}
	}
	old, err := os.ReadFile(path)
	if err != nil && !errors.Is(err, os.ErrNotExist) {
		return false, fmt.Errorf("fix the settings: %w", err)
	}
	text, err := presets.Edit(string(old), edits)
	if err != nil {
		return false, fmt.Errorf("fix %s: %w", path, err)
	}
	// No lines around the changes: they may hold secrets.
	diff, err := udiff.ToUnified(path, path, string(old), udiff.Lines(string(old), text), 0)
	if err != nil {
		return false, fmt.Errorf("fix %s: %w", path, err)
	}
	fmt.Fprintf(talk, "\n%s", diff)
	if !e.yes {
		fmt.Fprintf(g.io.Err, "write %s? [y/N] ", path)
		answer, err := bufio.NewReader(g.io.In).ReadString('\n')
		if err != nil && !errors.Is(err, io.EOF) {
			return false, fmt.Errorf("read the answer: %w", err)
		}
		if answer = strings.ToLower(strings.TrimSpace(answer)); answer != "y" && answer != "yes" {
			fmt.Fprintln(g.io.Err, "nothing was written")
			return false, nil
		}
	}
	if err := presets.Save(path, edits); err != nil {
		return false, err
	}
	fmt.Fprintf(talk, "wrote %s\n", path)
	return true, nil
}

// writeFindings prints JSON.
func (g *globals) writeFindings(list []doctor.Finding) error {
	counts := map[doctor.Severity]int{doctor.Fail: 0, doctor.Warn: 0, doctor.OK: 0, doctor.Skipped: 0}
	for _, f := range list {
		counts[f.Severity]++
	}
	return g.printJSON(struct {
		Counts   map[doctor.Severity]int `json:"counts"`
		Findings []doctor.Finding        `json:"findings"`
	}{counts, list})
}

// printFindings prints what there is to do, then in few lines what is fine and
// what was not checked. refused says that the settings could not be used.
func printFindings(out io.Writer, list []doctor.Finding, refused bool) error {
	w := bufio.NewWriter(out)
	fails, warns := 0, 0
	for _, f := range list {
		switch f.Severity {
		case doctor.Fail:
			fails++
		case doctor.Warn:
			warns++
		default:
			continue
		}
		fmt.Fprintln(w, f.Text())
		printFix(w, f.Fix)
	}
	if fails+warns > 0 {
		fmt.Fprintln(w)
	}
	fmt.Fprintf(w, "%s, %s", ui.Counted(fails, "failure"), ui.Counted(warns, "warning"))
	if refused {
		fmt.Fprintln(w, "; nothing else can be checked until the settings can be used")
		return w.Flush()
	}
	fine, skipped := settled(list)
	fmt.Fprintf(w, "; %s fine\n", ui.Counted(len(fine), "check"))
	for _, reason := range skipped {
		fmt.Fprintf(w, "not checked: %s\n", reason)
	}
	return w.Flush()
}

// printFix prints the forms of a fix, each ready to be copied.
func printFix(w io.Writer, fix *doctor.Fix) {
	for _, form := range fix.Forms() {
		fmt.Fprintf(w, "     %-5s %s\n", form[0], strings.ReplaceAll(form[1], "\n", "\n           "))
	}
}

// settled lists the checks without a problem that were made for some signal, and
// those that were made for none, by reason.
func settled(list []doctor.Finding) (fine, skipped []string) {
	problem, ok, reasons := map[string]bool{}, map[string]bool{}, map[string][]string{}
	for _, f := range list {
		problem[f.ID] = problem[f.ID] || f.Problem()
		ok[f.ID] = ok[f.ID] || f.Severity == doctor.OK
	}
	var order []string
	for _, f := range list {
		switch {
		case problem[f.ID]:
		case ok[f.ID]:
			if !slices.Contains(fine, f.ID) {
				fine = append(fine, f.ID)
			}
		default:
			if !slices.Contains(order, f.Means) {
				order = append(order, f.Means)
			}
			if !slices.Contains(reasons[f.Means], f.ID) {
				reasons[f.Means] = append(reasons[f.Means], f.ID)
			}
		}
	}
	for _, reason := range order {
		skipped = append(skipped, strings.Join(reasons[reason], " ")+": "+reason)
	}
	return fine, skipped
}
