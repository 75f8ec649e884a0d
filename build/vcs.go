package build

import (
	"context"
	"errors"
	"io"
	"os"
	"path"
	"path/filepath"
	"strings"
	"time"

	"github.com/go-git/go-git/v5"
	"github.com/go-git/go-git/v5/plumbing"
	"github.com/go-git/go-git/v5/plumbing/filemode"
	"github.com/go-git/go-git/v5/plumbing/format/index"
	"github.com/go-git/go-git/v5/plumbing/object"
)

// dirtyWait bounds the look for uncommitted changes: in a large tree it may take
// seconds, and no build should wait for an attribute.
const dirtyWait = 200 * time.Millisecond

// repositoryResource describes what is built by the semantic conventions for
// version control. It is empty outside a repository.
func repositoryResource(ctx context.Context, root string) map[string]string {
	repo, err := git.PlainOpenWithOptions(root, &git.PlainOpenOptions{DetectDotGit: true, EnableDotGitCommonDir: true})
	if err != nil {
		return nil
	}
	out := map[string]string{}
	if head, err := repo.Head(); err == nil {
		out["vcs.ref.head.revision"] = head.Hash().String()
		if head.Name().IsBranch() {
			out["vcs.ref.head.name"], out["vcs.ref.head.type"] = head.Name().Short(), "branch"
		}
	}
	if remote, err := repo.Remote("origin"); err == nil && len(remote.Config().URLs) > 0 {
		url := remote.Config().URLs[0]
		out["vcs.repository.url.full"], out["vcs.repository.name"] = url, strings.TrimSuffix(path.Base(url), ".git")
	}
	if dirty, err := uncommitted(ctx, repo); err == nil { // unknown is left out
		out["buildscope.vcs.dirty"] = map[bool]string{true: "true", false: "false"}[dirty]
	}
	return out
}

// commit is what a manifest says of the sources: the commit, and whether they differ
// from it. That nobody knows is no difference.
func commit(repository map[string]string) (revision string, dirty bool) {
	return repository["vcs.ref.head.revision"], repository["buildscope.vcs.dirty"] == "true"
}

// errLate ends a look that takes too long.
var errLate = errors.New("the look for changes took too long")

// uncommitted reports whether the index differs from the last commit or a tracked
// file from the index. It reads; it does not run git, whose settings in a stranger's
// repository may name programs to be run.
func uncommitted(ctx context.Context, repo *git.Repository) (dirty bool, err error) {
	ctx, cancel := context.WithTimeoutCause(ctx, dirtyWait, errLate)
	defer cancel()
	idx, err := repo.Storer.Index()
	if err != nil {
		return false, err
	}
	committed, err := committedFiles(ctx, repo)
	if err != nil || len(committed) != len(idx.Entries) {
		return true, err
	}
	tree, err := repo.Worktree()
	if err != nil {
		return false, err
	}
	for _, e := range idx.Entries {
		if ctx.Err() != nil {
			return false, context.Cause(ctx)
		}
		if committed[e.Name] != e.Hash || e.Mode != filemode.Submodule && changed(filepath.Join(tree.Filesystem.Root(), e.Name), e) {
			return true, nil
		}
	}
	return false, nil
}

// committedFiles are the files of the last commit, path to hash.
func committedFiles(ctx context.Context, repo *git.Repository) (map[string]plumbing.Hash, error) {
	head, err := repo.Head()
	if err != nil {
		return nil, err
	}
	commit, err := repo.CommitObject(head.Hash())
	if err != nil {
		return nil, err
	}
	tree, err := commit.Tree()
	if err != nil {
		return nil, err
	}
	walk := object.NewTreeWalker(tree, true, nil)
	defer walk.Close()
	files := map[string]plumbing.Hash{}
	for ctx.Err() == nil {
		name, e, err := walk.Next()
		if errors.Is(err, io.EOF) {
			return files, nil
		}
		if err != nil {
			return nil, err
		}
		if e.Mode != filemode.Dir {
			files[name] = e.Hash
		}
	}
	return nil, context.Cause(ctx)
}

// changed reports whether a file is not what the index says. Its content is read
// only where size and time leave that open.
func changed(path string, e *index.Entry) bool {
	info, err := os.Lstat(path)
	switch {
	case err != nil:
		return true
	case uint32(info.Size()) == e.Size && info.ModTime().Equal(e.ModifiedAt):
		return false
	case info.Mode()&os.ModeSymlink != 0:
		to, err := os.Readlink(path)
		return err != nil || plumbing.ComputeHash(plumbing.BlobObject, []byte(to)) != e.Hash
	}
	data, err := os.ReadFile(path)
	return err != nil || plumbing.ComputeHash(plumbing.BlobObject, data) != e.Hash
}
