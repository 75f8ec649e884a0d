package cli

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/buildscope/buildscope/model"
)

// workFolders are the folders that builds write to, with their settings.
func workFolders(s model.Settings) []struct{ key, path string } {
	return []struct{ key, path string }{
		{"build.work_dir", s.Build.WorkDir}, {"build.output_dir", s.Build.OutputDir}, {"engine.temp_directory", s.Engine.TempDirectory},
	}
}

// inRoots says why a path must not be used.
func (a *access) inRoots(path string) error { return a.leadsTo(path, a.roots) }

// inFolders says why a path must not be used of which builds read or write something.
func (a *access) inFolders(path string) error {
	return a.leadsTo(path, append(slices.Clone(a.roots), a.own...))
}

func (a *access) leadsTo(path string, folders []string) error {
	real, err := realPath(path)
	if err != nil {
		return err
	}
	if !within(real, folders) {
		return fmt.Errorf("%s is outside of the allowed roots (%s)", path, strings.Join(a.roots, ", "))
	}
	return nil
}

// within reports whether a path lies in one of some folders, by its name.
func within(path string, folders []string) bool {
	return slices.ContainsFunc(folders, func(folder string) bool {
		rel, err := filepath.Rel(folder, path)
		return err == nil && filepath.IsLocal(rel)
	})
}

// realPath follows links as far as a path exists; what does not exist yet cannot lead
// elsewhere.
func realPath(path string) (string, error) {
	real, rest := filepath.Clean(path), ""
	for {
		r, err := filepath.EvalSymlinks(real)
		if err == nil {
			return filepath.Join(r, rest), nil
		}
		if !errors.Is(err, fs.ErrNotExist) {
			return "", fmt.Errorf("look %s up: %w", path, err)
		}
		if isLink(real) {
			return "", fmt.Errorf("%s is a link to nothing", real)
		}
		rest, real = filepath.Join(filepath.Base(real), rest), filepath.Dir(real)
	}
}

// runsIn says why the runs of a work folder must not be read.
func (a *access) runsIn(workDir string) error {
	if err := a.inFolders(filepath.Join(workDir, "runs")); err != nil {
		return fmt.Errorf("build.work_dir: %w", err)
	}
	return nil
}

// contained says why a build, or what removes its runs, must not write to its folders:
// because a link in them leads out of the roots. Sources come with links, and a work
// folder may be among them.
func (a *access) contained(s model.Settings) error {
	seen := map[string]bool{}
	for _, folder := range workFolders(s) {
		if folder.key == "engine.temp_directory" && folder.path == a.base.Settings.Engine.TempDirectory {
			continue // the server's own, which may be that of everything on the machine
		}
		if err := a.linksIn(folder.path, seen); err != nil {
			return fmt.Errorf("%s: %w", folder.key, err)
		}
	}
	return nil
}

// linksIn looks at all links below a folder, and below where they lead.
func (a *access) linksIn(dir string, seen map[string]bool) error {
	if dir == "" {
		return nil
	}
	real, err := realPath(dir)
	if err != nil || seen[real] {
		return err
	}
	seen[real] = true
	if err := a.inFolders(real); err != nil {
		return err
	}
	return filepath.WalkDir(real, func(path string, e fs.DirEntry, err error) error {
		switch {
		case errors.Is(err, fs.ErrNotExist): // not there yet, or another build has removed it
			return nil
		case err != nil:
			return err
		case e.Type()&fs.ModeSymlink == 0:
			return nil
		}
		if to, err := os.Readlink(path); err == nil && to == filepath.Base(to) && filepath.IsLocal(to) {
			return nil // latest, which leads to its neighbour, there or not
		}
		if err := a.inFolders(path); err != nil {
			return err
		}
		return a.linksIn(path, seen)
	})
}

// isLink reports whether the last element of a path is a link.
func isLink(path string) bool {
	info, err := os.Lstat(path)
	return err == nil && info.Mode()&fs.ModeSymlink != 0
}
