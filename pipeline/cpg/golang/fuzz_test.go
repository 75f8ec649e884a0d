package golang

import "testing"

// FuzzExtract: whatever the bytes, no panic, keys in range, spans in the file.
func FuzzExtract(f *testing.F) {
	for _, s := range []string{
		"", "package p", "package p\nfunc f[T any](t T) { x := f[int](1); x.y.z() }",
		"package p\nimport . \"a\"\nimport \"\\xff\"\ntype T struct { *a.B[int]; c map[K]V }\nfunc (t *T[K]) m() {}",
		"package p\nvar x = map[K]T{k: {f: 1}, {1}: nil}\nfunc (", "package p; func f() { for x := range { select { case a := <-b: } } }",
		"\xef\xbb\xbfpackage p\r\n// \xff\r\ntype I interface { ~int | E; M(a, b int) (c error) }", "package p\nfunc () m() {}\nfunc (a, b) n() {}",
	} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, src []byte) {
		file, err := Extract(src, "p_test.go", "p")
		if err != nil {
			return
		}
		check(t, file, len(src))
	})
}
