package presets

import (
	"maps"
	"os"
	"path/filepath"
	"reflect"
	"testing"
)

// otherThanDefault is a text of a setting that gives it another value; companions are
// what it needs beside it.
func otherThanDefault(s Setting) (text string, companions map[string]string) {
	switch s.Name() {
	case ProfileKey:
		return "debug", nil
	case ThemeKey:
		return "light", nil
	case "otel.client_certificate":
		return "/c.pem", map[string]string{"otel.client_key": "/k.pem", "otel.endpoint": "https://c:4317"}
	case "otel.client_key":
		return "/k.pem", map[string]string{"otel.client_certificate": "/c.pem", "otel.endpoint": "https://c:4317"}
	case "otel.certificate":
		return "/c.pem", map[string]string{"otel.endpoint": "https://c:4317"}
	case "hamilton.enable_tracker":
		return "true", map[string]string{"hamilton.project_id": "1", "hamilton.username": "u"}
	case "hamilton.project_id":
		return "7", nil
	case "engine.s3_endpoint":
		return "http://there:1234", nil
	case "engine.kind":
		return "flightsql", map[string]string{"engine.endpoint": "grpc://there:1234"}
	case "engine.endpoint":
		return "grpc://there:1234", nil
	case "engine.client_certificate":
		return "/c.pem", map[string]string{"engine.client_key": "/k.pem"}
	case "engine.client_key":
		return "/k.pem", map[string]string{"engine.client_certificate": "/c.pem"}
	case "engine.s3_access_key_id":
		return "id", map[string]string{"engine.s3_secret_access_key": "s"}
	case "engine.s3_secret_access_key":
		return "abc", map[string]string{"engine.s3_access_key_id": "id"}
	case "engine.s3_session_token":
		return "abc", map[string]string{"engine.s3_access_key_id": "id", "engine.s3_secret_access_key": "s"}
	case "ssh.listen", "ssh.health_listen":
		return "127.0.0.1:7", nil
	case "ssh.allowed_roots":
		return "/a,/b", nil
	}
	if s.Kind == Path {
		return "/x", nil
	}
	if s.endpoint() || s.Key == "endpoint" || s.Section == "hamilton" && (s.Key == "api_url" || s.Key == "ui_url") {
		return "http://there:1234", nil
	}
	usual, err := Resolve(Input{Dir: "/"})
	if err != nil {
		return "", nil
	}
	for _, candidate := range append(append([]string{}, s.Allowed...), "true", "false", "3", "0.5", "3s", "90s", "70M", "4096", "a=b", "abc", s.Min) {
		if ValidateText(s.Name(), candidate) != nil {
			continue
		}
		in := Input{Dir: "/", Flags: []FlagValue{{s.Flag, candidate}}}
		if r, err := Resolve(in); err == nil && !reflect.DeepEqual(r.Settings, usual.Settings) {
			return candidate, nil
		}
	}
	return "", nil
}

// Each setting, given by its flag, the second name of it, each of its variables, the
// file or a form, has the same value; and what is written of it gives it once more.
func TestEverySettingByEveryWay(t *testing.T) {
	dir := t.TempDir()
	usual, err := Resolve(Input{Dir: dir})
	if err != nil {
		t.Fatal(err)
	}
	for _, s := range table {
		if s.Name() == repoKey {
			continue // a folder that must be the same one everywhere
		}
		text, companions := otherThanDefault(s)
		if text == "" {
			t.Errorf("%s: no other value was found", s.Name())
			continue
		}
		resolve := func(how string, in Input) *Resolved {
			t.Helper()
			in.Dir = dir
			for name, text := range companions {
				in.Flags = append(in.Flags, FlagValue{mustLookup(name).Flag, text})
			}
			r, err := Resolve(in)
			if err != nil {
				t.Fatalf("%s by %s: %v", s.Name(), how, err)
			}
			return r
		}
		want := resolve("its flag", Input{Flags: []FlagValue{{s.Flag, text}}})
		if want.texts[s.Name()] == usual.texts[s.Name()] {
			t.Errorf("%s = %q changes nothing", s.Name(), text)
		}
		same := func(how string, r *Resolved) {
			t.Helper()
			if !reflect.DeepEqual(r.Settings, want.Settings) {
				t.Errorf("%s = %q by %s:\n got %+v\nwant %+v", s.Name(), text, how, r.Settings, want.Settings)
			}
		}
		if s.Alias != "" {
			same("--"+s.Alias, resolve("--"+s.Alias, Input{Flags: []FlagValue{{s.Alias, text}}}))
		}
		same(s.EnvNames()[0], resolve(s.EnvNames()[0], Input{Env: map[string]string{s.EnvNames()[0]: text}}))
		file := filepath.Join(dir, "c.toml")
		line := TOMLLine(s, text) + "\n"
		if s.Section != "" {
			line = "[" + s.Section + "]\n" + line
		}
		if err := os.WriteFile(file, []byte(line), 0o600); err != nil {
			t.Fatal(err)
		}
		same("the file", resolve("the file", Input{ConfigFile: file}))
		edits := map[string]string{s.Name(): text}
		maps.Copy(edits, companions)
		formed, err := usual.With(edits)
		if err != nil {
			t.Fatalf("%s by a form: %v", s.Name(), err)
		}
		same("a form", formed)
		for _, form := range Forms() {
			e, err := want.As(form, "run build")
			if err != nil {
				t.Fatal(err)
			}
			back, err := readBack(t, form, e.Text, want)
			if err != nil {
				t.Fatalf("%s as %s: %v\n%s", s.Name(), form, err, e.Text)
			}
			if !reflect.DeepEqual(*back, want.Settings) {
				t.Errorf("%s = %q as %s:\n%s\n got %+v\nwant %+v", s.Name(), text, form, e.Text, *back, want.Settings)
			}
		}
	}
}
