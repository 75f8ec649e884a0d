package listing

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"unsafe"

	"github.com/buildscope/buildscope/engine/cache"
	"github.com/buildscope/buildscope/model/objecturl"
)

// File is one Parquet file as it was listed. Two equal values are taken to be
// the same contents, which is DataFusion's rule.
type File struct {
	Path    string // absolute, or the URL of an object
	Size    int64  // bytes
	ModTime int64  // unix nanoseconds
	Tag     string // of an object, which the store changes with the contents (ETag); "" of a file
}

// ErrNoFiles says that a directory holds no Parquet file.
var ErrNoFiles = errors.New("no .parquet files in the directory")

func sizeOfList(dir TableKey, files []File) (key, value int64) {
	for _, f := range files {
		value += int64(unsafe.Sizeof(f)) + int64(len(f.Path)+len(f.Tag))
	}
	return dir.bytes(), value
}

// files resolves locations to files. cached names the directories and URLs whose
// listing came from the cache and may therefore be stale.
func (c *Catalog) files(ctx context.Context, table string, locations []string) (files []File, cached []string, err error) {
	files = make([]File, 0, len(locations))
	lists := c.lists.For(table)
	for _, location := range locations {
		if err := ctx.Err(); err != nil {
			return nil, nil, fmt.Errorf("list %s: %w", location, err)
		}
		if objecturl.Is(location) {
			list, hit, err := c.objectsOf(ctx, lists, TableKey{table, location})
			if err != nil {
				return nil, nil, err
			}
			if files = append(files, list...); hit {
				cached = append(cached, location)
			}
			continue
		}
		path, err := filepath.Abs(location)
		if err != nil {
			return nil, nil, fmt.Errorf("list %s: %w", location, err)
		}
		isDir := location != "" && os.IsPathSeparator(location[len(location)-1])
		if !isDir {
			info, err := os.Stat(path)
			if err != nil {
				return nil, nil, fault("list", path, err)
			}
			if !info.IsDir() {
				files = append(files, fileOf(path, info))
				continue
			}
		}
		if list, ok := lists.Get(TableKey{table, path}, nil); ok {
			files, cached = append(files, list...), append(cached, path)
			continue
		}
		list, err := readDirectory(path)
		if err != nil {
			return nil, nil, err
		}
		lists.Put(TableKey{table, path}, list)
		files = append(files, list...)
	}
	return files, cached, nil
}

// objectsOf lists the objects of a URL; hit says that the cache had them.
func (c *Catalog) objectsOf(ctx context.Context, lists cache.User[TableKey, []File], key TableKey) (files []File, hit bool, err error) {
	if list, ok := lists.Get(key, nil); ok {
		return list, true, nil
	}
	if c.objects == nil {
		return nil, false, fault("list", key.Path, errors.New("there is no object store"))
	}
	if files, err = c.objects.List(ctx, key.Path); err != nil {
		return nil, false, err
	}
	lists.Put(key, files)
	return files, false, nil
}

func readDirectory(dir string) ([]File, error) {
	entries, err := os.ReadDir(dir)
	if err != nil {
		return nil, fault("list", dir, err)
	}
	var files []File
	for _, e := range entries {
		if !strings.HasSuffix(e.Name(), ".parquet") || e.IsDir() {
			continue
		}
		path := filepath.Join(dir, e.Name())
		info, err := os.Stat(path) // not e.Info: a link must be followed
		if errors.Is(err, fs.ErrNotExist) {
			continue // removed since the directory was read
		}
		if err != nil {
			return nil, fault("list", path, err)
		}
		if info.Mode().IsRegular() {
			files = append(files, fileOf(path, info))
		}
	}
	if len(files) == 0 {
		return nil, fault("list", dir, ErrNoFiles)
	}
	return files, nil
}

func fileOf(path string, info fs.FileInfo) File {
	return File{Path: path, Size: info.Size(), ModTime: info.ModTime().UnixNano()}
}
