package presets

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestHamiltonsOwnFileIsTheLowest(t *testing.T) {
	home, dir := t.TempDir(), t.TempDir()
	text := "; own\n[OTHER]\nmax_list_length_capture = 1\n[SDK_CONSTANTS]\nCAPTURE_DATA_STATISTICS = False\nmax_dict_length_capture: 7\nmax_list_length_capture = 8\n"
	if err := os.WriteFile(filepath.Join(home, ".hamilton.conf"), []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(dir, FileName), []byte("[hamilton]\nmax_list_length_capture = 9\n"), 0o644); err != nil {
		t.Fatal(err)
	}
	r, err := Resolve(Input{Dir: dir, Env: map[string]string{"HOME": home}})
	if err != nil {
		t.Fatal(err)
	}
	h := r.Settings.Hamilton
	if h.CaptureDataStatistics || h.MaxDictLengthCapture != 7 || h.MaxListLengthCapture != 9 {
		t.Errorf("%+v", h)
	}
	if got := r.Value("hamilton.max_dict_length_capture").Source; got != "file .hamilton.conf:6" {
		t.Errorf("source %q", got)
	}
	if _, err := Resolve(Input{Dir: dir, Env: map[string]string{"HAMILTON_CONFIG_URI": filepath.Join(home, "none")}}); err == nil {
		t.Error("a file that is named and missing is no error")
	}
}

func TestTrackerNeedsProjectAndUser(t *testing.T) {
	_, err := Resolve(Input{Dir: t.TempDir(), Flags: []FlagValue{{"enable-hamilton-tracker", "true"}}, Env: map[string]string{"HAMILTON_USERNAME": "u"}})
	if err == nil || !strings.Contains(err.Error(), "hamilton.project_id") || !strings.Contains(err.Error(), "hamilton.username") {
		t.Errorf("the error is %v", err)
	}
}

func TestHamiltonKeyIsSecret(t *testing.T) {
	r, err := Resolve(Input{Dir: t.TempDir(), Env: map[string]string{"HAMILTON_API_KEY": "topsecret"}})
	if err != nil {
		t.Fatal(err)
	}
	if v := r.Value("hamilton.api_key"); r.Settings.Hamilton.APIKey != "topsecret" || strings.Contains(v.Text, "topsecret") {
		t.Errorf("key %q shown as %q", r.Settings.Hamilton.APIKey, v.Text)
	}
}
