package presets

import (
	"os"
	"path/filepath"
	"testing"
)

func TestSaveKeepsWhatElseIsInTheFile(t *testing.T) {
	path := filepath.Join(write(t, "# mine\n[otel]\n  sampler_arg = 0.5\nprotocol = \"grpc\" # why\n"), FileName)
	if err := Save(path, map[string]string{"otel.sampler_arg": "0.25", "otel.service_name": "x", "build.workers": "3", "diagnostics_profile": "ci"}); err != nil {
		t.Fatal(err)
	}
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	want := "diagnostics_profile = \"ci\"\n# mine\n[otel]\nservice_name = \"x\"\n  sampler_arg = 0.25\nprotocol = \"grpc\" # why\n\n[build]\nworkers = 3\n"
	if string(data) != want {
		t.Errorf("got:\n%s\nwant:\n%s", data, want)
	}
	if r, err := Resolve(Input{ConfigFile: path}); err != nil || r.Settings.Build.Workers != 3 || r.Profile != "ci" {
		t.Errorf("read back: %v", err)
	}
}

// A line keeps how its key is written and what is said behind its value.
func TestEditKeepsTheRestOfTheLine(t *testing.T) {
	for old, want := range map[string]string{
		"otel.service_name = 'a#b' # why\n":          "otel.service_name = \"x\" # why\n",
		"[otel]\nservice_name=\"a \\\" # b\"\t# why": "[otel]\nservice_name= \"x\"\t# why\n",
	} {
		got, err := Edit(old, map[string]string{"otel.service_name": "x"})
		if err != nil || got != want {
			t.Errorf("%q became %q (%v), want %q", old, got, err, want)
		}
	}
	if got, err := Edit("[otel.headers]\na = \"b\"\n", map[string]string{"otel.headers": "c=d"}); err == nil {
		t.Errorf("a table was half replaced: %q", got)
	}
}
