package scan

import (
	"bufio"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"github.com/go-git/go-git/v5/plumbing/filemode"
	"github.com/go-git/go-git/v5/plumbing/format/config"
	"github.com/go-git/go-git/v5/plumbing/format/index"
)

// repository is the git work tree that a directory lies in.
type repository struct {
	top     string // the work tree's directory
	prefix  string // of the scanned directory below top, "" or ending in /
	ignores []rules
	ignored bool // the scanned directory itself is, but for what is tracked
	// What git tracks below the scanned directory, relative to it; true for the
	// commit of a submodule.
	tracked map[string]bool
}

// findRepository looks for the work tree around root, which has no symbolic links
// in it. nil means that there is none; an error that there is one which cannot be
// read.
func findRepository(root string) (*repository, error) {
	for top := root; ; top = filepath.Dir(top) {
		if _, err := os.Lstat(filepath.Join(top, ".git")); err == nil {
			return openRepository(top, root)
		}
		if top == filepath.Dir(top) {
			return nil, nil
		}
	}
}

func openRepository(top, root string) (*repository, error) {
	dir, common, err := gitDirs(top)
	if err != nil {
		return nil, err
	}
	r := &repository{top: top, tracked: map[string]bool{}}
	if root != top {
		rel, err := filepath.Rel(top, root)
		if err != nil {
			return nil, err
		}
		r.prefix = filepath.ToSlash(rel) + "/"
	}
	if err := r.readIndex(filepath.Join(dir, "index")); err != nil {
		return nil, fmt.Errorf("read the git index: %w", err)
	}
	r.ignores = []rules{globalRules(common), readRules(filepath.Join(common, "info", "exclude"), "")}
	for at := 0; ; { // the .gitignore files above root
		i := strings.IndexByte(r.prefix[at:], '/')
		if i < 0 {
			break
		}
		r.ignores = append(r.ignores, readRules(filepath.Join(top, filepath.FromSlash(r.prefix[:at]), ".gitignore"), r.prefix[:at]))
		at += i + 1
	}
	r.ignored = r.prefix != "" && ignoredBelow(r.ignores, strings.TrimSuffix(r.prefix, "/"), true)
	if r.ignored && len(r.tracked) == 0 {
		return nil, nil // whoever names an ignored directory wants what is in it
	}
	return r, nil
}

// gitDirs follows .git, which in a linked work tree and in a submodule is a file.
// common is where the configuration is, the main work tree's.
func gitDirs(top string) (dir, common string, err error) {
	dir = filepath.Join(top, ".git")
	if info, err := os.Stat(dir); err != nil {
		return "", "", err
	} else if !info.IsDir() {
		text, err := os.ReadFile(dir)
		if err != nil {
			return "", "", err
		}
		target, ok := strings.CutPrefix(strings.TrimSpace(string(text)), "gitdir: ")
		if !ok {
			return "", "", fmt.Errorf("%s names no git directory", dir)
		}
		if dir = target; !filepath.IsAbs(dir) {
			dir = filepath.Join(top, dir)
		}
	}
	common = dir
	if text, err := os.ReadFile(filepath.Join(dir, "commondir")); err == nil {
		if common = strings.TrimSpace(string(text)); !filepath.IsAbs(common) {
			common = filepath.Join(dir, common)
		}
	}
	return dir, common, nil
}

// readIndex fills tracked. A repository without a commit has no index yet.
func (r *repository) readIndex(file string) (err error) {
	f, err := os.Open(file)
	if os.IsNotExist(err) {
		return nil
	}
	if err != nil {
		return err
	}
	defer f.Close() // only read
	defer func() {  // the decoder trusts lengths that the file gives
		if v := recover(); v != nil {
			err = fmt.Errorf("%v", v)
		}
	}()
	var idx index.Index
	if err := index.NewDecoder(bufio.NewReaderSize(f, 1<<16)).Decode(&idx); err != nil {
		return err
	}
	for _, e := range idx.Entries {
		if rel, ok := strings.CutPrefix(e.Name, r.prefix); ok {
			r.tracked[rel] = e.Mode == filemode.Submodule
		}
	}
	return nil
}

// excludesFile is what a configuration file names as core.excludesFile, "" for none
// and for a file that cannot be read.
func excludesFile(file string) string {
	f, err := os.Open(file)
	if err != nil {
		return ""
	}
	defer f.Close() // only read
	c := config.New()
	if config.NewDecoder(f).Decode(c) != nil {
		return ""
	}
	return c.Section("core").Options.Get("excludesfile")
}
