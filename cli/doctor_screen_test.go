package cli

import (
	"slices"
	"testing"

	"github.com/buildscope/buildscope/presets"
	"github.com/buildscope/buildscope/tui"
)

// The Doctor screen makes the checks of `buildscope doctor` with the values of the
// form, and results are out of date exactly where a value has changed that they
// are about.
func TestDoctorScreen(t *testing.T) {
	res, err := presets.Resolve(presets.Input{Dir: t.TempDir(), Flags: []presets.FlagValue{{Name: "otel-endpoint", Text: "http://127.0.0.1:1"}}})
	if err != nil {
		t.Fatal(err)
	}
	g := &globals{io: Streams{Env: map[string]string{}}}
	form := newFormSettings(res, "buildscope build")
	screen := g.screenDoctor(form)
	examine := func(ids ...string) (tui.Examination, map[string]tui.DoctorFinding) {
		t.Helper()
		x := screen.Start(ids)
		found, over := map[string]tui.DoctorFinding{}, 0
		x.Run(t.Context(), func(n tui.DoctorNews) {
			switch {
			case n.Found != nil:
				found[n.ID] = *n.Found
			case n.Over:
				over++
			}
		})
		if len(found) != len(ids) || over != len(ids) {
			t.Errorf("%d checks, %d over: %+v", len(ids), over, found)
		}
		return x, found
	}
	var all []string
	for _, c := range screen.Checks {
		all = append(all, c.ID)
	}
	first, found := examine(all...)
	if f := found["D03"]; f.Word != "fail" || f.Key != "otel.endpoint" || f.Source != "flag --otel-endpoint" || f.Seen == "" {
		t.Errorf("%+v", f)
	}
	stale := func() (ids []string) {
		for _, id := range all {
			if first.Stale(id) {
				ids = append(ids, id)
			}
		}
		return ids
	}
	edit := func(key, value string, want ...string) {
		t.Helper()
		if err := form.Edit(key, value); err != nil {
			t.Fatal(err)
		}
		if got := stale(); !slices.Equal(got, want) {
			t.Errorf("after %s = %s: %v are out of date, want %v", key, value, got, want)
		}
	}
	edit("otel.sampler", "always_off", "D18", "D20", "D27")
	if _, found = examine("D20"); found["D20"].Word != "warn" || !found["D20"].Mends || len(found["D20"].Forms) == 0 {
		t.Errorf("%+v", found["D20"])
	}
	edit("otel.sampler", res.Value("otel.sampler").Text)
	edit("otel.headers", "x-key=first", "D11", "D13", "D14", "D27")
	second := screen.Start([]string{"D14"})
	edit("otel.headers", "x-key=other", "D11", "D13", "D14", "D27") // both are hidden, and of one length
	if !second.Stale("D14") {
		t.Error("another secret looks like the same one")
	}
}
