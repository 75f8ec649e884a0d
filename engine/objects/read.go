package objects

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net"
	"net/http"
	"slices"
	"strings"

	"github.com/minio/minio-go/v7"

	"github.com/buildscope/buildscope/engine/listing"
	"github.com/buildscope/buildscope/model/objecturl"
)

// errNoObject is a listing.ErrNoFiles in the words of a store.
var errNoObject = noObject{}

type noObject struct{}

func (noObject) Error() string        { return "no object matches" }
func (noObject) Is(target error) bool { return target == listing.ErrNoFiles }

// List gives the objects that a URL names, sorted by key; see [objecturl.Parse]. That
// there is none is a [listing.ErrNoFiles].
func (s *Store) List(ctx context.Context, location string) ([]listing.File, error) {
	u, err := objecturl.Parse(location)
	if err != nil {
		return nil, err
	}
	c, err := s.client()
	if err != nil {
		return nil, err
	}
	ctx, cancel := context.WithCancel(ctx)
	defer cancel() // ends the listing when it is left in the middle
	var files []listing.File
	for o := range c.ListObjectsIter(ctx, u.Bucket, minio.ListObjectsOptions{Prefix: u.Prefix(), Recursive: true}) {
		if o.Err != nil {
			return nil, s.explain("list", location, o.Err)
		}
		if u.Matches(o.Key) {
			files = append(files, listing.File{Path: u.Of(o.Key), Size: o.Size, ModTime: o.LastModified.UnixNano(), Tag: o.ETag})
		}
	}
	if err := ctx.Err(); err != nil {
		return nil, s.explain("list", location, err)
	}
	if len(files) == 0 {
		return nil, s.explain("list", location, listing.ErrNoFiles)
	}
	slices.SortFunc(files, func(a, b listing.File) int { return strings.Compare(a.Path, b.Path) })
	return files, nil
}

// ReadRange reads len(buf) bytes of an object from an offset on. An object that is not
// the one that was listed is a [listing.ErrChanged].
func (s *Store) ReadRange(ctx context.Context, f listing.File, buf []byte, off int64) error {
	body, err := s.get(ctx, f, off, int64(len(buf)))
	if err == nil {
		_, err = io.ReadFull(body, buf)
		_ = body.Close() // it is read to its end, or of no use
	}
	return s.reason(err)
}

// get opens n bytes of an object from an offset on.
func (s *Store) get(ctx context.Context, f listing.File, off, n int64) (io.ReadCloser, error) {
	u, err := objecturl.Parse(f.Path)
	if err != nil {
		return nil, err
	}
	c, err := s.client()
	if err != nil {
		return nil, err
	}
	var o minio.GetObjectOptions
	if f.Tag != "" {
		if err := o.SetMatchETag(f.Tag); err != nil {
			return nil, err
		}
	}
	if off > 0 || n < f.Size {
		if err := o.SetRange(off, off+n-1); err != nil {
			return nil, err
		}
	}
	body, info, _, err := c.GetObject(ctx, u.Bucket, u.Key, o)
	if err != nil {
		return nil, err
	}
	// A store that does not know If-Match tells by the answer's own tag.
	if f.Tag != "" && info.ETag != "" && info.ETag != f.Tag {
		_ = body.Close()
		return nil, listing.ErrChanged
	}
	return body, nil
}

// explain says what was done to which objects, and why it did not work.
func (s *Store) explain(doing, location string, err error) error {
	return fmt.Errorf("%s %s: %w", doing, listing.ShownPath(location), s.reason(err))
}

// reason says what an error means for the settings.
func (s *Store) reason(err error) error {
	var answer minio.ErrorResponse
	var network net.Error
	switch {
	case errors.Is(err, context.Canceled), errors.Is(err, context.DeadlineExceeded), errors.Is(err, listing.ErrChanged):
	case errors.Is(err, listing.ErrNoFiles):
		return errNoObject
	case errors.As(err, &answer):
		return s.reasonOf(answer)
	case errors.As(err, &network):
		return fmt.Errorf("the object store %s (engine.s3_endpoint) does not answer: %w", s.opts.Endpoint, err)
	}
	return err
}

func (s *Store) reasonOf(a minio.ErrorResponse) error {
	switch a.Code {
	case minio.PreconditionFailed:
		return listing.ErrChanged
	case minio.NoSuchKey:
		return fmt.Errorf("%w: the object is gone", fs.ErrNotExist)
	case minio.NoSuchBucket:
		return fmt.Errorf("there is no bucket %s at %s (engine.s3_endpoint)", a.BucketName, s.opts.Endpoint)
	case "AuthorizationHeaderMalformed", "PermanentRedirect":
		return fmt.Errorf("%s asks for another region (engine.s3_region): %s", s.opts.Endpoint, a.Message)
	}
	// Stores have many codes for a key that they do not know or that may not do this.
	if strings.Contains(strings.ToLower(a.Code), "user") || a.StatusCode == http.StatusForbidden || a.StatusCode == http.StatusUnauthorized || a.Code == minio.AccessDenied {
		_, signed := keys(s.opts)
		return fmt.Errorf("%s refuses a request that is signed %s (engine.s3_access_key_id, engine.s3_secret_access_key): %s: %s", s.opts.Endpoint, signed, a.Code, a.Message)
	}
	return fmt.Errorf("%s answers %s: %s", s.opts.Endpoint, a.Code, a.Message)
}
