package objects

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"time"

	"github.com/zeebo/xxh3"
	"golang.org/x/sync/errgroup"

	"github.com/buildscope/buildscope/engine/listing"
)

// Fetched is what Fetch did.
type Fetched struct {
	Objects int   // that were read from the store
	Bytes   int64 // of those
	Kept    int   // objects that were on disk already
}

// fetching is one object on its way to the disk. err may be read when done is closed.
type fetching struct {
	done chan struct{}
	err  error
}

// Fetch brings whole objects to the disk and gives their paths there, in order. What is
// there already, of the same tag and size, is not read again. One object is fetched
// once, however many ask for it at the same time.
func (s *Store) Fetch(ctx context.Context, files []listing.File) (paths []string, did Fetched, err error) {
	if err := os.MkdirAll(s.opts.Dir, 0o700); err != nil {
		return nil, did, fmt.Errorf("make the folder of fetched objects: %w", err)
	}
	paths = make([]string, len(files))
	var objects, bytes, kept atomic.Int64
	group, gctx := errgroup.WithContext(ctx)
	group.SetLimit(s.opts.FetchConcurrency)
	for i, f := range files {
		if gctx.Err() != nil {
			break
		}
		group.Go(func() error {
			paths[i] = s.pathOf(f)
			fetched, err := s.fetchOnce(gctx, f, paths[i])
			if fetched {
				objects.Add(1)
				bytes.Add(f.Size)
			} else if err == nil {
				kept.Add(1)
			}
			return err
		})
	}
	err = group.Wait()
	if err == nil {
		err = ctx.Err()
	}
	return paths, Fetched{int(objects.Load()), bytes.Load(), int(kept.Load())}, err
}

// pathOf is where an object stands on disk. What is of another tag, size or endpoint
// has another name, so a name that is there is never of older contents.
func (s *Store) pathOf(f listing.File) string {
	version := f.Tag
	if version == "" {
		version = fmt.Sprint(f.ModTime)
	}
	sum := xxh3.HashString128(strings.Join([]string{s.opts.Endpoint, f.Path, version, fmt.Sprint(f.Size)}, "\x1f")).Bytes()
	return filepath.Join(s.opts.Dir, fmt.Sprintf("%x.parquet", sum))
}

// fetchOnce fetches an object, or waits for another who does. Whoever waits for one who
// was told to stop tries again.
func (s *Store) fetchOnce(ctx context.Context, f listing.File, path string) (fetched bool, err error) {
	for {
		s.mu.Lock()
		other := s.fetches[path]
		if other == nil {
			own := &fetching{done: make(chan struct{})}
			s.fetches[path] = own
			s.mu.Unlock()
			fetched, own.err = s.fetch(ctx, f, path)
			if own.err != nil {
				s.mu.Lock()
				delete(s.fetches, path)
				s.mu.Unlock()
			}
			close(own.done)
			return fetched, own.err
		}
		s.mu.Unlock()
		select {
		case <-other.done:
		case <-ctx.Done():
			return false, s.explain("fetch", f.Path, ctx.Err())
		}
		if other.err == nil {
			return false, nil
		}
		if ctx.Err() == nil && !errors.Is(other.err, context.Canceled) {
			return false, other.err
		}
	}
}

// fetch writes an object beside its place and renames it, so that what has its name is
// whole.
func (s *Store) fetch(ctx context.Context, f listing.File, path string) (fetched bool, err error) {
	if info, err := os.Stat(path); err == nil && info.Size() == f.Size {
		now := time.Now()
		_ = os.Chtimes(path, now, now) // only the order of eviction is lost
		return false, nil
	}
	body, err := s.get(ctx, f, 0, f.Size)
	if err != nil {
		return false, s.explain("fetch", f.Path, err)
	}
	defer body.Close() // it is read to its end, or of no use
	temp, err := os.CreateTemp(s.opts.Dir, unfinished+"*")
	if err != nil {
		return false, fmt.Errorf("keep an object on disk: %w", err)
	}
	defer func() {
		if err != nil {
			err = errors.Join(err, removed(os.Remove(temp.Name())))
		}
	}()
	written, err := io.Copy(temp, body)
	if cerr := temp.Close(); err == nil {
		err = cerr
	}
	switch {
	case ctx.Err() != nil:
		return false, s.explain("fetch", f.Path, ctx.Err())
	case errors.As(err, new(*fs.PathError)):
		return false, fmt.Errorf("keep %s on disk: %w", listing.ShownPath(f.Path), err)
	case err != nil:
		return false, s.explain("fetch", f.Path, err)
	case written != f.Size:
		return false, s.explain("fetch", f.Path, fmt.Errorf("%w: %d bytes then, %d now", listing.ErrChanged, f.Size, written))
	}
	if err := os.Rename(temp.Name(), path); err != nil {
		return false, fmt.Errorf("keep %s on disk: %w", listing.ShownPath(f.Path), err)
	}
	return true, nil
}

func removed(err error) error {
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	return err
}
