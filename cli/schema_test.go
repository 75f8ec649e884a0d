package cli_test

import (
	"bytes"
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/santhosh-tekuri/jsonschema/v6"

	"github.com/buildscope/buildscope/cli"
	"github.com/buildscope/buildscope/model"
)

// Every artifact of a run, whatever became of it, is what its schema says.
func TestArtifactsMatchTheirSchemas(t *testing.T) {
	always := []string{model.ArtifactProfile, model.ArtifactOTelConfig, model.ArtifactCacheConfig, model.ArtifactCacheState, model.ArtifactLocations, model.ArtifactManifest, model.ArtifactWhySlow}
	diagnostic := []string{model.ArtifactPlan, model.ArtifactExecution, model.ArtifactRunLog}
	built := []string{model.ArtifactExtractErrs, model.ArtifactQuality}
	cases := []struct {
		name string
		args []string
		code int
		want [][]string
	}{
		{"off", []string{"--profile", "off"}, cli.ExitOK, [][]string{always, built}},
		{"debug", []string{"--profile", "debug", "--otel-exporter", "file"}, cli.ExitOK, [][]string{always, diagnostic, built, {model.ArtifactCapture}}},
		{"out of time", []string{"--profile", "debug", "--timeout", "1ms"}, cli.ExitCancelled, [][]string{always}},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			root := t.TempDir()
			for name, text := range map[string]string{"a.go": "package a\n\nfunc F() { G() }\n\nfunc G() {}\n", "broken.go": "package a\n\nfunc {\n"} {
				if err := os.WriteFile(filepath.Join(root, name), []byte(text), 0o644); err != nil {
					t.Fatal(err)
				}
			}
			var out, narration bytes.Buffer
			args := append([]string{"build", root, "--json"}, c.args...)
			if code := cli.Main(t.Context(), cli.App{Version: "test"}, cli.Streams{Out: &out, Err: &narration, Dir: root, Args: args}); code != c.code {
				t.Fatalf("exit %d, want %d: %s", code, c.code, &narration)
			}
			printed := filepath.Join(t.TempDir(), "result.json")
			if err := os.WriteFile(printed, out.Bytes(), 0o644); err != nil {
				t.Fatal(err)
			}
			validate(t, "batch_result_v1", printed)
			bundle := filepath.Join(root, ".buildscope", "runs", "*", "artifacts", "*.json")
			files, err := filepath.Glob(bundle)
			if err != nil {
				t.Fatal(err)
			}
			found := map[string]bool{}
			for _, f := range files {
				name := strings.TrimSuffix(filepath.Base(f), ".json")
				found[name] = true
				validate(t, name, f)
			}
			for _, names := range c.want {
				for _, name := range names {
					if !found[name] {
						t.Errorf("the bundle has no %s", name)
					}
				}
			}
		})
	}
}

// validate checks one artifact file against docs/schemas.
func validate(t *testing.T, name, file string) {
	t.Helper()
	schema, err := jsonschema.NewCompiler().Compile(filepath.Join("..", "docs", "schemas", name+".json"))
	if err != nil {
		t.Fatal(err)
	}
	data, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	var v any
	if err := json.Unmarshal(data, &v); err != nil {
		t.Fatal(err)
	}
	if err := schema.Validate(v); err != nil {
		t.Errorf("%s: %v", name, err)
	}
}
