package python

import (
	"bufio"
	"bytes"
	"encoding/json"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/buildscope/buildscope/pipeline/cpg/evidence"
)

// stdlib lists the Python files of the standard library of python3.
func stdlib(tb testing.TB) []string {
	tb.Helper()
	out, err := exec.Command("python3", "-c", "import sysconfig; print(sysconfig.get_path('stdlib'))").Output()
	if err != nil {
		tb.Skip("no python3 to compare with")
	}
	var paths []string
	err = filepath.WalkDir(strings.TrimSpace(string(out)), func(p string, d fs.DirEntry, err error) error {
		if d != nil && d.Name() == "site-packages" {
			return fs.SkipDir
		}
		if err == nil && strings.HasSuffix(p, ".py") {
			paths = append(paths, p)
		}
		return err
	})
	if err != nil || len(paths) == 0 {
		tb.Skipf("python3 has no library sources here: %v", err)
	}
	return paths
}

// truth is what oracle.py says about a file.
type truth struct {
	Def, Call, Name, Attribute, Import, Arg, Fstring [][]int32
	Tables                                           [][]any
	Future                                           bool
	Doc                                              string
}

// TestAgainstCPython compares spans with ast and name flags with symtable over a
// sample of the standard library.
func TestAgainstCPython(t *testing.T) {
	paths := stdlib(t)
	step := 8
	if testing.Short() {
		step = 40
	}
	var sample []string
	for i := 0; i < len(paths); i += step {
		sample = append(sample, paths[i])
	}
	cmd := exec.Command("python3", "-W", "ignore", "testdata/oracle.py")
	cmd.Stdin = strings.NewReader(strings.Join(sample, "\n") + "\n")
	out, err := cmd.Output()
	if err != nil {
		t.Fatal(err)
	}
	p, err := NewParser()
	if err != nil {
		t.Fatal(err)
	}
	defer p.Close()
	lines := bufio.NewScanner(bytes.NewReader(out))
	lines.Buffer(nil, 1<<26)
	compared, rows, wrong := 0, 0, 0
	for i := 0; lines.Scan(); i++ {
		var want *truth
		if err := json.Unmarshal(lines.Bytes(), &want); err != nil {
			t.Fatal(err)
		}
		if want == nil {
			continue
		}
		src, err := os.ReadFile(sample[i])
		if err != nil {
			t.Fatal(err)
		}
		f, err := Extract(p, src, "m.py")
		if err != nil {
			t.Fatal(err)
		}
		check(t, f, len(src))
		compared++
		for _, d := range slices.Concat(want.differences(f), want.symbols(f)) {
			if wrong++; wrong <= 20 {
				t.Logf("%s: %s", sample[i], d)
			}
		}
		if len(f.Errors) > 0 {
			t.Logf("%s: %+v", sample[i], f.Errors[0])
			wrong++
		}
		rows += len(want.Name) + len(want.Attribute) + len(want.Call) + len(want.Def) + len(f.Bindings)
	}
	t.Logf("%d files, %d rows compared, %d differ", compared, rows, wrong)
	if compared == 0 || wrong*5000 > rows {
		t.Errorf("more than one row in 5,000 differs from CPython: %d of %d", wrong, rows)
	}
}

// differences compares spans, those inside f-strings excepted, where CPython 3.11
// gives no positions.
func (w *truth) differences(f *evidence.File) []string {
	var out []string
	outside := func(s evidence.Span) bool {
		for _, fs := range w.Fstring {
			if s.Start >= fs[0] && s.End <= fs[1] {
				return false
			}
		}
		return true
	}
	compare := func(what string, want [][]int32, got []evidence.Span, parts ...int) {
		count := map[[2]int32]int{}
		for _, s := range want {
			k := [2]int32{}
			copy(k[:], s)
			count[k]++
		}
		for _, s := range got {
			if !outside(s) {
				continue
			}
			k := [2]int32{s.Start, s.End}
			if len(parts) > 0 {
				k = [2]int32{k[parts[0]], 0}
			}
			count[k]--
		}
		for k, n := range count {
			if n != 0 {
				out = append(out, fmtDiff(what, k, n))
			}
		}
	}
	spans := map[string][]evidence.Span{}
	for _, d := range f.Defs {
		spans["def"] = append(spans["def"], d.Span)
	}
	for _, c := range f.Calls {
		spans["call"] = append(spans["call"], c.Span)
	}
	for _, r := range f.Refs {
		spans[r.Kind] = append(spans[r.Kind], r.Span)
	}
	for _, im := range f.Imports {
		spans["import"] = append(spans["import"], im.Alias)
	}
	for _, a := range f.Params {
		spans["arg"] = append(spans["arg"], a.Span)
	}
	compare("def", w.Def, spans["def"])
	compare("call", w.Call, spans["call"])
	compare("name", w.Name, spans["name"])
	compare("attribute", w.Attribute, spans["attribute"], 1)
	compare("import", w.Import, spans["import"])
	compare("arg", w.Arg, spans["arg"], 0)
	return out
}
