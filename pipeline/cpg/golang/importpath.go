package golang

import (
	"path"
	"strings"
	"sync"
)

// ImportPaths tells the import path of a folder from the nearest go.mod above
// it. It is safe for concurrent use.
type ImportPaths struct {
	read func(file string) ([]byte, error)

	mu      sync.Mutex
	modules map[string]string // folder -> module path of its go.mod, "" for none
}

// NewImportPaths reads go.mod files with read, which gets slash-separated paths
// relative to the root of the tree, such as "tools/go.mod".
func NewImportPaths(read func(file string) ([]byte, error)) *ImportPaths {
	return &ImportPaths{read: read, modules: map[string]string{}}
}

// Of is the import path of a folder, given relative to the root ("." for the
// root). Without a go.mod it is the folder itself. Folders below vendor are
// named as their importers name them, and the packages of the Go standard
// library (module std) without a prefix.
func (p *ImportPaths) Of(dir string) string {
	dir = path.Clean(dir)
	if i := strings.LastIndex("/"+dir, "/vendor/"); i >= 0 {
		return dir[i+len("vendor/"):]
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	for at := dir; ; at = path.Dir(at) {
		if module := p.module(at); module != "" {
			rel := strings.TrimPrefix(strings.TrimPrefix(dir, at), "/")
			if at == "." {
				rel = strings.TrimPrefix(dir, ".")
			}
			if module == "std" {
				return rel
			}
			return path.Join(module, rel)
		}
		if at == "." || at == "/" {
			return dir
		}
	}
}

// module reads the module line of the go.mod in dir, once. p.mu is held.
func (p *ImportPaths) module(dir string) string {
	name, ok := p.modules[dir]
	if !ok {
		if text, err := p.read(path.Join(dir, "go.mod")); err == nil {
			name = moduleLine(string(text))
		}
		p.modules[dir] = name
	}
	return name
}

// moduleLine is the path that the module directive gives.
func moduleLine(mod string) string {
	for line := range strings.Lines(mod) {
		fields := strings.Fields(line)
		if len(fields) >= 2 && fields[0] == "module" {
			return cut(strings.Trim(fields[1], "\"`"), maxText)
		}
	}
	return ""
}
