package listing

import (
	"errors"
	"fmt"
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
	defer func() {
		if p := recover(); p != nil { // as of the footer itself
			err = fault("read footer of", path, fmt.Errorf("damaged footer: %v", p))
		}
	}()
	root := meta.Schema.Root()
	for i := range root.NumFields() {
		names = append(names, root.Field(i).Name())
	}
	return names, nil
}
