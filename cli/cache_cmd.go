package cli

import (
	"errors"
	"fmt"
	"os"
	"text/tabwriter"
	"time"

	"github.com/spf13/cobra"

	"github.com/buildscope/buildscope/build"
	"github.com/buildscope/buildscope/build/bundle"
	"github.com/buildscope/buildscope/engine/objects"
	"github.com/buildscope/buildscope/model"
	"github.com/buildscope/buildscope/model/human"
	"github.com/buildscope/buildscope/otel/why"
	"github.com/buildscope/buildscope/presets"
	"github.com/buildscope/buildscope/tui/ui"
)

func newCacheCmd(g *globals) *cobra.Command {
	return parent(&cobra.Command{Use: "cache", Short: "See what the engine's caches did, which limits would help, and clear what is kept"},
		newCacheShowCmd(g), newCacheAdviseCmd(g), newCacheClearCmd(g))
}

func newCacheShowCmd(g *globals) *cobra.Command {
	var asJSON, tables bool
	cmd := &cobra.Command{
		Use: "show [RUN] [PATH]", Short: "Print what the caches of a run did, and what is kept for the next one; RUN is latest unless given",
		Args: cobra.MaximumNArgs(2), ValidArgsFunction: g.completeRun,
		RunE: func(cmd *cobra.Command, args []string) error {
			return g.withCaches(cmd, args, func(b *bundle.Bundle, p model.CacheStatePayload, workDir string) error {
				if asJSON {
					return g.printJSON(p)
				}
				g.printCaches(b, p, tables)
				g.printKept(workDir)
				return nil
			})
		},
	}
	cmd.Flags().BoolVar(&asJSON, "json", false, "print the payload of datafusion_cache_state_v1")
	cmd.Flags().BoolVar(&tables, "tables", false, "print the part of each table too")
	g.addSettings(cmd)
	return cmd
}

func newCacheAdviseCmd(g *globals) *cobra.Command {
	cmd := &cobra.Command{
		Use: "advise [RUN] [PATH]", Short: "Print which limits the caches of a run should have had, with the flags; RUN is latest unless given",
		Args: cobra.MaximumNArgs(2), ValidArgsFunction: g.completeRun,
		RunE: func(cmd *cobra.Command, args []string) error {
			return g.withCaches(cmd, args, func(_ *bundle.Bundle, p model.CacheStatePayload, _ string) error {
				for _, a := range p.Last() {
					g.advise(a)
				}
				return nil
			})
		},
	}
	g.addSettings(cmd)
	return cmd
}

func newCacheClearCmd(g *globals) *cobra.Command {
	cmd := &cobra.Command{
		Use: "clear [PATH]", Short: "Remove the statistics and fetched objects that are kept for the next run",
		Args: cobra.MaximumNArgs(1), ValidArgsFunction: completeDir,
		RunE: func(cmd *cobra.Command, args []string) error {
			res, err := g.resolve(cmd, first(args))
			if err != nil {
				return err
			}
			cleared, err := build.ClearKept(res.Settings.Build)
			for _, path := range cleared {
				fmt.Fprintf(g.io.Err, "removed %s\n", ui.Clean(path))
			}
			switch {
			case err != nil:
				return &exitError{ExitFailed, fmt.Errorf("clear what is kept: %w", err)}
			case len(cleared) == 0:
				fmt.Fprintf(g.io.Err, "nothing to clear: nothing is kept in %s\n", ui.Clean(res.Settings.Build.WorkDir))
			}
			return nil
		},
	}
	g.addSettings(cmd)
	return cmd
}

// withCaches hands on the account of the caches of a run.
func (g *globals) withCaches(cmd *cobra.Command, args []string, use func(*bundle.Bundle, model.CacheStatePayload, string) error) error {
	ref, path := "latest", ""
	if len(args) > 0 {
		ref, path = args[0], first(args[1:])
	}
	res, err := g.resolve(cmd, path)
	if err != nil {
		return err
	}
	b, err := bundle.Find(res.Settings.Build.WorkDir, ref)
	if err != nil {
		return &exitError{ExitFailed, err}
	}
	var p model.CacheStatePayload
	err = b.Payload(model.ArtifactCacheState, &p)
	if errors.Is(err, os.ErrNotExist) {
		err = fmt.Errorf("run %s left no account of its caches: it did not begin, or an earlier version made it", b.RunID)
	}
	if err == nil {
		err = use(b, p, res.Settings.Build.WorkDir)
	}
	if err != nil {
		return &exitError{ExitFailed, err}
	}
	return nil
}

