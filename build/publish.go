package build

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"sort"
	"syscall"

	"github.com/buildscope/buildscope/model"
	"github.com/buildscope/buildscope/pipeline"
)

// lockDir takes the lock of a directory, so that two builds never write there at
// once. The kernel frees it when the process dies. The returned function unlocks.
func lockDir(dir, what string) (func() error, error) {
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return nil, fmt.Errorf("make %s: %w", what, err)
	}
	f, err := os.OpenFile(filepath.Join(dir, ".lock"), os.O_CREATE|os.O_RDWR, 0o644)
	if err != nil {
		return nil, fmt.Errorf("lock %s: %w", what, err)
	}
	if err := syscall.Flock(int(f.Fd()), syscall.LOCK_EX|syscall.LOCK_NB); err != nil {
		err = fmt.Errorf("%s %s is in use by another build; wait for it or choose another with --output-dir and --work-dir", what, dir)
		return nil, errors.Join(err, f.Close())
	}
	return f.Close, nil
}

// lockDirs locks both folders of a build. What it has locked it gives also with an
// error: the caller releases it.
func lockDirs(b model.BuildSettings) (locks []func() error, err error) {
	for _, d := range []struct{ dir, what string }{{b.OutputDir, "output directory"}, {b.WorkDir, "work directory"}} {
		unlock, err := lockDir(d.dir, d.what)
		if err != nil {
			return locks, err
		}
		locks = append(locks, unlock)
		if b.OutputDir == b.WorkDir {
			break
		}
	}
	return locks, nil
}

// publish puts the tables of publishing nodes under <outputDir>/<runID> by rename
// and then switches latest. Nothing of earlier runs is touched before that.
func publish(ctx context.Context, r *pipeline.Result, outputDir, runID string, workers int) ([]model.OutputLocation, error) {
	dir := filepath.Join(outputDir, runID)
	tmp := dir + ".tmp"
	if err := os.MkdirAll(tmp, 0o755); err != nil {
		return nil, fmt.Errorf("make the output directory: %w", err)
	}
	out, err := fillOutputs(ctx, r, tmp, dir, workers)
	if err == nil {
		err = os.Rename(tmp, dir)
	}
	if err != nil {
		return nil, errors.Join(fmt.Errorf("publish the outputs: %w", err), os.RemoveAll(tmp))
	}
	if err := switchLatest(outputDir, runID); err != nil {
		return out, err
	}
	return out, nil
}

func fillOutputs(ctx context.Context, r *pipeline.Result, tmp, dir string, workers int) ([]model.OutputLocation, error) {
	out := []model.OutputLocation{}
	for _, n := range r.Nodes {
		if !n.Node.Publish {
			continue
		}
		for _, t := range n.Tables {
			for i, f := range t.Files {
				name := t.Name + ".parquet"
				if len(t.Files) > 1 {
					name = fmt.Sprintf("%s-%d.parquet", t.Name, i)
				}
				if err := linkOrCopy(f, filepath.Join(tmp, name)); err != nil {
					return nil, err
				}
				sum, err := pipeline.StoredFingerprint(ctx, f, workers)
				if err != nil {
					return nil, fmt.Errorf("checksum %s: %w", name, err)
				}
				out = append(out, model.OutputLocation{Name: t.Name, Path: filepath.Join(dir, name), Rows: sum.Rows, Bytes: sum.Bytes,
					SchemaHash: sum.Schema, Checksum: sum.Checksum, Cached: n.Execution.State == model.NodeCached})
			}
		}
	}
	sort.Slice(out, func(i, j int) bool { return out[i].Path < out[j].Path })
	return out, nil
}

// linkOrCopy shares the file with the result cache where the file system can, so
// that an unchanged rebuild writes nothing.
func linkOrCopy(from, to string) error {
	if os.Link(from, to) == nil {
		return nil
	}
	src, err := os.Open(from)
	if err != nil {
		return err
	}
	defer src.Close()
	dst, err := os.Create(to)
	if err != nil {
		return err
	}
	_, err = io.Copy(dst, src)
	return errors.Join(err, dst.Close())
}

// switchLatest makes <outputDir>/latest a symbolic link to the run, by rename.
func switchLatest(outputDir, runID string) error {
	tmp := filepath.Join(outputDir, ".latest-"+runID)
	if err := os.Symlink(runID, tmp); err != nil {
		return fmt.Errorf("switch latest: %w", err)
	}
	if err := os.Rename(tmp, filepath.Join(outputDir, "latest")); err != nil {
		return errors.Join(fmt.Errorf("switch latest: %w", err), os.Remove(tmp))
	}
	return nil
}

// latestDir is what latest points to, "" when there is none.
func latestDir(outputDir string) string {
	dir, err := filepath.EvalSymlinks(filepath.Join(outputDir, "latest"))
	if err != nil {
		return ""
	}
	return dir
}
