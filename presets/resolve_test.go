package presets

import (
	"errors"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/buildscope/buildscope/model"
)

// The table and model.Settings must name the same keys.
func TestTableMatchesSettings(t *testing.T) {
	tags := map[string]bool{}
	var walk func(reflect.Type, string)
	walk = func(typ reflect.Type, prefix string) {
		for i := range typ.NumField() {
			f := typ.Field(i)
			if f.Type.Kind() == reflect.Struct {
				walk(f.Type, f.Tag.Get("setting")+".")
				continue
			}
			tags[prefix+f.Tag.Get("setting")] = true
		}
	}
	walk(reflect.TypeFor[model.Settings](), "")
	for _, s := range table {
		if !tags[s.Name()] {
			t.Errorf("%s is in the table, but model.Settings has no such field", s.Name())
		}
		delete(tags, s.Name())
		if _, err := s.parse(s.Default); err != nil && s.Default != "" {
			t.Errorf("the default of %s does not parse: %v", s.Name(), err)
		}
		for _, bound := range []string{s.Min, s.Max} {
			if _, err := parseKind(s, bound); bound != "" && err != nil {
				t.Errorf("a bound of %s does not parse: %v", s.Name(), err)
			}
		}
	}
	for tag := range tags {
		t.Errorf("model.Settings has %s, but the table does not", tag)
	}
}

func write(t *testing.T, text string) string {
	t.Helper()
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, FileName), []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
	return dir
}

// One setting given in every layer: the highest wins, the others are the chain.
func TestPrecedence(t *testing.T) {
	in := Input{
		Dir:   write(t, "diagnostics_profile = \"prod\"\n[otel]\nsampler_arg = 0.3\n"),
		Env:   map[string]string{"OTEL_TRACES_SAMPLER_ARG": "0.4", "BUILDSCOPE_OTEL_SAMPLER_ARG": "0.5"},
		Flags: []FlagValue{{"otel-sampler-arg", "0.6"}},
	}
	steps := []struct {
		source string
		value  float64
		drop   func()
	}{
		{"flag --otel-sampler-arg", 0.6, func() { in.Flags = nil }},
		{"env BUILDSCOPE_OTEL_SAMPLER_ARG", 0.5, func() { delete(in.Env, "BUILDSCOPE_OTEL_SAMPLER_ARG") }},
		{"env OTEL_TRACES_SAMPLER_ARG", 0.4, func() { in.Env = nil }},
		{"file buildscope.toml:3", 0.3, func() { in.Dir = write(t, "diagnostics_profile = \"prod\"\n") }},
		{"profile prod", 0.1, func() { in.Dir = t.TempDir() }},
		{"default", 1, func() {}},
	}
	for _, s := range steps {
		r, err := Resolve(in)
		if err != nil {
			t.Fatal(err)
		}
		v := r.Value("otel.sampler_arg")
		if v.Source != s.source || r.Settings.OTel.SamplerArg != s.value {
			t.Errorf("got %v from %q, want %v from %q", r.Settings.OTel.SamplerArg, v.Source, s.value, s.source)
		}
		if s.source != "default" && (len(v.Lower) == 0 || v.Lower[len(v.Lower)-1].Source != "default") {
			t.Errorf("from %s: the chain does not end with the default: %v", s.source, v.Lower)
		}
		s.drop()
	}
}

func TestErrorsNameSettingSourceValueAndRule(t *testing.T) {
	dir := write(t, "[otel]\nsampler_arg = 1.7\nendpont = \"x\"\n[engine]\nlist_files_cache_ttl = \"1h\"\n")
	_, err := Resolve(Input{Dir: dir, Env: map[string]string{"OTEL_BSP_SCHEDULE_DELAY": "5s", "OTEL_EXPORTER_OTLP_HEADERS": "Authorization: Bearer hunter2"},
		Flags: []FlagValue{{"engine-metadata-cache-limit", "50MB"}}})
	var all *Errors
	if !errors.As(err, &all) {
		t.Fatalf("got %v", err)
	}
	for _, want := range []string{
		"otel.sampler_arg = 1.7 (file buildscope.toml:2): must be between 0 and 1",
		"buildscope.toml:3:1: unknown key otel.endpont; did you mean otel.endpoint?",
		"engine.list_files_cache_ttl = 1h (file buildscope.toml:5): Invalid duration unit: 'h'. The unit must be either 'm' (minutes), or 's' (seconds), and be in the correct order",
		"otel.bsp_schedule_delay = 5s (env OTEL_BSP_SCHEDULE_DELAY): must be a whole number of milliseconds",
		"engine.metadata_cache_limit = 50MB (flag --engine-metadata-cache-limit): Unsupported unit 'B' in limit '50MB'. Unit must be one of: 'K', 'M', 'G'",
		"otel.headers = •••• (medium) (env OTEL_EXPORTER_OTLP_HEADERS): must be key=value pairs separated by commas",
	} {
		if !strings.Contains(err.Error(), want) {
			t.Errorf("missing: %s\nin: %v", want, err)
		}
	}
	if strings.Contains(err.Error(), "hunter2") {
		t.Error("the error shows a secret")
	}
}

