package main

import (
	"encoding/json"
	"errors"
	"io"
	"os/exec"
	"strings"
	"testing"
)

// layers lists the top-level packages from the top down; a package may import
// only packages of its own layer's folder and of the layers below.
var layers = [][]string{{"cli"}, {"tui"}, {"build"}, {"pipeline", "engine", "otel"}, {"presets"}, {"model"}}

func TestImportDirection(t *testing.T) {
	const module = "github.com/buildscope/buildscope/"
	level := map[string]int{}
	for i, names := range layers {
		for _, n := range names {
			level[n] = i
		}
	}
	cmd := exec.Command("go", "list", "-json=ImportPath,Imports", "./...")
	out, err := cmd.Output()
	if err != nil {
		t.Fatal(err)
	}
	top := func(path string) string { return strings.SplitN(strings.TrimPrefix(path, module), "/", 2)[0] }
	dec := json.NewDecoder(strings.NewReader(string(out)))
	seen := 0
	for {
		var p struct {
			ImportPath string
			Imports    []string
		}
		if err := dec.Decode(&p); errors.Is(err, io.EOF) {
			break
		} else if err != nil {
			t.Fatal(err)
		}
		from := top(p.ImportPath)
		if _, ok := level[from]; !ok {
			continue // main and examples stand above all layers
		}
		seen++
		for _, imp := range p.Imports {
			if !strings.HasPrefix(imp, module) || top(imp) == from {
				continue
			}
			if to, ok := level[top(imp)]; !ok || to <= level[from] {
				t.Errorf("%s imports %s, against the direction of imports", p.ImportPath, imp)
			}
		}
		if from == "tui" && strings.Contains(strings.Join(p.Imports, " "), "go.opentelemetry.io/otel/sdk") {
			t.Errorf("%s imports the OpenTelemetry SDK", p.ImportPath)
		}
	}
	if seen < 5 {
		t.Fatalf("only %d packages were checked", seen)
	}
}
