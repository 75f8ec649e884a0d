package scan

import (
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// git runs git in dir with no configuration but the test's, or skips without git.
func git(t *testing.T, dir string, args ...string) string {
	t.Helper()
	if _, err := exec.LookPath("git"); err != nil {
		if os.Getenv("CI") != "" {
			t.Fatal("CI has no git to compare with")
		}
		t.Skip("no git to compare with")
	}
	cmd := exec.Command("git", append([]string{"-c", "user.name=t", "-c", "user.email=t@example.com", "-c", "protocol.file.allow=always"}, args...)...)
	cmd.Dir = dir
	cmd.Env = append(os.Environ(), "GIT_CONFIG_NOSYSTEM=1")
	out, err := cmd.CombinedOutput()
	if err != nil {
		t.Fatalf("git %s: %v\n%s", strings.Join(args, " "), err, out)
	}
	return string(out)
}

// home is an empty home directory for git and for the scan.
func home(t *testing.T) string {
	t.Helper()
	dir := t.TempDir()
	t.Setenv("HOME", dir)
	t.Setenv("XDG_CONFIG_HOME", "")
	return dir
}

func put(t *testing.T, root string, files map[string]string) {
	t.Helper()
	for name, text := range files {
		path := filepath.Join(root, filepath.FromSlash(name))
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
}

// list scans and gives the names of what is read, then of what is skipped and why.
func list(t *testing.T, o Options) (read, skipped []string) {
	t.Helper()
	if o.Languages == nil {
		o.Languages = []string{"python", "go"}
	}
	o.Workers = 2
	set, err := Scan(t.Context(), o)
	if err != nil {
		t.Fatal(err)
	}
	for i, f := range set.Files {
		if int(f.No) != i {
			t.Errorf("%s has number %d, want %d", f.Path, f.No, i)
		}
		if f.Skipped == "" {
			read = append(read, f.Path)
		} else {
			skipped = append(skipped, f.Path+": "+f.Skipped)
		}
	}
	return read, skipped
}

func same(t *testing.T, what string, got, want []string) {
	t.Helper()
	if !slices.Equal(got, want) {
		t.Errorf("%s:\n got %q\nwant %q", what, got, want)
	}
}

// listed is what git says, for paths that the scan would list.
func listed(t *testing.T, dir string, args ...string) []string {
	t.Helper()
	var out []string
	for name := range strings.SplitSeq(git(t, dir, append([]string{"ls-files", "-z"}, args...)...), "\x00") {
		if strings.HasSuffix(name, ".py") || strings.HasSuffix(name, ".go") {
			out = append(out, name)
		}
	}
	slices.Sort(out)
	return slices.Compact(out)
}

func TestTrackedAndUntracked(t *testing.T) {
	h := home(t)
	root := t.TempDir()
	put(t, h, map[string]string{".gitconfig": "[core]\n\texcludesfile = ~/mine\n", "mine": "*.mine.py\n"})
	put(t, root, map[string]string{
		".gitignore": "out/\n*.gen.go\n", "a.py": "", "b.go": "", "kept.gen.go": "", "x.gen.go": "", "y.mine.py": "",
		"out/kept.py": "", "out/other.py": "", "sub/.gitignore": "!z.gen.go\n/local.py\n", "sub/z.gen.go": "", "sub/local.py": "",
		"sub/deep/local.py": "", "gone.py": "", "hidden.py": "",
	})
	git(t, root, "init", "-q")
	git(t, root, "add", "a.py", "gone.py", ".gitignore")
	git(t, root, "add", "-f", "kept.gen.go", "out/kept.py")
	put(t, root, map[string]string{".git/info/exclude": "hidden.py\n"})
	if err := os.Remove(filepath.Join(root, "gone.py")); err != nil {
		t.Fatal(err)
	}
	all := []string{"a.py", "b.go", "kept.gen.go", "out/kept.py", "sub/deep/local.py", "sub/z.gen.go"}
	read, _ := list(t, Options{Root: root})
	same(t, "all files", read, all)
	same(t, "git's files", slices.DeleteFunc(listed(t, root, "-co", "--exclude-standard"), func(n string) bool { return n == "gone.py" }), all)
	read, _ = list(t, Options{Root: root, TrackedOnly: true})
	same(t, "tracked files", read, []string{"a.py", "kept.gen.go", "out/kept.py"})
	read, _ = list(t, Options{Root: root, ExcludeGlobs: []string{"out/**", "b.*"}})
	same(t, "excluded although tracked", read, []string{"a.py", "kept.gen.go", "sub/deep/local.py", "sub/z.gen.go"})
	read, _ = list(t, Options{Root: root, IncludeGlobs: []string{"sub/", "*.gen.go"}})
	same(t, "included", read, []string{"kept.gen.go", "sub/deep/local.py", "sub/z.gen.go"})
	read, _ = list(t, Options{Root: filepath.Join(root, "sub")})
	same(t, "a subdirectory", read, []string{"deep/local.py", "z.gen.go"})
	read, _ = list(t, Options{Root: filepath.Join(root, "out"), TrackedOnly: true})
	same(t, "an ignored subdirectory with tracked files", read, []string{"kept.py"})
	read, _ = list(t, Options{Root: root, Skip: []string{filepath.Join(root, "out")}})
	same(t, "an output directory with tracked files", read, []string{"a.py", "b.go", "kept.gen.go", "sub/deep/local.py", "sub/z.gen.go"})
}

func TestIgnoredDirectoryAsRoot(t *testing.T) {
	home(t)
	root := t.TempDir()
	put(t, root, map[string]string{".gitignore": "lib/\n", "lib/a.py": "", "a.py": ""})
	git(t, root, "init", "-q")
	read, _ := list(t, Options{Root: filepath.Join(root, "lib")})
	same(t, "an ignored directory", read, []string{"a.py"})
}

func TestWithoutRepository(t *testing.T) {
	root := t.TempDir()
	put(t, root, map[string]string{".gitignore": "*.gen.py\n", "a.py": "", "b.gen.py": "", "c/d.py": "", "c/.git/HEAD": "", "venv/e.py": "",
		"c/.git/f.py": ""})
	read, _ := list(t, Options{Root: root})
	same(t, "files", read, []string{"a.py", "c/d.py"})
}

func TestSubmodulesAndWorktrees(t *testing.T) {
	home(t)
	base := t.TempDir()
	lib, root, tree := filepath.Join(base, "lib"), filepath.Join(base, "main"), filepath.Join(base, "tree")
	put(t, lib, map[string]string{"l.py": ""})
	put(t, root, map[string]string{"a.py": "", ".gitignore": "*.gen.py\n", "b.gen.py": "", "inner/c.py": ""})
	for _, dir := range []string{lib, root} {
		git(t, dir, "init", "-q")
		git(t, dir, "add", ".")
	}
	git(t, lib, "commit", "-qm", "x")
	git(t, root, "submodule", "--quiet", "add", lib, "vendored/lib")
	git(t, root, "commit", "-qm", "x")
	put(t, root, map[string]string{"nested/d.py": ""})
	git(t, filepath.Join(root, "nested"), "init", "-q")
	read, skipped := list(t, Options{Root: root})
	same(t, "files", read, []string{"a.py", "inner/c.py"})
	same(t, "skipped", skipped, []string{"nested: " + nested, "vendored/lib: " + nested})
	_, skipped = list(t, Options{Root: root, ExcludeGlobs: []string{"vendored", "nested"}})
	same(t, "skipped when excluded", skipped, nil)
	read, _ = list(t, Options{Root: filepath.Join(root, "vendored", "lib")})
	same(t, "the submodule itself", read, []string{"l.py"})
	git(t, root, "worktree", "add", "-q", tree)
	put(t, tree, map[string]string{"e.py": "", "f.gen.py": ""})
	read, _ = list(t, Options{Root: tree})
	same(t, "a linked work tree", read, []string{"a.py", "e.py", "inner/c.py"})
	read, _ = list(t, Options{Root: tree, TrackedOnly: true})
	same(t, "tracked in a linked work tree", read, []string{"a.py", "inner/c.py"})
}

func TestUnreadableIndexFallsBackToTheWalk(t *testing.T) {
	home(t)
	root := t.TempDir()
	put(t, root, map[string]string{"a.py": "", ".git/HEAD": "", ".git/index": "DIRC\x00\x00\x00\x09broken"})
	set, err := Scan(t.Context(), Options{Root: root, Languages: []string{"python"}})
	if err != nil || len(set.Files) != 1 || !strings.HasPrefix(set.Source, "directory walk, because") {
		t.Errorf("got %d files from %q, %v", len(set.Files), set.Source, err)
	}
}

func TestLinksLimitsAndNames(t *testing.T) {
	root := t.TempDir()
	put(t, root, map[string]string{"a.py": "x", "big.py": "0123456789", "dir/b.py": "", "\xff.py": "", "\xfe.py": ""})
	for link, target := range map[string]string{"link.py": "a.py", "linked": "dir", "broken.py": "nowhere", "dir.py": "dir"} {
		if err := os.Symlink(target, filepath.Join(root, link)); err != nil {
			t.Skipf("no symbolic links here: %v", err)
		}
	}
	read, skipped := list(t, Options{Root: root, MaxFileBytes: 5})
	same(t, "read", read, []string{`\xfe.py`, `\xff.py`, "a.py", "dir/b.py"})
	same(t, "skipped", skipped, []string{"big.py: larger than 5 bytes"})
	read, skipped = list(t, Options{Root: root, FollowSymlinks: true})
	same(t, "read through links", read, []string{`\xfe.py`, `\xff.py`, "a.py", "big.py", "dir/b.py", "link.py"})
	same(t, "skipped links", skipped, []string{"broken.py: unreadable: no such file or directory", "dir.py: not a regular file"})
}

// TestAgainstGit compares the scan with git over random trees and ignore files.
func TestAgainstGit(t *testing.T) {
	home(t)
	seeds := 30
	if testing.Short() {
		seeds = 10
	}
	for seed := range seeds {
		r := rand.New(rand.NewPCG(uint64(seed), 1))
		pick := func(from ...string) string { return from[r.IntN(len(from))] }
		root := t.TempDir()
		files := map[string]string{}
		dir := func() string {
			out := ""
			for range r.IntN(4) {
				out += pick("a", "b", "ab", "c d", "x-y") + "/"
			}
			return out
		}
		for range 40 {
			files[dir()+pick("a", "b", "ab", "a b", "é", "[x]", "#h", "!n", "x-y", "z ")+pick(".py", ".go", "")+pick("", "", ".py")] = ""
		}
		for range 1 + r.IntN(4) {
			var lines []string
			for range 1 + r.IntN(6) {
				line := pick("", "", "", "!") + pick("", "", "/") + pick("", "", "**/")
				for i := range 1 + r.IntN(3) {
					if i > 0 {
						line += pick("/", "/", "/**/", "/*/")
					}
					line += pick("a", "b", "ab", "*", "?", "a*", "*b", "[ab]", "[!a]", "[a-c]*", "**", "a**", `\*`, "x-y", "[[:alpha:]]", "*.py", "*.go", `c\ d`, "c d", "[x", `\#h`, `\!n`, "[^a-b]?*", "[]x]*", "[x-]*")
				}
				lines = append(lines, line+pick("", "", "/", "/**", " ", `\ `))
			}
			files[dir()+".gitignore"] = strings.Join(lines, pick("\n", "\r\n"))
		}
		for name := range files {
			for at := 0; ; at++ { // a name may not be a file and a directory
				i := strings.IndexByte(name[at:], '/')
				if i < 0 {
					break
				}
				at += i
				delete(files, name[:at])
			}
		}
		put(t, root, files)
		git(t, root, "init", "-q")
		var track []string
		for name := range files {
			if r.IntN(5) == 0 {
				track = append(track, name)
			}
		}
		if len(track) > 0 {
			git(t, root, append([]string{"add", "-f", "--"}, track...)...)
		}
		for _, sub := range []string{"", "a"} {
			at := filepath.Join(root, sub)
			if _, err := os.Stat(at); err != nil {
				continue
			}
			if sub != "" && git(t, root, "ls-files", "--", sub) == "" {
				continue // if it is ignored, the scan means to differ
			}
			read, _ := list(t, Options{Root: at})
			want := listed(t, at, "-co", "--exclude-standard")
			if !slices.Equal(read, want) {
				for name, text := range files {
					if strings.HasSuffix(name, ".gitignore") {
						t.Logf("%s: %q", name, text)
					}
				}
				t.Errorf("seed %d in %q:\n scan only %q\n git only %q", seed, sub, without(read, want), without(want, read))
			}
			read, _ = list(t, Options{Root: at, TrackedOnly: true})
			same(t, fmt.Sprintf("seed %d, tracked in %q", seed, sub), read, listed(t, at, "-c"))
		}
	}
}

func without(a, b []string) []string {
	return slices.DeleteFunc(slices.Clone(a), func(s string) bool { return slices.Contains(b, s) })
}
