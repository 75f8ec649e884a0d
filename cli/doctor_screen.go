package cli

import (
	"context"
	"slices"
	"strings"

	"github.com/buildscope/buildscope/otel/doctor"
	"github.com/buildscope/buildscope/presets"
	"github.com/buildscope/buildscope/tui"
)

// screenDoctor gives the Doctor screen the checks of the doctor, with the settings
// as they are on the screen.
func (g *globals) screenDoctor(settings *formSettings) *tui.Doctor {
	out := &tui.Doctor{}
	for _, c := range doctor.Checks() {
		check := tui.DoctorCheck{ID: c.ID, Title: c.Title, Doc: c.Doc}
		if first := c.Keys[0]; !strings.ContainsAny(first, "*?[") {
			check.Key = first
		}
		out.Checks = append(out.Checks, check)
	}
	out.Start = func(ids []string) tui.Examination {
		then, edits := settings.current(), settings.edits.now
		return tui.Examination{
			Run: func(ctx context.Context, tell func(tui.DoctorNews)) {
				doctor.Run(ctx, doctor.Options{
					Resolved: then, Env: g.io.Env, IDs: ids, Projects: hamiltonProjects(then), Runs: g.pastRuns(then.Settings.Build.WorkDir),
					Step: func(s doctor.Step) { tell(tui.DoctorNews{ID: s.ID, Over: s.Over, Took: s.Took}) },
				}, func(f doctor.Finding) {
					found := screenFinding(f)
					tell(tui.DoctorNews{ID: f.ID, Found: &found})
				})
			},
			Stale: func(id string) bool { return settings.changedFor(id, then, edits) },
		}
	}
	return out
}

// changedFor reports whether a setting that a check bears on has another value than
// it had then. Texts of secrets are hidden, so for these the edits tell.
func (f *formSettings) changedFor(id string, then *presets.Resolved, edits map[string]string) bool {
	now := f.current()
	if now == then {
		return false
	}
	return slices.ContainsFunc(presets.Table(), func(s presets.Setting) bool {
		key := s.Name()
		changed := now.Value(key).Text != then.Value(key).Text || s.Secret && f.edits.now[key] != edits[key]
		return changed && slices.Contains(doctor.ChecksOf(key), id)
	})
}

func screenFinding(f doctor.Finding) tui.DoctorFinding {
	out := tui.DoctorFinding{Word: string(f.Severity), Signals: f.Signals, Key: f.Key, Value: f.Value, Source: f.Source, Seen: f.Seen,
		Means: f.Means, Advice: f.Advice, Forms: f.Fix.Forms()}
	if f.Fix != nil {
		out.Fix, out.Mends = f.Fix.Value, true
	}
	return out
}
