package python

import (
	"fmt"
	"strings"

	"github.com/buildscope/buildscope/pipeline/cpg/evidence"
)

func fmtDiff(what string, at [2]int32, n int) string {
	return fmt.Sprintf("%s at %v: %+d", what, at, n)
}

// scopeName is the name that symtable gives a scope.
func scopeName(s evidence.Scope) string {
	if s.Kind == "lambda" {
		return "lambda"
	}
	return s.Name
}

// symbols compares the flags of every name with symtable's. Left out is what
// symtable adds for its own use: names of enclosing scopes that a scope only
// passes on, __class__, the .0 of comprehensions, names in unevaluated annotations.
func (w *truth) symbols(f *evidence.File) []string {
	if w.Future {
		return nil
	}
	var out []string
	want := map[string]int{}
	for _, t := range w.Tables {
		where := fmt.Sprintf("%v@%v", t[1], t[2])
		class := enclosingClass(w.Tables, t)
		for _, raw := range t[4].([]any) {
			s := raw.([]any)
			flag := func(i int) bool { return s[i].(bool) }
			name := s[0].(string)
			if name == ".0" || name == "__class__" || flag(5) && !flag(9) && !flag(4) {
				continue
			}
			if class != "" && strings.HasPrefix(name, "_"+strings.TrimLeft(class, "_")+"__") {
				name = strings.TrimPrefix(name, "_"+strings.TrimLeft(class, "_"))
			}
			if t[3].(float64) < 0 && !flag(9) && !flag(8) && !flag(7) {
				continue // only declared global somewhere else
			}
			declared := flag(3)
			key := fmt.Sprintf("%s %s local=%v declared=%v nonlocal=%v free=%v param=%v import=%v ref=%v annot=%v", where, name,
				flag(1), declared, flag(4), flag(5), flag(6), flag(7), flag(9), flag(10))
			want[key]++
		}
	}
	for _, b := range f.Bindings {
		s := f.Scopes[b.Scope]
		has := func(v evidence.Flags) bool { return b.Flags&v != 0 }
		if s.Kind == "module" && !has(evidence.Referenced|evidence.Assigned|evidence.Imported|evidence.Annotated) {
			continue
		}
		local, declared := has(evidence.Local), has(evidence.DeclaredGlobal)
		if s.Kind == "module" && declaredElsewhere(f, b.Name) {
			continue
		}
		if has(evidence.Free) && !has(evidence.Referenced|evidence.Nonlocal) {
			continue
		}
		key := fmt.Sprintf("%s@%d %s local=%v declared=%v nonlocal=%v free=%v param=%v import=%v ref=%v annot=%v", scopeName(s), line(s), b.Name,
			local, declared, has(evidence.Nonlocal), has(evidence.Free), has(evidence.Parameter), has(evidence.Imported), has(evidence.Referenced), has(evidence.Annotated))
		want[key]--
	}
	for key, n := range want {
		if n != 0 && !(strings.HasPrefix(key, "top@") && declaredElsewhere(f, strings.Fields(key)[1])) {
			out = append(out, fmt.Sprintf("%s: %+d", key, n))
		}
	}
	return out
}

func line(s evidence.Scope) int32 {
	if s.Kind == "module" {
		return 0
	}
	return s.Line
}

// declaredElsewhere says whether a function declares a name global: symtable then
// marks the module's own as declared too, and does not say that it is bound.
func declaredElsewhere(f *evidence.File, name string) bool {
	for _, b := range f.Bindings {
		if b.Name == name && b.Flags&evidence.DeclaredGlobal != 0 {
			return true
		}
	}
	return false
}

func enclosingClass(tables [][]any, t []any) string {
	for {
		if t[0] == "class" {
			return t[1].(string)
		}
		parent := int(t[3].(float64))
		if parent < 0 {
			return ""
		}
		t = tables[parent]
	}
}
