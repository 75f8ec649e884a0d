package bundle

import (
	"archive/tar"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path"

	"github.com/klauspost/compress/zstd"
)

// Export writes the bundle as a tar archive, compressed with zstd, in a folder of the
// run's id: unpacked into the runs of another work directory, it is a run of that one.
// Of a run that goes on it has what is there now. What the engine works in, and links,
// are left out.
func (b *Bundle) Export(ctx context.Context, w io.Writer) (err error) {
	root, err := os.OpenRoot(b.Dir)
	if err != nil {
		return fmt.Errorf("export run %s: %w", b.RunID, err)
	}
	defer func() { err = errors.Join(err, root.Close()) }()
	z, err := zstd.NewWriter(w)
	if err != nil {
		return fmt.Errorf("export run %s: %w", b.RunID, err)
	}
	t := tar.NewWriter(z)
	err = fs.WalkDir(root.FS(), ".", func(name string, e fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case ctx.Err() != nil:
			return ctx.Err()
		case name == "work":
			return fs.SkipDir
		case !e.Type().IsRegular():
			return nil
		}
		return addFile(t, root, name, path.Join(b.RunID, name))
	})
	if err = errors.Join(err, t.Close(), z.Close()); err != nil {
		return fmt.Errorf("export run %s: %w", b.RunID, err)
	}
	return nil
}

// addFile adds, under another name, as much of a file as there was when it was looked at: one of a run that
// goes on grows.
func addFile(t *tar.Writer, root *os.Root, name, as string) (err error) {
	f, err := root.Open(name)
	if errors.Is(err, fs.ErrNotExist) {
		return nil // of a run that goes on: a temporary file, renamed meanwhile
	}
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, f.Close()) }()
	info, err := f.Stat()
	if err != nil {
		return err
	}
	head := &tar.Header{Typeflag: tar.TypeReg, Name: as, Size: info.Size(), Mode: int64(info.Mode().Perm()), ModTime: info.ModTime()}
	if err := t.WriteHeader(head); err != nil {
		return err
	}
	_, err = io.CopyN(t, f, info.Size())
	return err
}
