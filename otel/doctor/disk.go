package doctor

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"

	"github.com/buildscope/buildscope/presets"
)

// Free space that a folder should have, in bytes.
const (
	littleRoom = 1 << 30
	noRoom     = 64 << 20
)

// checkDisks is D25. A folder that is not there yet is judged by the nearest one
// above it, in which it will be made.
func checkDisks(d *doctor) (list []Finding) {
	b := d.Resolved.Settings.Build
	type folder struct{ key, dir, what string }
	folders := []folder{{"build.work_dir", b.WorkDir, "run bundles and caches"}}
	if within, err := filepath.Rel(b.WorkDir, b.OutputDir); err != nil || !filepath.IsLocal(within) {
		folders = append(folders, folder{"build.output_dir", b.OutputDir, "outputs"})
	}
	if temp := d.Resolved.Settings.Engine.TempDirectory; temp != "" {
		folders = append(folders, folder{"engine.temp_directory", temp, "what the engine spills"})
		if inMemory(temp) {
			f := d.about("D25", Warn, "engine.temp_directory")
			f.Means, f.Advice = "it is a file system in memory: spilling there takes the memory that spilling should free", "name a folder on a disk"
			list = append(list, f)
		}
	}
	if _, err := os.ReadDir(b.RepoRoot); err != nil {
		f := d.about("D25", Fail, "build.repo_root")
		f.Seen, f.Means, f.Advice = err.Error(), "the repository cannot be read", "name the folder to build"
		list = append(list, f)
	}
	for _, f := range folders {
		list = append(list, d.checkFolder(f.key, f.dir, f.what)...)
	}
	return list
}

func (d *doctor) checkFolder(key, dir, what string) []Finding {
	f := d.about("D25", Fail, key)
	if f.Value == "" {
		f.Value = dir
	}
	f.Advice = fmt.Sprintf("name another folder for %s with --%s", what, flagOf(key))
	if err := tryWrite(dir); err != nil {
		f.Seen, f.Means = err.Error(), what+" cannot be written there"
		return []Finding{f}
	}
	free, ok := freeSpace(nearest(dir))
	if f.Severity = room(free); !ok || f.Severity == OK {
		return nil
	}
	f.Means = fmt.Sprintf("only %d MiB are free for %s", free>>20, what)
	return []Finding{f}
}

// room judges free space.
func room(free int64) Severity {
	switch {
	case free < noRoom:
		return Fail
	case free < littleRoom:
		return Warn
	}
	return OK
}

// nearest is dir, or the folder above it that exists.
func nearest(dir string) string {
	for {
		if _, err := os.Stat(dir); !errors.Is(err, os.ErrNotExist) || dir == filepath.Dir(dir) {
			return dir
		}
		dir = filepath.Dir(dir)
	}
}

// tryWrite writes, syncs and removes a small file in a folder, or in the one in
// which it would be made.
func tryWrite(dir string) error {
	dir = nearest(dir)
	f, err := os.CreateTemp(dir, ".buildscope-doctor-*")
	if err != nil {
		return err
	}
	_, err = f.Write(slices.Repeat([]byte{'x'}, 4096))
	return errors.Join(err, f.Sync(), f.Close(), os.Remove(f.Name()))
}

func flagOf(key string) string { s, _ := presets.Lookup(key); return s.Flag }
