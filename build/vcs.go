package build

import (
	"context"
	"os"
	"os/exec"
	"path"
	"strings"
	"time"

	"github.com/go-git/go-git/v5"
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
	if dirty, known := uncommitted(ctx, root); known {
		out["buildscope.vcs.dirty"] = map[bool]string{true: "true", false: "false"}[dirty]
	}
	return out
}

// uncommitted asks git whether tracked files differ from the last commit.
func uncommitted(ctx context.Context, root string) (dirty, known bool) {
	ctx, cancel := context.WithTimeout(ctx, dirtyWait)
	defer cancel()
	cmd := exec.CommandContext(ctx, "git", "status", "--porcelain", "--untracked-files=no")
	cmd.Dir = root
	cmd.Env = append(os.Environ(), "GIT_OPTIONAL_LOCKS=0") // only look, leave the index alone
	cmd.WaitDelay = dirtyWait
	text, err := cmd.Output()
	return len(text) > 0, err == nil
}
