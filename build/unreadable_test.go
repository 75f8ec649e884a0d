package build_test

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/buildscope/buildscope/model"
	"github.com/buildscope/buildscope/pipeline/cpg"
)

// A file that cannot be read does not fail the build, but there is a row that says
// so, below the node that wanted to read it. A link to nowhere is such a file, also
// for somebody who may read everything.
func TestAnUnreadableFileIsARowOfTheScan(t *testing.T) {
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "good.py"), []byte("x = 1\n"), 0o644); err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink("nowhere.py", filepath.Join(dir, "gone.py")); err != nil {
		t.Fatal(err)
	}
	nodes, err := cpg.Nodes(model.BuildSettings{RepoRoot: dir, Languages: []string{"python"}, Untracked: true, FollowSymlinks: true})
	if err != nil {
		t.Fatal(err)
	}
	r, err := start(t, dir, nodes[:1], "diagnostics-profile", "dev")
	if snap := finish(t, r, err); snap.State != model.RunSucceeded {
		t.Fatalf("the build ended as %+v", snap)
	}
	id, ok := r.View().NextError(0)
	if !ok {
		t.Fatal("no row has failed")
	}
	row, _ := r.View().Detail(id)
	parent, _ := r.View().Detail(row.Row.Parent)
	if row.Row.Subject != "gone.py" || row.Row.Error != "unreadable: no such file or directory" || parent.Row.Name != "scan_repo" || parent.Row.State != model.NodeSucceeded {
		t.Errorf("the row is %+v below %+v", row.Row, parent.Row)
	}
}
