package cli

import (
	"fmt"
	"path/filepath"
	"strings"

	"github.com/spf13/cobra"

	"github.com/buildscope/buildscope/build"
)

// addRecord adds --record to a command that builds.
func (g *globals) addRecord(cmd *cobra.Command) {
	cmd.Flags().StringVar(&g.record, "record", "", "new file that takes a recording of the run, for replay; further builds of one screen get FILE-2, FILE-3 …")
}

// nextRecord is the file for the recording of the build that starts now, "" for
// none. It is called for one build at a time.
func (g *globals) nextRecord() string {
	if g.record == "" {
		return ""
	}
	path := g.record
	if g.recorded++; g.recorded > 1 {
		ext := filepath.Ext(path)
		path = fmt.Sprintf("%s-%d%s", strings.TrimSuffix(path, ext), g.recorded, ext)
	}
	return g.path(path)
}

// tellUnrecorded says that a recording is not whole.
func (g *globals) tellUnrecorded(run viewed) {
	if b, ok := run.(*build.Run); ok && b.Unrecorded() > 0 {
		fmt.Fprintf(g.io.Err, "the recording lacks %d changes that came too fast for the disk, or for which it had no room; its replay counts them as not kept\n", b.Unrecorded())
	}
}
