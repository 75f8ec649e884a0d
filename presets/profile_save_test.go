package presets

import (
	"errors"
	"math/rand/v2"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
)

func TestSaveProfile(t *testing.T) {
	const ordinary = "# mine\r\ndiagnostics_profile = \"ci\"  # why\n[otel]\nheaders = \"authorization=hunter2\"\nservice_name='x'"
	const nightly = "[profiles.nightly]\nextends = \"ci\"\notel.sampler_arg = 0.25\notel.log_level = \"warn\"\n"
	for _, c := range []struct {
		name, old, want string
		replace         bool
		err             string
	}{
		{name: "no file", old: "", want: nightly},
		{name: "at the end, whatever the file is like", old: ordinary, want: ordinary + "\n\n" + nightly},
		{name: "there already", old: "[profiles.nightly]\n", err: "there is such a profile already"},
		{name: "in its old place", replace: true,
			old:  "[otel]\n\n# old\n[profiles.nightly] # x\nbuild.workers = 7 # gone\n# gone too\notel.log_level = \"debug\"\n\n# of the next\n[profiles.other]\nextends = \"prod\"\n",
			want: "[otel]\n\n# old\n" + nightly + "\n# of the next\n[profiles.other]\nextends = \"prod\"\n"},
		{name: "in several tables", replace: true,
			old:  "[profiles.\"nightly\".build]\nworkers = 7\n[engine]\ntarget_partitions = 3\n[ profiles . nightly . otel ]\nlog_level = \"debug\"\n# end",
			want: nightly + "[engine]\ntarget_partitions = 3\n# end"},
		{name: "brackets inside a value", replace: true,
			old:  "[build]\nexclude_globs = \"\"\"\n[profiles.nightly]\nx\"\"\"\n[profiles.nightly]\n",
			want: "[build]\nexclude_globs = \"\"\"\n[profiles.nightly]\nx\"\"\"\n" + nightly},
		{name: "not a table of its own", replace: true, old: "[profiles]\nnightly.build.workers = 7\n", err: "change it by hand"},
		{name: "a file with a fault", old: "[otel]\nendpont = \"x\"\n", err: "unknown key otel.endpont"},
	} {
		t.Run(c.name, func(t *testing.T) {
			r, err := Resolve(Input{Dir: t.TempDir(), Flags: []FlagValue{{"profile", "ci"}, {"otel-sampler-arg", "0.25"}, {"otel-headers", "authorization=hunter2"}, {"output-dir", "o"}}})
			if err == nil {
				r, err = r.With(map[string]string{"otel.log_level": "warn"})
			}
			if err != nil {
				t.Fatal(err)
			}
			path := filepath.Join(t.TempDir(), FileName)
			if c.old != "" {
				if err := os.WriteFile(path, []byte(c.old), 0o640); err != nil {
					t.Fatal(err)
				}
			}
			saved, next, err := r.SaveProfile(path, "nightly", c.replace)
			if c.err != "" {
				if got, _ := os.ReadFile(path); err == nil || !strings.Contains(err.Error(), c.err) || string(got) != c.old {
					t.Fatalf("got %v, and the file\n%s", err, got)
				}
				return
			}
			if err != nil {
				t.Fatal(err)
			}
			if got, _ := os.ReadFile(path); string(got) != c.want {
				t.Errorf("the file is\n%s\nwant\n%s", got, c.want)
			}
			if want := (SavedProfile{"nightly", "ci", []string{"otel.sampler_arg", "otel.log_level"}, []string{"build.output_dir", "otel.headers"}}); !reflect.DeepEqual(saved, want) {
				t.Errorf("saved %+v, want %+v", saved, want)
			}
			if again, err := next.With(map[string]string{ProfileKey: "nightly"}); err != nil || again.Profile != "nightly" || !reflect.DeepEqual(again.Settings.OTel, r.Settings.OTel) {
				t.Errorf("the profile cannot be chosen at once: %v", err)
			}
			info, err := os.Stat(path)
			if want := map[bool]os.FileMode{true: 0o600, false: 0o640}[c.old == ""]; err != nil || info.Mode().Perm() != want {
				t.Errorf("mode %v, want %v", info.Mode().Perm(), want)
			}
		})
	}
}

func TestProfileNames(t *testing.T) {
	for name, want := range map[string]string{"a-b_1": "", "": "not \"\"", "a.b": "letters, digits", "x\n": "letters", "ci": "ci is a built-in profile"} {
		if err := CheckProfileName(name); (err == nil) != (want == "") || err != nil && !strings.Contains(err.Error(), want) {
			t.Errorf("%q: %v", name, err)
		}
	}
}