func TestOwnProfiles(t *testing.T) {
	base := "[profiles.night]\nextends = \"prod\"\n[profiles.night.otel]\nsampler_arg = 0.01\n"
	r, err := Resolve(Input{Dir: write(t, "diagnostics_profile = \"night\"\n"+base)})
	if err != nil {
		t.Fatal(err)
	}
	if got := r.Settings.OTel; got.SamplerArg != 0.01 || got.Sampler != "parentbased_traceidratio" {
		t.Errorf("got sampler %s %v", got.Sampler, got.SamplerArg)
	}
	if !reflect.DeepEqual(r.Extends, []string{"prod"}) {
		t.Errorf("extends %v", r.Extends)
	}
	_, err = Resolve(Input{Dir: write(t, "diagnostics_profile = \"a\"\n[profiles.a]\nextends = \"b\"\n[profiles.b]\nextends = \"a\"\n")})
	if err == nil || !strings.Contains(err.Error(), "a -> b -> a") {
		t.Errorf("a cycle gave %v", err)
	}
	_, err = Resolve(Input{Dir: write(t, "diagnostics_profile = \"prd\"\n")})
	if err == nil || !strings.Contains(err.Error(), "off, prod, ci, dev, debug") {
		t.Errorf("an unknown profile gave %v", err)
	}
}

func TestExplicitEnableBeatsProfile(t *testing.T) {
	r, err := Resolve(Input{Dir: t.TempDir(), Flags: []FlagValue{{"profile", "debug"}, {"enable-plan-diagnostics", "false"}}})
	if err != nil {
		t.Fatal(err)
	}
	if r.Profile != "debug" || r.Settings.Diagnostics.PlanDiagnostics || !r.Settings.Diagnostics.NodeDiagnostics {
		t.Errorf("profile %s, diagnostics %+v", r.Profile, r.Settings.Diagnostics)
	}
}

func TestEndpointImpliesOTLP(t *testing.T) {
	r, err := Resolve(Input{Dir: t.TempDir(), Env: map[string]string{"OTEL_EXPORTER_OTLP_ENDPOINT": "http://localhost:4317"}})
	if err != nil {
		t.Fatal(err)
	}
	if v := r.Value("otel.exporter"); v.Text != "otlp" || v.Source != "implied by otel.endpoint (env OTEL_EXPORTER_OTLP_ENDPOINT)" {
		t.Errorf("got %s from %s", v.Text, v.Source)
	}
}

func TestCapacityAndTTL(t *testing.T) {
	for text, want := range map[string]int64{"0": 0, "50M": 50 << 20, "1.5G": 3 << 29, "8K": 8192} {
		if got, err := ParseCapacity(text); err != nil || got != want {
			t.Errorf("%s: got %d, %v", text, got, err)
		}
	}
	for _, text := range []string{"", "50", "50m", "50 M", "-1M", "infG", "M"} {
		if got, err := ParseCapacity(text); err == nil {
			t.Errorf("%q: got %d, want an error", text, got)
		}
	}
	for text, want := range map[string]time.Duration{"none": 0, "90s": 90 * time.Second, "1m30s": 90 * time.Second, "2m": 2 * time.Minute} {
		if got, err := parseTTL(text); err != nil || got != want {
			t.Errorf("%s: got %s, %v", text, got, err)
		}
	}
	for _, text := range []string{"", "0s", "30s1m", "500ms", "1h30m", "10"} {
		if got, err := parseTTL(text); err == nil {
			t.Errorf("%q: got %s, want an error", text, got)
		}
	}
}

func FuzzFile(f *testing.F) {
	f.Add("diagnostics_profile = \"dev\"\n[otel.headers]\na = \"b\"\n")
	f.Add("[profiles.x]\nextends = \"y\"\n[[a]]\n")
	f.Fuzz(func(t *testing.T, text string) {
		file, errs := parseFile("f", []byte(text))
		if file == nil {
			t.Fatal("no file")
		}
		for _, err := range errs {
			if err.Error() == "" {
				t.Error("an empty error")
			}
		}
	})
}

func FuzzValues(f *testing.F) {
	f.Add("1.5G")
	f.Add("1m30s")
	f.Add("a=b,c=%20")
	f.Fuzz(func(t *testing.T, text string) {
		for _, s := range table {
			if v, err := s.parse(text); err == nil && v == nil {
				t.Errorf("%s: %q gave neither value nor error", s.Name(), text)
			}
		}
	})
}

// A password in an endpoint is refused, and not repeated.
func TestFaultsHidePasswords(t *testing.T) {
	_, err := Resolve(Input{Dir: t.TempDir(), Env: map[string]string{"OTEL_EXPORTER_OTLP_ENDPOINT": "http://u:hunter2@h:4317"}})
	var fault *Fault
	if !errors.As(err, &fault) || fault.Key != "otel.endpoint" || fault.Source != "env OTEL_EXPORTER_OTLP_ENDPOINT" || strings.Contains(err.Error(), "hunter2") {
		t.Errorf("%v", err)
	}
}
