package cli

import (
	"errors"
	"fmt"
	"path"
	"strings"

	"github.com/spf13/cobra"

	"github.com/buildscope/buildscope/engine/remote/spark"
	"github.com/buildscope/buildscope/model/sqllex"
	"github.com/buildscope/buildscope/pipeline/sqlproject"
	"github.com/buildscope/buildscope/tui/ui"
)

func newLintSQLCmd(g *globals) *cobra.Command {
	return &cobra.Command{
		Use:   "lint-sql [PATH]",
		Short: "Name what of a project's SQL another engine does not know",
		Long: "Looks at the models and tests of the project in PATH and names what Spark SQL does not have and nothing puts into it, one place a line, " +
			"without a server. A model that has a NAME.spark.sql beside it is not looked at. Exits with 1 when something is found. docs/remote.md has what differs in meaning alone.",
		Example:           fmt.Sprintf("%[1]s lint-sql shop", g.app.Name),
		Args:              cobra.MaximumNArgs(1),
		ValidArgsFunction: completeDir,
		RunE: func(_ *cobra.Command, args []string) error {
			dir := g.io.Dir
			if len(args) > 0 {
				dir = g.path(args[0])
			}
			p, err := sqlproject.Open(dir, nil)
			if err != nil {
				return &exitError{ExitFailed, err}
			}
			found, files := 0, 0
			for _, m := range append(p.Models, p.Tests...) {
				if m.Dialects[spark.Dialect] != "" {
					continue
				}
				text := m.Whole()
				findings := spark.Lint(text)
				for _, f := range findings {
					line, column := sqllex.Place(text, f.Offset)
					fmt.Fprintf(g.io.Out, "%s:%d:%d: %s\n", ui.Clean(m.Path), line, column, f.Text)
				}
				if found += len(findings); len(findings) > 0 {
					files++
				}
			}
			if found == 0 {
				return nil
			}
			fmt.Fprintf(g.io.Err, "%s in %s; what cannot be said in both goes into a second text, as in %s\n", ui.Counted(found, "place"), ui.Counted(files, "file"),
				strings.TrimSuffix(path.Base(p.Models[0].Path), ".sql")+".spark.sql")
			return &exitError{ExitFailed, errors.New("the project is not portable as it is")}
		},
	}
}
