package presets

import (
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/buildscope/buildscope/model"
)

func TestEquivalentForms(t *testing.T) {
	dir := write(t, `[otel]
headers = { authorization = "Bearer hunter2" }
resource_attributes = "team=a b,api_key=hunter3"
[build]
output_dir = "out"
[profiles.mine]
extends = "ci"
otel.log_level = "warn"
`)
	r, err := Resolve(Input{Dir: dir, Flags: []FlagValue{
		{"profile", "mine"}, {"otel-endpoint", "http://c:4317"}, {"diagnostics-redact-keys", ""}, {"otel-service-name", "it's $HOME"},
	}})
	if err != nil {
		t.Fatal(err)
	}
	want := map[Form]string{
		AsFlags: `buildscope build DIR \
  --diagnostics-profile=ci \
  --diagnostics-redact-keys='' \
  --output-dir=DIR/out \
  --otel-endpoint=http://c:4317 \
  --otel-headers="${BUILDSCOPE_OTEL_HEADERS:?holds the secret otel.headers}" \
  --otel-log-level=warn \
  --otel-resource-attributes='team=a b,api_key=hunter3' \
  --otel-service-name='it'\''s $HOME'
`,
		AsEnv: `export BUILDSCOPE_DIAGNOSTICS_PROFILE=ci
export BUILDSCOPE_DIAGNOSTICS_REDACT_KEYS=,
export BUILDSCOPE_BUILD_OUTPUT_DIR=DIR/out
export BUILDSCOPE_OTEL_ENDPOINT=http://c:4317
export BUILDSCOPE_OTEL_HEADERS="${BUILDSCOPE_OTEL_HEADERS:?holds the secret otel.headers}"
export BUILDSCOPE_OTEL_LOG_LEVEL=warn
export BUILDSCOPE_OTEL_RESOURCE_ATTRIBUTES='team=a b,api_key=hunter3'
export BUILDSCOPE_OTEL_SERVICE_NAME='it'\''s $HOME'
`,
		AsTOML: `diagnostics_profile = "ci"

[diagnostics]
redact_keys = ""

[build]
output_dir = "DIR/out"

[otel]
endpoint = "http://c:4317"
# headers = "SECRET" # take the first # away and put in the secret otel.headers
log_level = "warn"
resource_attributes = "team=a b,api_key=hunter3"
service_name = "it's $HOME"
`,
	}
	for _, form := range Forms() {
		e, err := r.As(form, "buildscope build")
		if err != nil {
			t.Fatal(err)
		}
		if got := strings.ReplaceAll(e.Text, dir, "DIR"); got != want[form] {
			t.Errorf("%s:\n%s\nwant:\n%s", form, got, want[form])
		}
		if len(e.Notes) != 2 {
			t.Errorf("%s: notes %q", form, e.Notes)
		}
	}
	if _, err := r.As("yaml", "x"); err == nil {
		t.Error("took yaml for a form")
	}
	// With the usual globs, the key among the attributes is a secret too.
	if r, err = r.With(map[string]string{"diagnostics.redact_keys": "*api_key*"}); err != nil {
		t.Fatal(err)
	}
	for _, form := range Forms() {
		if e, err := r.As(form, "buildscope build"); err != nil || strings.Contains(e.Text, "hunter") || len(e.Notes) != 3 {
			t.Errorf("%s: %v\n%s%q", form, err, e.Text, e.Notes)
		}
	}
}

// hostileTexts are what shells and TOML could take for something else.
var hostileTexts = []string{
	"plain", "it's", `"$HOME" \ ` + "`id`", "two\nlines\t", "-x=1", "#no ; & | > *", "ünï 😀 \u0007\u000b\u200b", " spaces ",
}

