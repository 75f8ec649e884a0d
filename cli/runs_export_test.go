package cli_test

import (
	"archive/tar"
	"bytes"
	"errors"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/klauspost/compress/zstd"

	"github.com/buildscope/buildscope/cli"
)

// A run that was exported and unpacked elsewhere is a run there, file by file.
func TestExportARun(t *testing.T) {
	repo := repository(t)
	if code := command(t, "probe", "build", repo).run(); code != cli.ExitOK {
		t.Fatalf("build: exit %d", code)
	}
	b := newest(t, repo)
	for _, name := range []string{"work", "sub"} {
		if err := os.Mkdir(filepath.Join(b.Dir, name), 0o755); err != nil {
			t.Fatal(err)
		}
		touch(t, b.Dir, filepath.Join(name, "file"))
	}
	if err := os.Symlink("/etc/passwd", filepath.Join(b.Dir, "link")); err != nil {
		t.Fatal(err)
	}
	p := command(t, "probe", "runs", "export", "latest", repo)
	if code := p.run(); code != cli.ExitOK || p.narration() != "" {
		t.Fatalf("exit %d: %s", code, p.narration())
	}
	elsewhere := t.TempDir()
	names := unpack(t, p.stdout.Bytes(), filepath.Join(elsewhere, "runs"))
	for _, name := range []string{"/manifest.json", "/report.md", "/spans.parquet", "/sub/file", "/artifacts/plan_execution_v1.json"} {
		if !strings.Contains(names, b.RunID+name+"\n") {
			t.Errorf("%s is not among\n%s", name, names)
		}
	}
	if strings.Contains(names, "/work/") || strings.Contains(names, "link") {
		t.Errorf("%s", names)
	}
	show := command(t, "probe", "runs", "show", b.RunID, repo, "--work-dir", elsewhere)
	before, err := os.ReadFile(filepath.Join(b.Dir, "report.md"))
	if code := show.run(); err != nil || code != cli.ExitOK || strings.TrimSpace(show.stdout.String()) != strings.TrimSpace(string(before)) {
		t.Errorf("exit %d, %v: %s%s", code, err, show.narration(), &show.stdout)
	}
	if p := command(t, "probe", "runs", "export", "nope", repo); p.run() != cli.ExitFailed || p.stdout.Len() > 0 || !strings.Contains(p.narration(), "no run nope") {
		t.Errorf("%s", p.narration())
	}
	var out, errs bytes.Buffer
	code := cli.Main(t.Context(), cli.App{Version: "test"}, cli.Streams{Out: &out, Err: &errs, Dir: repo, Args: []string{"runs", "export", "latest"}, OutTerminal: true})
	if code != cli.ExitUsage || out.Len() > 0 || !strings.Contains(errs.String(), "runs export latest > run.tar.zst") {
		t.Errorf("exit %d: %s", code, &errs)
	}
}

// unpack writes an archive below a folder and lists its files.
func unpack(t *testing.T, data []byte, dir string) (names string) {
	t.Helper()
	z, err := zstd.NewReader(bytes.NewReader(data))
	if err != nil {
		t.Fatal(err)
	}
	defer z.Close()
	r := tar.NewReader(z)
	for {
		h, err := r.Next()
		if errors.Is(err, io.EOF) {
			return names
		}
		if err != nil {
			t.Fatal(err)
		}
		names += h.Name + "\n"
		path := filepath.Join(dir, filepath.FromSlash(h.Name))
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		f, err := os.Create(path)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := io.Copy(f, r); err != nil {
			t.Fatal(err)
		}
		if err := f.Close(); err != nil {
			t.Fatal(err)
		}
	}
}
