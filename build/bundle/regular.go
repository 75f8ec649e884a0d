package bundle

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
)

// errNotRegular says why a file of a bundle is not read.
var errNotRegular = errors.New("it is no regular file of the bundle")

// regular opens a file below a folder. Nothing in a bundle is a link: one that is there
// somebody else has made, and a bundle may be looked at by people who may not read what it
// leads to. That is seen to at the opening, whatever has been there before.
func regular(dir, name string) (*os.File, error) {
	root, err := os.OpenRoot(dir)
	if err != nil {
		return nil, err
	}
	defer root.Close()
	info, err := root.Lstat(name)
	if err != nil {
		return nil, err
	}
	if !info.Mode().IsRegular() { // nor does a pipe hold up who opens it
		return nil, &fs.PathError{Op: "open", Path: filepath.Join(dir, name), Err: errNotRegular}
	}
	return root.Open(name)
}

// File opens a file of the bundle.
func (b *Bundle) File(name string) (*os.File, error) { return regular(b.Dir, name) }

// read reads a file of the bundle.
func (b *Bundle) read(name string) (data []byte, err error) {
	f, err := b.File(name)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, f.Close()) }()
	return io.ReadAll(f)
}

// Files are the names of the files in a folder of the bundle; "." is the bundle itself.
func (b *Bundle) Files(folder string) (names []string, err error) {
	root, err := os.OpenRoot(b.Dir)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, root.Close()) }()
	if info, err := root.Lstat(folder); err != nil {
		return nil, err
	} else if !info.IsDir() {
		return nil, fmt.Errorf("%s is no folder", filepath.Join(b.Dir, folder))
	}
	entries, err := fs.ReadDir(root.FS(), filepath.ToSlash(filepath.Clean(folder)))
	for _, e := range entries {
		if e.Type().IsRegular() {
			names = append(names, e.Name())
		}
	}
	return names, err
}

// MayRead says why a file that the bundle names, and that is not its own, must not be
// read.
func (b *Bundle) MayRead(path string) error {
	if b.Within == nil {
		return nil
	}
	return b.Within(path)
}
