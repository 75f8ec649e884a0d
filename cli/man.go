package cli

import (
	"fmt"
	"strconv"
	"strings"

	mango "github.com/muesli/mango-cobra"
	"github.com/muesli/roff"
	"github.com/spf13/cobra"

	"github.com/buildscope/buildscope/presets"
)

func newManCmd(g *globals) *cobra.Command {
	return &cobra.Command{
		Use:     "man",
		Short:   "Print the manual page",
		Example: fmt.Sprintf("%[1]s man | man -l -", g.app.Name),
		Args:    cobra.NoArgs,
		RunE: func(*cobra.Command, []string) error {
			text, err := manPage(g)
			if err != nil {
				return &exitError{ExitFailed, fmt.Errorf("make the manual page: %w", err)}
			}
			_, err = fmt.Fprint(g.io.Out, text)
			return err
		},
	}
}

// manPage has every command with its own flags, and the settings once, in
// sections of their own: six commands share them.
func manPage(g *globals) (string, error) {
	root := newRoot(&globals{app: g.app, io: g.io, bare: true})
	root.Long = strings.ToUpper(g.app.Short[:1]) + g.app.Short[1:] + ". The commands build, tui, config and runs take the settings below as flags."
	page, err := mango.NewManPage(1, root)
	if err != nil {
		return "", err
	}
	for _, section := range presets.Sections() {
		title := "Settings: " + section
		if section == "" {
			title = "Settings"
		}
		text := presets.SectionDoc(section) + "\n\n"
		for _, s := range presets.Table() {
			if s.Section == section {
				text += flagText(s, 78)
			}
		}
		page = page.WithSection(title, strings.TrimSpace(text))
	}
	page = page.WithSection("Exit status", "0 built; 1 the build failed; 2 bad usage or settings; 3 built, but telemetry was lost and --strict-telemetry was given; 130 cancelled.")
	// mango centres the description in the page's head, where there is room for
	// two words.
	return strings.Replace(page.Build(roff.NewDocument()), strconv.Quote(g.app.Short), strconv.Quote(g.app.Name+" manual"), 1), nil
}
