package cli

import (
	"slices"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/buildscope/buildscope/build/bundle"
	"github.com/buildscope/buildscope/presets"
)

// directories are the settings whose value is a folder.
var directories = []string{"build.repo_root", "build.output_dir", "build.work_dir", "engine.temp_directory"}

// completeFlags tells the shells what the value of each flag may be.
func (g *globals) completeFlags(root *cobra.Command) {
	// An error would mean that a flag is not there, or is registered twice.
	register := func(cmd *cobra.Command, name string, f cobra.CompletionFunc) {
		if err := cmd.RegisterFlagCompletionFunc(name, f); err != nil {
			panic(err)
		}
	}
	forms := make([]string, 0, len(presets.Forms()))
	for _, f := range presets.Forms() {
		forms = append(forms, string(f))
	}
	register(root, "config", func(*cobra.Command, []string, string) ([]string, cobra.ShellCompDirective) {
		return []string{"toml"}, cobra.ShellCompDirectiveFilterFileExt
	})
	settings := settingFlags()
	var visit func(*cobra.Command)
	visit = func(cmd *cobra.Command) {
		cmd.Flags().VisitAll(func(f *pflag.Flag) {
			s, ok := settings[f.Name]
			switch {
			case f.Name == "as":
				register(cmd, f.Name, cobra.FixedCompletions(forms, cobra.ShellCompDirectiveNoFileComp))
			case !ok:
			case s.Name() == presets.ProfileKey:
				register(cmd, f.Name, g.completeProfiles)
			case s.Name() == presets.ThemeKey:
				register(cmd, f.Name, g.completeThemes)
			default:
				register(cmd, f.Name, settingValues(s))
			}
		})
		for _, c := range cmd.Commands() {
			visit(c)
		}
	}
	visit(root)
}

// settingValues completes the value of one setting.
func settingValues(s presets.Setting) cobra.CompletionFunc {
	return func(_ *cobra.Command, _ []string, typed string) ([]string, cobra.ShellCompDirective) {
		switch {
		case slices.Contains(directories, s.Name()):
			return nil, cobra.ShellCompDirectiveFilterDirs
		case s.Kind == presets.Path:
			return nil, cobra.ShellCompDirectiveDefault
		case s.Kind == presets.Bool:
			return []string{"true", "false"}, cobra.ShellCompDirectiveNoFileComp
		case s.Kind == presets.List:
			// The items before the last comma stay.
			head := typed[:strings.LastIndex(typed, ",")+1]
			var out []string
			for _, item := range s.Allowed {
				if !slices.Contains(strings.Split(head, ","), item) {
					out = append(out, head+item)
				}
			}
			return out, cobra.ShellCompDirectiveNoFileComp | cobra.ShellCompDirectiveNoSpace
		}
		return s.Allowed, cobra.ShellCompDirectiveNoFileComp
	}
}

// completeProfiles offers the profiles, the user's own included.
func (g *globals) completeProfiles(cmd *cobra.Command, args []string, _ string) ([]string, cobra.ShellCompDirective) {
	res, err := presets.Resolve(presets.Input{Env: g.io.Env, ConfigFile: g.config, Dir: g.io.Dir})
	if err != nil {
		return nil, cobra.ShellCompDirectiveError
	}
	return res.ProfileNames(), cobra.ShellCompDirectiveNoFileComp
}

// completeThemes offers the themes by name, the user's own included; files are offered
// by the shell.
func (g *globals) completeThemes(*cobra.Command, []string, string) ([]string, cobra.ShellCompDirective) {
	return readThemes(g.io.Env).names(), cobra.ShellCompDirectiveDefault
}

// completeRun offers the ids of the runs in the work directory, newest first.
func (g *globals) completeRun(cmd *cobra.Command, args []string, _ string) ([]string, cobra.ShellCompDirective) {
	if len(args) > 0 {
		return nil, cobra.ShellCompDirectiveFilterDirs // where the repository is
	}
	res, err := g.resolve(cmd, "")
	if err != nil {
		return nil, cobra.ShellCompDirectiveError
	}
	runs, _ := bundle.List(res.Settings.Build.WorkDir) // those that open
	out := []string{cobra.CompletionWithDesc("latest", "the newest run")}
	for _, r := range runs {
		out = append(out, cobra.CompletionWithDesc(r.RunID, r.Status.String()+", profile "+r.Profile))
	}
	return out, cobra.ShellCompDirectiveNoFileComp | cobra.ShellCompDirectiveKeepOrder
}

// completeKeys offers the names of settings and sections.
func completeKeys(_ *cobra.Command, args []string, _ string) ([]string, cobra.ShellCompDirective) {
	var out []string
	for _, s := range presets.Sections() {
		if s != "" {
			out = append(out, cobra.CompletionWithDesc(s, "section"))
		}
	}
	for _, s := range presets.Table() {
		if !slices.Contains(args, s.Name()) {
			out = append(out, cobra.CompletionWithDesc(s.Name(), s.Short))
		}
	}
	return out, cobra.ShellCompDirectiveNoFileComp
}

// completeDir offers folders for the one argument of a command.
func completeDir(_ *cobra.Command, args []string, _ string) ([]string, cobra.ShellCompDirective) {
	if len(args) > 0 {
		return nil, cobra.ShellCompDirectiveNoFileComp
	}
	return nil, cobra.ShellCompDirectiveFilterDirs
}