// Whatever the layers give, each form read back alone, by a real shell or as a
// file, resolves to the same settings.
func TestEquivalentReadBackIsTheSame(t *testing.T) {
	if _, err := exec.LookPath("sh"); err != nil {
		t.Skip("there is no sh")
	}
	rng := rand.New(rand.NewPCG(7, 11))
	done, signals := 0, 0
	for round := 0; (done < 100 || signals < 20) && round < 5000; round++ {
		dir := t.TempDir()
		in := randomInput(rng, dir)
		r, err := Resolve(in)
		if err != nil {
			continue // settings that contradict each other
		}
		done++
		if v := r.given(mustLookup("otel.traces_exporter")); len(v) > 0 && !v[0].based {
			signals++
		}
		for _, form := range Forms() {
			e, err := r.As(form, "run build")
			if err != nil {
				t.Fatalf("%s of %+v: %v", form, in, err)
			}
			if slices.ContainsFunc(e.Notes, func(n string) bool { return strings.Contains(n, "which a variable cannot say") }) {
				continue
			}
			back, err := readBack(t, form, e.Text, r)
			if err != nil {
				t.Fatalf("%s: %v\n%s", form, err, e.Text)
			}
			want := r.Settings
			if _, own := r.files[r.Profile]; own {
				want.DiagnosticsProfile = back.DiagnosticsProfile
			}
			if file := r.ThemeFile(); file != "" {
				want.TUI.Theme = file
			}
			for _, p := range []*string{&want.Engine.TempDirectory, &want.OTel.Certificate, &want.OTel.ClientCertificate, &want.OTel.ClientKey, &want.Engine.CACertificate, &want.Engine.ClientCert, &want.Engine.ClientKey, &want.SSH.HostKey, &want.SSH.AuthorizedKeys, &want.SSH.TrustedCAKeys, &want.SSH.RevokedKeys, &want.SSH.AuditLog} {
				if *p != "" {
					*p = filepath.Join(dir, *p)
				}
			}
			if !reflect.DeepEqual(*back, want) {
				t.Fatalf("%s of %+v\n%s\ngives %+v\nwant  %+v", form, in, e.Text, *back, want)
			}
		}
	}
	if done < 100 || signals < 20 {
		t.Errorf("only %d inputs resolved, %d with a signal of its own", done, signals)
	}
}

func mustLookup(name string) Setting {
	s, ok := Lookup(name)
	if !ok {
		panic(name)
	}
	return s
}

// randomInput gives some settings values in layers at random, most often those
// that depend on each other.
func randomInput(rng *rand.Rand, dir string) Input {
	in := Input{Dir: dir, Env: map[string]string{}}
	pick := func(of []string) string { return of[rng.IntN(len(of))] }
	top, sections := "", map[string]string{}
	profile := "[profiles.mine]\nextends = \"" + pick(builtinNames) + "\"\n"
	for _, s := range table {
		odds := 12
		if s.exporter() || s.endpoint() || s.Key == "endpoint" || s.Key == "protocol" {
			odds = 3
		}
		if rng.IntN(odds) > 0 || s.Name() == ProfileKey {
			continue
		}
		text := randomText(s, pick)
		switch layer := rng.IntN(4); {
		case layer == 0:
			in.Flags = append(in.Flags, FlagValue{s.Flag, text})
		case layer == 1 && text != "":
			in.Env[s.EnvNames()[0]] = text
		case layer == 2 && s.Profile:
			profile += s.Section + "." + TOMLLine(s, text) + "\n"
		case s.Section == "":
			top += TOMLLine(s, text) + "\n"
		default:
			sections[s.Section] += TOMLLine(s, text) + "\n"
		}
	}
	in.Flags = append(in.Flags, FlagValue{"profile", pick(append([]string{"mine", "mine"}, builtinNames...))})
	for name, lines := range sections {
		top += "[" + name + "]\n" + lines
	}
	in.ConfigFile = filepath.Join(dir, "c.toml")
	if err := os.WriteFile(in.ConfigFile, []byte(top+profile), 0o600); err != nil {
		panic(err)
	}
	return in
}

func randomText(s Setting, pick func([]string) string) string {
	switch {
	case s.endpoint() || s.Key == "endpoint":
		return pick([]string{"", "http://a:1", "http://b:2"})
	case s.Name() == ThemeKey:
		return pick([]string{"dark", "mine", "themes/it's.toml", "x.toml"})
	case s.exporter():
		return pick([]string{"otlp", "none", "file", "otlp,file"})
	case s.Allowed != nil:
		return pick(s.Allowed)
	case s.Kind == Bool:
		return pick([]string{"true", "false", "1", "T"})
	case s.Kind == Map:
		return formatMap(map[string]string{"a": "b c", "api_key": "x%,y", "service.name": "n"})
	case s.Kind == List:
		return pick([]string{"", "*.{a,b},c", "it's", "x y,$z"})
	case s.Kind == Path:
		return pick([]string{"sub/x", "it's", "-d"})
	case s.Kind == Float:
		return pick([]string{".5", "0.25", "1e-1", "0x1p-2"})
	case s.Kind == String:
		for range 20 {
			if text := pick(hostileTexts); ValidateText(s.Name(), text) == nil {
				return text
			}
		}
	case s.Min != "":
		return pick([]string{s.Min, s.Default})
	}
	return s.Default
}

