package cli

import (
	"errors"

	"github.com/spf13/cobra"
)

func newRunsExportCmd(g *globals) *cobra.Command {
	cmd := &cobra.Command{
		Use: "export RUN [PATH]", Short: "Write a run's bundle to standard output, as an archive",
		Long: "Writes all files of a run's bundle as a tar archive, compressed with zstd, to standard output. RUN is an id, a prefix, latest, previous or last-good. " +
			"Unpacked into the folder runs of another work directory, it is a run of that one. The outputs of the run are not in it.",
		Example: "buildscope runs export latest > run.tar.zst\nssh -p 2222 buildhost -- runs export latest | tar --zstd -x -C .buildscope/runs",
		Args:    cobra.RangeArgs(1, 2), ValidArgsFunction: g.completeRun,
		RunE: func(cmd *cobra.Command, args []string) error {
			if g.io.OutTerminal {
				return &exitError{ExitUsage, errors.New("an archive is nothing for a terminal; write it to a file, as in `runs export latest > run.tar.zst`")}
			}
			res, err := g.resolve(cmd, first(args[1:]))
			if err != nil {
				return err
			}
			b, err := g.findRun(res.Settings.Build.WorkDir, args[0])
			if err == nil {
				err = b.Export(cmd.Context(), g.io.Out)
			}
			if err != nil {
				return &exitError{ExitFailed, err}
			}
			return nil
		},
	}
	g.addSettings(cmd)
	return cmd
}