// Saving a profile over itself, or over one it extends, does not make a circle.
func TestSaveProfileOverItsOwnChain(t *testing.T) {
	for name, want := range map[string]string{"a": "b", "b": "prod", "c": "a"} {
		dir := write(t, "[profiles.a]\nextends = \"b\"\nbuild.workers = 2\n[profiles.b]\nextends = \"prod\"\notel.log_level = \"error\"\n")
		r, err := Resolve(Input{Dir: dir, Flags: []FlagValue{{"profile", "a"}, {"timeout", "9s"}}})
		if err != nil {
			t.Fatal(err)
		}
		saved, _, err := r.SaveProfile(r.File, name, true)
		if err != nil || saved.Extends != want {
			t.Fatalf("%s extends %q, want %q: %v", name, saved.Extends, want, err)
		}
		back, err := Resolve(Input{Dir: dir, Flags: []FlagValue{{"profile", name}}})
		if err != nil || back.Settings.Build.Timeout != r.Settings.Build.Timeout || back.Settings.OTel.LogLevel != "error" || back.Settings.Build.Workers != 2 {
			t.Errorf("%s read back: %+v, %v", name, back, err)
		}
	}
}

// Whatever is in force, a saved profile gives alone all of it that a profile may
// hold, and the file begins as it did.
func TestSavedProfileGivesTheSame(t *testing.T) {
	rng := rand.New(rand.NewPCG(3, 5))
	done := 0
	for round := 0; done < 150 && round < 5000; round++ {
		in := randomInput(rng, t.TempDir())
		r, err := Resolve(in)
		if err != nil {
			continue
		}
		done++
		old, err := os.ReadFile(in.ConfigFile)
		if err != nil {
			t.Fatal(err)
		}
		saved, _, err := r.SaveProfile(in.ConfigFile, "saved", false)
		if err != nil {
			t.Fatalf("%+v\n%s: %v", in, old, err)
		}
		text, err := os.ReadFile(in.ConfigFile)
		if err != nil || !strings.HasPrefix(string(text), string(old)) {
			t.Fatalf("the file does not begin as it did: %v\n%s", err, text)
		}
		got, err := mustParse(t, text).alone("saved")
		if err != nil {
			t.Fatal(err)
		}
		for _, s := range table {
			if s.Profile && !r.hidden(s) && !s.same(got.texts[s.Name()], r.texts[s.Name()]) {
				t.Fatalf("%s is %q, want %q:\n%s%+v", s.Name(), got.texts[s.Name()], r.texts[s.Name()], text, saved)
			}
		}
	}
	if done < 150 {
		t.Errorf("only %d inputs resolved", done)
	}
}

func mustParse(t *testing.T, text []byte) *Resolved {
	t.Helper()
	f, errs := parseFile(FileName, text)
	if len(errs) > 0 {
		t.Fatal(errors.Join(errs...))
	}
	return &Resolved{files: f.profiles}
}

func TestCompareProfiles(t *testing.T) {
	r, err := Resolve(Input{Dir: write(t, "[build]\nworkers = 9\n[profiles.mine]\nextends = \"ci\"\nbuild.workers = 3\notel.exporter = \"file\"\n")})
	if err != nil {
		t.Fatal(err)
	}
	got, err := r.CompareProfiles("ci", "mine")
	fromBase := func(signal string) ProfileDifference {
		return ProfileDifference{"otel." + signal + "_exporter", ProfileValue{"none", "default"}, ProfileValue{"file", "otel.exporter, profile mine"}}
	}
	want := []ProfileDifference{
		{"build.workers", ProfileValue{"0", "default"}, ProfileValue{"3", "profile mine"}},
		{"otel.exporter", ProfileValue{"none", "default"}, ProfileValue{"file", "profile mine"}},
		fromBase("traces"), fromBase("metrics"), fromBase("logs"),
	}
	if err != nil || !reflect.DeepEqual(got, want) {
		t.Errorf("got %+v, %v", got, err)
	}
	if same, err := r.CompareProfiles("dev", "dev"); err != nil || len(same) != 0 {
		t.Errorf("dev differs from itself: %v, %v", same, err)
	}
	if _, err := r.CompareProfiles("dev", "nigthly"); err == nil || !strings.Contains(err.Error(), "no such profile; there are off, prod") {
		t.Errorf("got %v", err)
	}
}
