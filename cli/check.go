package cli

import (
	"context"
	"strconv"
	"strings"

	"github.com/buildscope/buildscope/build"
	"github.com/buildscope/buildscope/otel/doctor"
	"github.com/buildscope/buildscope/pipeline/tracker"
	"github.com/buildscope/buildscope/presets"
	"github.com/buildscope/buildscope/tui"
	"github.com/buildscope/buildscope/tui/ui"
)

// checkSetting makes the doctor's checks that a setting bears on.
func (g *globals) checkSetting(now *presets.Resolved, key string) (func(context.Context) []tui.Check, bool) {
	ids := doctor.ChecksOf(key)
	if len(ids) == 0 {
		return nil, false
	}
	return func(ctx context.Context) []tui.Check {
		return checksOf(doctor.Check(ctx, doctor.Options{Resolved: now, Env: g.io.Env, IDs: ids, Projects: hamiltonProjects(now), Runs: g.pastRuns(now.Settings.Build.WorkDir)}))
	}, true
}

// checksOf keeps what is wrong, with its fix, and counts the rest.
func checksOf(findings []doctor.Finding) []tui.Check {
	var list []tui.Check
	fine, skipped, why := 0, 0, ""
	for _, f := range findings {
		switch {
		case f.Problem():
			list = append(list, tui.Check{Word: string(f.Severity), Text: strings.TrimPrefix(f.Text(), strings.ToUpper(string(f.Severity))+" ")})
		case f.Severity == doctor.OK:
			fine++
		default:
			skipped, why = skipped+1, f.Means
		}
	}
	if len(list) == 0 && fine > 0 {
		text := ui.Counted(fine, "check") + " of the doctor fine"
		if fine == 1 {
			text = "1 check of the doctor is fine"
		}
		list = append(list, tui.Check{Word: "ok", Text: text})
	}
	if skipped > 0 && fine == 0 && len(list) == 0 {
		list = append(list, tui.Check{Word: "skipped", Text: why})
	}
	return list
}

// hamiltonProjects asks the Hamilton server of the settings for its projects.
func hamiltonProjects(res *presets.Resolved) func(context.Context) (map[string]string, error) {
	return func(ctx context.Context) (map[string]string, error) {
		c := tracker.NewClient(build.TrackerTarget(res.Settings.Hamilton))
		defer c.Close()
		list, err := c.Projects(ctx)
		if err != nil {
			return nil, err
		}
		out := map[string]string{}
		for _, p := range list {
			out[strconv.FormatInt(p.ID, 10)] = p.Name
		}
		return out, nil
	}
}
