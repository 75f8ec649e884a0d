// Package objecturl reads the URLs of files in an object store, such as
// s3://bucket/orders/day=*/part.parquet.
package objecturl

import (
	"fmt"
	"path"
	"strings"
)

// Scheme is the one scheme that is known.
const Scheme = "s3"

// URL is one object, or with * or ** in its key all that match.
type URL struct {
	Bucket string
	Key    string // without a slash at its front
}

// Is reports whether a location is the URL of objects and no path.
func Is(location string) bool { return strings.HasPrefix(location, Scheme+"://") }

// Parse reads a URL. In its key *, ? and […] stand for parts of one name as in
// [path.Match], and ** stands once, in place of any folders, before the name.
func Parse(text string) (URL, error) {
	rest, ok := strings.CutPrefix(text, Scheme+"://")
	if !ok {
		return URL{}, fmt.Errorf("%q does not begin with %s://", text, Scheme)
	}
	bucket, key, _ := strings.Cut(rest, "/")
	switch {
	case bucket == "" || strings.ContainsAny(bucket, "*?[@:"):
		return URL{}, fmt.Errorf("%q does not name a bucket; the form is %s://bucket/key", text, Scheme)
	case key == "" || strings.HasSuffix(key, "/"):
		return URL{}, fmt.Errorf("%q names no objects in the bucket; %s does", text, strings.TrimSuffix(text, "/")+"/*.parquet")
	}
	for _, name := range strings.Split(key, "/") {
		if name == "" || name == "." || name == ".." {
			return URL{}, fmt.Errorf("%q has a folder named %q", text, name)
		}
	}
	u := URL{bucket, key}
	base, rest, deep := strings.Cut(key, "**")
	name := strings.TrimPrefix(rest, "/")
	switch {
	case deep && (strings.Contains(name, "/") || strings.Contains(name, "**") || name == rest || base != "" && !strings.HasSuffix(base, "/")):
		return URL{}, fmt.Errorf("%q is not a valid glob; ** stands once, in place of folders, before the name of the objects", text)
	case deep:
		key = base + name
	}
	if _, err := path.Match(key, ""); err != nil {
		return URL{}, fmt.Errorf("%q is not a valid glob", text)
	}
	return u, nil
}

func (u URL) String() string { return Scheme + "://" + u.Bucket + "/" + u.Key }

// Of is the URL of an object in the same bucket.
func (u URL) Of(key string) string { return URL{u.Bucket, key}.String() }

// Prefix is what all keys that match begin with.
func (u URL) Prefix() string {
	if i := strings.IndexAny(u.Key, `*?[\`); i >= 0 {
		return u.Key[:i]
	}
	return u.Key
}

// Matches reports whether a key is meant.
func (u URL) Matches(key string) bool {
	base, rest, deep := strings.Cut(u.Key, "**")
	if !deep {
		ok, _ := path.Match(u.Key, key)
		return ok || u.Key == key // a name may hold a bracket
	}
	folder, name := path.Split(key)
	if ok, _ := path.Match(strings.TrimPrefix(rest, "/"), name); !ok {
		return false
	}
	// The folders before ** may have globs of their own, each for one folder.
	want := strings.Split(strings.TrimSuffix(base, "/"), "/")
	have := strings.Split(strings.TrimSuffix(folder, "/"), "/")
	if base == "" {
		return true
	}
	if len(have) < len(want) {
		return false
	}
	ok, _ := path.Match(strings.Join(want, "/"), strings.Join(have[:len(want)], "/"))
	return ok
}