// readBack resolves what a text gives, with the secrets put in.
func readBack(t *testing.T, form Form, text string, r *Resolved) (*model.Settings, error) {
	in := Input{Dir: r.dir}
	env := []string{"PATH=" + os.Getenv("PATH")}
	for _, s := range table {
		secret := r.texts[s.Name()]
		if r.shown(s)(secret) == secret {
			continue
		}
		env = append(env, s.EnvNames()[0]+"="+secret)
		text = strings.Replace(text, "# "+s.Key+" = \"SECRET\"", s.Key+" = "+tomlString(secret), 1)
	}
	switch form {
	case AsTOML:
		in.ConfigFile = filepath.Join(t.TempDir(), "back.toml")
		if err := os.WriteFile(in.ConfigFile, []byte(text), 0o600); err != nil {
			return nil, err
		}
	case AsFlags:
		out, err := shell("run() { printf '%s\\0' \"$@\"; }\n"+text, env)
		if err != nil {
			return nil, err
		}
		words := strings.Split(strings.TrimSuffix(out, "\x00"), "\x00")
		in.Flags = []FlagValue{{"repo-root", words[1]}}
		for _, word := range words[2:] {
			name, value, ok := strings.Cut(strings.TrimPrefix(word, "--"), "=")
			if !ok {
				return nil, fmt.Errorf("%q is no flag with a value", word)
			}
			in.Flags = append(in.Flags, FlagValue{name, value})
		}
	case AsEnv:
		out, err := shell(text+"env -0", env)
		if err != nil {
			return nil, err
		}
		in.Env = Environ(strings.Split(out, "\x00"))
		delete(in.Env, "HOME")
	}
	back, err := Resolve(in)
	if err != nil {
		return nil, err
	}
	return &back.Settings, nil
}

func shell(script string, env []string) (string, error) {
	cmd := exec.Command("sh", "-c", script)
	cmd.Env = env
	out, err := cmd.Output()
	return string(out), err
}

// A secret that nobody has put in stops the shell, and it says which.
func TestPlaceholderStopsTheShell(t *testing.T) {
	r, err := Resolve(Input{Dir: t.TempDir(), Env: map[string]string{"HAMILTON_API_KEY": "hunter2"}})
	if err != nil {
		t.Fatal(err)
	}
	if r.texts["hamilton.api_key"] != "hunter2" {
		t.Fatal("the key was not read")
	}
	e, err := r.As(AsFlags, "printf %s")
	if err != nil {
		t.Fatal(err)
	}
	out, err := exec.Command("sh", "-c", e.Text).CombinedOutput()
	if err == nil || !strings.Contains(string(out), "holds the secret hamilton.api_key") || strings.Contains(e.Text, "hunter2") {
		t.Errorf("%v: %s", err, out)
	}
}

// What a setting is may hang on another that only a profile of one's own gives: here
// an endpoint that is empty because nothing is exported to it.
func TestEquivalentOfAnEmptyEndpoint(t *testing.T) {
	for _, base := range builtinNames {
		dir := t.TempDir()
		file := filepath.Join(dir, "c.toml")
		if err := os.WriteFile(file, []byte("[profiles.mine]\nextends = \""+base+"\"\notel.exporter = \"otlp\"\notel.logs_exporter = \"none\"\n"), 0o600); err != nil {
			t.Fatal(err)
		}
		r, err := Resolve(Input{Dir: dir, ConfigFile: file, Flags: []FlagValue{{"profile", "mine"}, {"otel-logs-endpoint", ""}}})
		if err != nil {
			t.Fatal(err)
		}
		for _, form := range Forms() {
			e, err := r.As(form, "run build")
			if err != nil {
				t.Errorf("%s as %s: %v", base, form, err)
			} else if !strings.Contains(e.Text, "none") {
				t.Errorf("%s as %s:\n%s", base, form, e.Text)
			}
		}
	}
}
