package listing

import (
	"errors"
	"os"
)

// Columns reads the names of a Parquet file's columns, in order and past the caches.
func Columns(path string) (names []string, err error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, fault("read footer of", path, err)
	}
	defer func() { err = errors.Join(err, f.Close()) }()
	info, err := f.Stat()
	if err != nil {
		return nil, fault("read footer of", path, err)
	}
	meta, err := readFooter(f, info.Size(), sizeHint)
	if err != nil {
		return nil, fault("read footer of", path, err)
	}
	root := meta.Schema.Root()
	for i := range root.NumFields() {
		names = append(names, root.Field(i).Name())
	}
	return names, nil
}
