package cli

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"slices"
	"time"

	"github.com/anmitsu/go-shlex"
	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/buildscope/buildscope/build"
	"github.com/buildscope/buildscope/model"
	"github.com/buildscope/buildscope/presets"
	"github.com/buildscope/buildscope/tui/sshd"
)

// visit is somebody who runs a command over SSH.
type visit struct {
	hosted *hosted
	member *member
}

// visitFlags are the flags beside those of settings that commands have over SSH, by
// the command's path. What writes files of the server or opens them on its desktop is
// not among them, nor is anything that is not known here.
var visitFlags = map[string][]string{
	"build":         {"batch", "json", "strict-telemetry"},
	"runs list":     {"json"},
	"runs show":     {"json"},
	"runs diff":     {"json", "fail-slower", "fail-rows", "artifact", "ignore-ids"},
	"runs export":   {},
	"runs prune":    {"json", "keep", "older-than", "dry-run"},
	"query":         {"format", "limit", "query-timeout", "tables"},
	"capture diff":  {"json", "table", "fail-drift"},
	"capture merge": {"json", "table"},
	"config show":   {"json", "with-sources", "as"},
}

// operatorCommands are for operators only.
var operatorCommands = []string{"build", "runs prune", "config show"}

// command runs a command of somebody, with the streams of the session.
func (h *hosted) command(ctx context.Context, s *sshd.Session) int {
	args, err := shlex.Split(s.Command, true)
	if err != nil {
		fmt.Fprintf(s.Err, "buildscope: %q: %v\n", s.Command, err)
		return ExitUsage
	}
	if len(args) > 0 && args[0] == "tui" {
		return h.screen(ctx, s, args[1:])
	}
	g := h.visited(s, &member{hub: h.hub, person: s.Person, since: time.Now()})
	g.io.Args = args
	return g.execute(ctx, newVisitRoot(g))
}

// visited is the program as somebody has it over SSH.
func (h *hosted) visited(s *sshd.Session, m *member) *globals {
	return &globals{app: h.g.app, variables: h.g.variables, visit: &visit{hosted: h, member: m},
		again: make(chan struct{}), // nothing leaves a build that runs: it is the server's
		io: Streams{In: s.In, Out: s.Out, Err: s.Err, Env: h.g.io.Env, Dir: h.base.Settings.Build.RepoRoot,
			OutTerminal: s.Terminal != ""}}
}

// newVisitRoot has the commands that there are over SSH.
func newVisitRoot(g *globals) *cobra.Command {
	root := &cobra.Command{Use: g.app.Name, Short: "Commands of this server; without one, at a terminal, its screen opens"}
	root.CompletionOptions.DisableDefaultCmd = true
	runs := parent(&cobra.Command{Use: "runs", Short: "List, show, compare, export and remove earlier runs"},
		newRunsListCmd(g), newRunsShowCmd(g), newRunsDiffCmd(g), newRunsExportCmd(g), newRunsPruneCmd(g))
	capture := parent(&cobra.Command{Use: "capture", Short: "Compare what was captured of columns"}, newCaptureDiffCmd(g), newCaptureMergeCmd(g))
	config := parent(&cobra.Command{Use: "config", Short: "The settings of this server"}, newConfigShowCmd(g))
	root.AddCommand(newBuildCmd(g), runs, newQueryCmd(g), capture, config)
	guardVisit(g, root, "")
	g.keepErrors(root)
	return root
}

// guardVisit lets each command check who runs it and with which flags, before it does
// anything.
func guardVisit(g *globals, cmd *cobra.Command, path string) {
	if run := cmd.RunE; run != nil && !cmd.HasSubCommands() {
		cmd.RunE = func(cmd *cobra.Command, args []string) error {
			if slices.Contains(operatorCommands, path) && !g.visit.member.person.Operator {
				return fmt.Errorf("%s is for operators, and %s may only watch", path, g.visit.member.person.Name)
			}
			settings, err := settingFlags(), error(nil)
			cmd.Flags().Visit(func(f *pflag.Flag) {
				if _, ok := settings[f.Name]; !ok && !slices.Contains(visitFlags[path], f.Name) && f.Name != "help" {
					err = errors.Join(err, fmt.Errorf("--%s is not available over SSH", f.Name))
				}
			})
			if err != nil {
				return err
			}
			return run(cmd, args)
		}
	}
	for _, sub := range cmd.Commands() {
		name := sub.Name()
		if path != "" {
			name = path + " " + name
		}
		guardVisit(g, sub, name)
	}
}

// ssh are the settings of the server.
func (v *visit) ssh() model.SSHSettings { return v.hosted.base.Settings.SSH }

// resolve puts somebody's flags on top of the settings of the server.
func (v *visit) resolve(flags []presets.FlagValue, repo string) (*presets.Resolved, error) {
	if repo != "" {
		if !filepath.IsAbs(repo) {
			repo = filepath.Join(v.hosted.base.Settings.Build.RepoRoot, repo)
		}
		flags = append(flags, presets.FlagValue{Name: "repo-root", Text: repo})
	}
	res, err := v.hosted.base.WithFlags(flags)
	if err != nil {
		return nil, err
	}
	return res, v.hosted.access.allow(res)
}

// launch starts a build that belongs to the server.
func (v *visit) launch(ctx context.Context, res *presets.Resolved) (*build.Run, error) {
	r, err := v.member.launch(ctx, res)
	if err != nil {
		return nil, err
	}
	return r.run, nil
}

// bound keeps a query within the limits of the server.
func (v *visit) bound(o queryOptions) queryOptions {
	s := v.ssh()
	o.timeout = min(cmp.Or(o.timeout, s.QueryTimeout), s.QueryTimeout)
	o.limit = min(cmp.Or(o.limit, s.QueryRows), s.QueryRows)
	return o
}
