package golang

import (
	"go/ast"
	"go/importer"
	"go/parser"
	"go/token"
	"go/types"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/buildscope/buildscope/pipeline/cpg/evidence"
)

// TestAgainstTypeChecker asks go/types what every identifier of some packages
// means and compares: a use of a package-level name must be a reference bound at
// module level, a use of a local one must be bound where the checker says.
func TestAgainstTypeChecker(t *testing.T) {
	if testing.Short() {
		t.Skip("type-checks packages from source")
	}
	for _, pkg := range []string{"strings", "text/tabwriter", "encoding/xml", "go/parser", "container/list"} {
		t.Run(strings.ReplaceAll(pkg, "/", "_"), func(t *testing.T) { compareWithTypes(t, pkg) })
	}
}

func compareWithTypes(t *testing.T, pkg string) {
	dir := filepath.Join(goroot(t), "src", pkg)
	paths, _ := filepath.Glob(filepath.Join(dir, "*.go"))
	fset := token.NewFileSet()
	var trees []*ast.File
	evidences := map[string]*evidence.File{}
	for _, p := range paths {
		if strings.HasSuffix(p, "_test.go") {
			continue
		}
		src, err := os.ReadFile(p)
		if err != nil {
			t.Fatal(err)
		}
		tree, err := parser.ParseFile(fset, p, src, parser.SkipObjectResolution)
		if err != nil {
			t.Fatal(err)
		}
		f, err := Extract(src, p, pkg)
		if err != nil {
			t.Fatal(err)
		}
		trees, evidences[p] = append(trees, tree), f
	}
	if len(trees) == 0 {
		t.Skip("the Go distribution has no sources here")
	}
	info := &types.Info{Uses: map[*ast.Ident]types.Object{}, Implicits: map[ast.Node]types.Object{}}
	conf := types.Config{Importer: importer.ForCompiler(fset, "source", nil)}
	checked, err := conf.Check(pkg, fset, trees, info)
	if err != nil {
		t.Fatal(err)
	}
	implicit := map[types.Object]bool{}
	for _, o := range info.Implicits {
		implicit[o] = true
	}
	refs := map[string]map[int32]evidence.Ref{}
	for p, f := range evidences {
		refs[p] = map[int32]evidence.Ref{}
		for _, r := range f.Refs {
			refs[p][r.Span.Start] = r
		}
	}
	global, localNames := 0, 0
	for id, obj := range info.Uses {
		at := fset.Position(id.Pos())
		f := evidences[at.Filename]
		r, found := refs[at.Filename][int32(at.Offset)]
		v, isVar := obj.(*types.Var)
		switch {
		case isVar && v.IsField():
			continue // fields are not names of a scope
		case obj.Parent() == nil:
			continue // methods and labels
		case !found:
			if _, ok := obj.(*types.Label); !ok {
				t.Errorf("%s: no reference for %s", at, id.Name)
			}
			continue
		case r.Kind != "name":
			continue // pkg.Name
		}
		b := f.Bindings[r.Binding]
		scope := f.Scopes[b.Scope]
		switch obj.Parent() {
		case checked.Scope(), types.Universe:
			global++
			if scope.Kind != "module" {
				t.Errorf("%s: %s is package level, bound in %s scope", at, id.Name, scope.Kind)
			}
			def := fset.Position(obj.Pos())
			if declared := b.Flags&evidence.Global == 0; declared != (def.Filename == at.Filename) {
				t.Errorf("%s: %s declared in this file: %v, want the opposite", at, id.Name, declared)
			} else if declared && int(b.First.Start) != def.Offset {
				t.Errorf("%s: %s bound at %d, want %d", at, id.Name, b.First.Start, def.Offset)
			}
		default:
			if _, ok := obj.(*types.PkgName); ok {
				if b.Flags&evidence.Imported == 0 {
					t.Errorf("%s: %s is an import, flags %b", at, id.Name, b.Flags)
				}
				continue
			}
			localNames++
			if !implicit[obj] && int(b.First.Start) != fset.Position(obj.Pos()).Offset {
				t.Errorf("%s: %s bound at %d, want %d", at, id.Name, b.First.Start, fset.Position(obj.Pos()).Offset)
			}
		}
	}
	if global == 0 || localNames == 0 {
		t.Fatalf("compared %d package-level and %d local uses", global, localNames)
	}
	t.Logf("%d package-level and %d local uses agree", global, localNames)
}
