package cli

import (
	"fmt"
	"path/filepath"

	"github.com/spf13/cobra"

	"github.com/buildscope/buildscope/pipeline/sqlproject"
)

func newInitSQLCmd(g *globals) *cobra.Command {
	return &cobra.Command{
		Use:   "init-sql DIR",
		Short: "Write a small project of SQL models that builds",
		Long: "Write an example project into DIR: sources of CSV and JSON, a seed, three models and tests of the data. DIR is made when it is not there; " +
			"a file that is there is never touched.",
		Example:           fmt.Sprintf("%[1]s init-sql shop && %[1]s build shop", g.app.Name),
		Args:              cobra.ExactArgs(1),
		ValidArgsFunction: completeDir,
		RunE: func(_ *cobra.Command, args []string) error {
			files, err := sqlproject.WriteExample(g.path(args[0]))
			if err != nil {
				return &exitError{ExitFailed, err}
			}
			for _, f := range files {
				fmt.Fprintln(g.io.Out, filepath.Join(args[0], filepath.FromSlash(f)))
			}
			fmt.Fprintf(g.io.Err, "build it with: %s build %s\n", g.app.Name, args[0])
			return nil
		},
	}
}
