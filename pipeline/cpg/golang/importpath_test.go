package golang

import (
	"io/fs"
	"testing"
)

func TestImportPaths(t *testing.T) {
	files := map[string]string{
		"go.mod":          "// comment\nmodule example.org/m // trailing\n\ngo 1.26\n",
		"tools/go.mod":    "module \"example.org/tools\"\n",
		"broken/go.mod":   "not a module\n",
		"goroot/go.mod":   "module std\n",
		"goroot/c/go.mod": "module cmd\n",
	}
	paths := NewImportPaths(func(p string) ([]byte, error) {
		if text, ok := files[p]; ok {
			return []byte(text), nil
		}
		return nil, fs.ErrNotExist
	})
	for dir, want := range map[string]string{
		".": "example.org/m", "a/b": "example.org/m/a/b", "tools": "example.org/tools", "tools/x": "example.org/tools/x",
		"broken/x": "example.org/m/broken/x", "goroot/net/http": "net/http", "goroot/c/go": "cmd/go",
		"vendor/golang.org/x/net": "golang.org/x/net", "a/vendor/b.org/c": "b.org/c",
	} {
		if got := paths.Of(dir); got != want {
			t.Errorf("Of(%q) = %q, want %q", dir, got, want)
		}
	}
	none := NewImportPaths(func(string) ([]byte, error) { return nil, fs.ErrNotExist })
	if got := none.Of("a/b"); got != "a/b" {
		t.Errorf("without go.mod: %q", got)
	}
}

func TestLocalName(t *testing.T) {
	for path, want := range map[string]string{
		"fmt": "fmt", "net/http": "http", "gopkg.in/yaml.v3": "yaml", "a.org/x/v2": "x", "a.org/go-foo": "foo",
		"a.org/foo-go": "foo", "a.org/tree-sitter-python": "python", "v2": "v2", "a.org/b/v2ray": "v2ray", "": "",
	} {
		if got := localName(path); got != want {
			t.Errorf("localName(%q) = %q, want %q", path, got, want)
		}
	}
}