func (g *globals) printCaches(b *bundle.Bundle, p model.CacheStatePayload, tables bool) {
	moment := "no moment is known"
	if n := len(p.Moments); n > 0 {
		last := p.Moments[n-1]
		if moment = "at the " + last.Moment; last.Moment == "now" {
			moment = b.Status.String() + ", at " + last.Time.Local().Format(time.TimeOnly)
		}
	}
	fmt.Fprintf(g.io.Out, "run %s, %s, %s\n\n", b.RunID, ui.Clean(p.Engine), ui.Clean(moment))
	w := tabwriter.NewWriter(g.io.Out, 0, 4, 2, ' ', 0)
	fmt.Fprintln(w, "cache\tlimit\thit rate\thits\tmisses\tinserted\trestored\tevicted\trejected\texpired\toutdated\theld\tpeak\tworking set\tsource")
	line := func(name, limit, source string, c model.CacheCounts) {
		fmt.Fprintf(w, "%s\t%s\t%s\t%d\t%d\t%d\t%d\t%d\t%d\t%d\t%d\t%s\t%s\t%s\t%s\n", ui.Clean(name), ui.Clean(limit), human.Percent(c.Hits, c.Hits+c.Misses), c.Hits, c.Misses, c.Inserts, c.Restored,
			c.Evictions, c.Rejections, c.Expirations, c.Invalidations, human.Bytes(c.Bytes), human.Bytes(c.PeakBytes), human.Bytes(c.WorkingSet), ui.Clean(source))
	}
	for _, a := range p.Last() {
		line(a.Cache, a.Value, a.Source, a.CacheCounts)
		if !tables {
			continue
		}
		for _, t := range a.Tables {
			line("  "+t.Table, "", "", t.CacheCounts)
		}
	}
	_ = w.Flush() // a closed pipe is found by the next write to it
	for _, a := range p.Last() {
		if a.Advice != "" {
			fmt.Fprintf(g.io.Out, "\n%s\n", ui.Clean(a.Advice))
		}
	}
}

// printKept tells what the next run will take over.
func (g *globals) printKept(workDir string) {
	file := ui.Clean(build.KeptStatistics(workDir))
	n, size, err := build.CheckKept(workDir)
	switch {
	case errors.Is(err, os.ErrNotExist):
		fmt.Fprintf(g.io.Out, "\nNothing is kept for the next run; engine.keep_statistics keeps the statistics of files.\n")
	case err != nil:
		fmt.Fprintf(g.io.Out, "\nThe next run will not use %s: %s\n", file, ui.Clean(err.Error()))
	default:
		fmt.Fprintf(g.io.Out, "\nKept for the next run: the statistics of %s in %s (%s).\n", human.Counted(n, "file"), file, human.Bytes(size))
	}
	dir := build.FetchedObjects(workDir)
	h, err := objects.Holds(dir)
	switch {
	case err != nil && !errors.Is(err, os.ErrNotExist):
		fmt.Fprintf(g.io.Out, "\n%s\n", ui.Clean(err.Error()))
	case h.Objects > 0:
		fmt.Fprintf(g.io.Out, "\nKept for the next run: %s of a store in %s (%s; engine.object_cache_limit).\n", human.Counted(h.Objects, "object"), ui.Clean(dir), human.Bytes(h.Bytes))
	}
}

// mostSteps bounds the limits that are listed of one cache.
const mostSteps = 8

// advise prints what is to be said of one cache, and what other limits would have done.
func (g *globals) advise(a model.CacheAccount) {
	out := g.io.Out
	s, _ := presets.Lookup(a.Setting)
	most, ok := a.Curve.Enough(1)
	switch {
	case a.Better > 0:
		fmt.Fprintf(out, "%s: %s\n  --%s %s\n", a.Cache, ui.Clean(a.Advice), s.Flag, why.Capacity(a.Better))
	case a.Advice != "":
		fmt.Fprintf(out, "%s: %s\n", a.Cache, ui.Clean(a.Advice))
	case a.Curve.Lookups == 0:
		fmt.Fprintf(out, "%s: nobody asked it.\n", a.Cache)
	case !ok:
		fmt.Fprintf(out, "%s: each of its %d lookups was for something else, so no limit would have answered one.\n", a.Cache, a.Curve.Lookups)
	default:
		fmt.Fprintf(out, "%s: %s (%s) is enough: the hit rate was %s; %s would do the same.\n", a.Cache, ui.Clean(a.Value), ui.Clean(a.Source),
			human.Percent(a.Hits, a.Hits+a.Misses), why.Capacity(why.RoundUp(max(most.Limit, 1))))
	}
	if !ok {
		return
	}
	w := tabwriter.NewWriter(out, 0, 4, 2, ' ', tabwriter.AlignRight)
	fmt.Fprintln(w, "limit\twould have hit\t")
	last := int64(0)
	for i := range mostSteps {
		p, _ := a.Curve.Enough(float64(i+1) / mostSteps)
		if limit := why.RoundUp(p.Limit); limit != last {
			last = limit
			fmt.Fprintf(w, "%s\t%s\t\n", why.Capacity(limit), human.Percent(a.Curve.HitsAt(limit), a.Curve.Lookups))
		}
		if p.Hits == most.Hits {
			break
		}
	}
	_ = w.Flush() // a closed pipe is found by the next write to it
}
