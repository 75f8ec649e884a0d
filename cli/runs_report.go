package cli

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"

	"github.com/spf13/cobra"

	"github.com/buildscope/buildscope/build/bundle"
	"github.com/buildscope/buildscope/build/page"
	"github.com/buildscope/buildscope/model/wholefile"
)

// reportFiles are the files of a bundle that tell the run, by the name of the format.
var reportFiles = map[string]string{"html": page.File, "md": "report.md", "json": "report.json"}

func newRunsReportCmd(g *globals) *cobra.Command {
	var format string
	var open bool
	cmd := &cobra.Command{
		Use: "report RUN [PATH]", Short: "Print where the report of a run is, or open it in a browser",
		Long: "Prints the path of a run's report. RUN is an id, a prefix, latest, previous or last-good. The page for browsers, one file that needs no network, " +
			"is made from what the bundle has when it is not there: the process died, or an earlier version made the bundle.",
		Example: "buildscope runs report latest --open\ncp \"$(buildscope runs report latest)\" /tmp/build.html",
		Args:    cobra.RangeArgs(1, 2), ValidArgsFunction: g.completeRun,
		RunE: func(cmd *cobra.Command, args []string) error {
			if reportFiles[format] == "" {
				return &exitError{ExitUsage, fmt.Errorf("flag --format: %q: must be html, md or json", format)}
			}
			res, err := g.resolve(cmd, first(args[1:]))
			if err != nil {
				return err
			}
			b, err := bundle.Find(res.Settings.Build.WorkDir, args[0])
			if err != nil {
				return &exitError{ExitFailed, err}
			}
			path, err := reportPath(cmd.Context(), b, format)
			if err != nil {
				return &exitError{ExitFailed, err}
			}
			if _, err := fmt.Fprintln(g.io.Out, path); err != nil {
				return err
			}
			if open {
				if err := openFile(cmd.Context(), path); err != nil {
					return &exitError{ExitFailed, err}
				}
			}
			return nil
		},
	}
	cmd.Flags().StringVar(&format, "format", "html", "which report: html, md or json")
	cmd.Flags().BoolVar(&open, "open", false, "open it with the program of the desktop, which for html is the browser")
	g.addSettings(cmd)
	// An error would mean that the flag is not there.
	if err := cmd.RegisterFlagCompletionFunc("format", cobra.FixedCompletions([]string{"html", "md", "json"}, cobra.ShellCompDirectiveNoFileComp)); err != nil {
		panic(err)
	}
	return cmd
}

// reportPath is where a report is, after a missing page was made.
func reportPath(ctx context.Context, b *bundle.Bundle, format string) (string, error) {
	path, err := filepath.Abs(filepath.Join(b.Dir, reportFiles[format]))
	if err != nil {
		return "", err
	}
	_, err = os.Stat(path)
	switch {
	case err == nil:
		return path, nil
	case !errors.Is(err, fs.ErrNotExist):
		return "", fmt.Errorf("find the report: %w", err)
	case format != "html":
		return "", fmt.Errorf("run %s left no %s; --format html makes a page of what there is", b.RunID, reportFiles[format])
	}
	f, err := page.Load(ctx, b)
	if err != nil {
		return "", err
	}
	data, err := page.HTML(f)
	if err != nil {
		return "", err
	}
	return path, wholefile.Write(path, data, 0o644)
}

// openFile hands a file to the desktop and does not wait until it is closed.
func openFile(ctx context.Context, path string) error {
	name, args := "xdg-open", []string{path}
	switch runtime.GOOS {
	case "darwin":
		name = "open"
	case "windows":
		name, args = "rundll32", []string{"url.dll,FileProtocolHandler", path}
	}
	if out, err := exec.CommandContext(ctx, name, args...).CombinedOutput(); err != nil {
		return fmt.Errorf("open %s with %s: %w %s", path, name, err, out)
	}
	return nil
}
