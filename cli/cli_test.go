package cli_test

import (
	"bytes"
	"context"
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/rogpeppe/go-internal/testscript"

	"github.com/buildscope/buildscope/cli"
	"github.com/buildscope/buildscope/model"
)

func TestMain(m *testing.M) {
	testscript.Main(m, map[string]func(){
		"buildscope": func() { os.Exit(cli.Main(context.Background(), cli.App{Version: "test"}, cli.Process())) },
		"probe":      func() { os.Exit(cli.Main(context.Background(), probe, cli.Process())) },
	})
}

func TestScripts(t *testing.T) {
	testscript.Run(t, testscript.Params{Dir: "testdata"})
}

// The artifacts that tie a run together say the same as the printed result.
func TestBundleTellsTheSameStory(t *testing.T) {
	root := t.TempDir()
	if err := os.WriteFile(filepath.Join(root, "a.go"), []byte("package a\n\nfunc F() { G() }\n\nfunc G() {}\n"), 0o644); err != nil {
		t.Fatal(err)
	}
	var out, narration bytes.Buffer
	code := cli.Main(t.Context(), cli.App{Version: "test"}, cli.Streams{Out: &out, Err: &narration, Dir: root,
		Args: []string{"build", root, "--json", "--engine-metadata-cache-limit", "8M", "--otel-exporter", "file"}})
	if code != cli.ExitOK {
		t.Fatalf("exit %d: %s", code, &narration)
	}
	var result struct {
		RunID        string                 `json:"run_id"`
		OutputDir    string                 `json:"output_dir"`
		RunBundleDir string                 `json:"run_bundle_dir"`
		Outputs      []model.OutputLocation `json:"outputs"`
		Exports      []model.ExportCounts   `json:"exports"`
	}
	if err := json.Unmarshal(out.Bytes(), &result); err != nil {
		t.Fatal(err)
	}
	payload := func(name string, v any) {
		t.Helper()
		data, err := os.ReadFile(filepath.Join(result.RunBundleDir, "artifacts", name+".json"))
		if err != nil {
			t.Fatal(err)
		}
		var a model.RawArtifact
		if err := json.Unmarshal(data, &a); err != nil {
			t.Fatal(err)
		}
		if err := json.Unmarshal(a.Payload, v); err != nil {
			t.Fatal(err)
		}
	}
	var loc model.LocationsPayload
	payload(model.ArtifactLocations, &loc)
	if loc.RunID != result.RunID || loc.OutputDir != result.OutputDir || loc.RunBundleDir != result.RunBundleDir || len(loc.Outputs) != len(result.Outputs) {
		t.Errorf("locations %+v differ from the result %+v", loc, result)
	}
	for _, o := range loc.Outputs {
		if info, err := os.Stat(o.Path); err != nil || info.Size() != o.Bytes {
			t.Errorf("output %s: %v", o.Path, err)
		}
	}
	var caches model.CacheConfigPayload
	payload(model.ArtifactCacheConfig, &caches)
	if v := caches.Values[0]; v.Effective != "8M (8388608)" || v.Source != "flag --engine-metadata-cache-limit" {
		t.Errorf("cache config %+v", v)
	}
	report, err := os.ReadFile(filepath.Join(result.RunBundleDir, "report.md"))
	if err != nil || !strings.Contains(string(report), result.RunBundleDir) || !strings.Contains(string(report), result.OutputDir) {
		t.Errorf("the report does not name the locations: %v", err)
	}
	var m model.ManifestPayload
	payload(model.ArtifactManifest, &m)
	if e := result.Exports[0]; e.Sent != e.Created || e.Created != m.SpansTotal || e.Sent == 0 {
		t.Errorf("exports %+v, spans %d", e, m.SpansTotal)
	}
	if target, err := os.Readlink(filepath.Join(root, ".buildscope", "outputs", "latest")); err != nil || target != result.RunID {
		t.Errorf("latest is %s: %v", target, err)
	}
}
