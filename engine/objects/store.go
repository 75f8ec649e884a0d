// Package objects reads Parquet files in an S3-compatible object store: it lists them,
// reads parts of them, and keeps whole ones on disk for the SQL engine, which has no
// client of its own.
package objects

import (
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"sync"
	"time"

	"github.com/minio/minio-go/v7"
	"github.com/minio/minio-go/v7/pkg/credentials"
)

// Options configures a Store.
type Options struct {
	Endpoint string // URL with scheme; "" is AWS
	Region   string // "" asks the store
	// AccessKeyID and SecretAccessKey sign the requests; without them the file
	// ~/.aws/credentials does, and without that nobody: the store is read as anyone.
	// SessionToken belongs to keys that end.
	AccessKeyID, SecretAccessKey, SessionToken string

	// Dir is where whole objects are kept, between runs too.
	Dir string
	// CacheLimit is how many bytes of Dir are left at Close; what is in use while the
	// Store is open stays, whatever it takes. Zero keeps nothing.
	CacheLimit int64
	// FetchConcurrency is how many objects are fetched at the same time; zero or less
	// means 1.
	FetchConcurrency int
	// Transport makes the requests; nil is one of the Store's own.
	Transport http.RoundTripper
}

// amazon is where buckets are that no other endpoint is given for.
const amazon = "https://s3.amazonaws.com"

// tries bounds how often a request is made that fails for a reason that may pass. The
// client waits a little longer each time, up to a second.
const tries = 4

// Store reads objects. All methods may be called from several goroutines.
type Store struct {
	core     minio.Core
	endpoint string
	signed   string // who signs, for messages
	transport

	dir         string
	limit       int64
	concurrency int

	mu      sync.Mutex
	fetches map[string]*fetching // by path on disk: what is here, or on its way, since New
}

// transport is the Store's own, whose connections end with it.
type transport struct{ own *http.Transport }

// New makes a Store. Nothing is sent before it is asked for something.
func New(o Options) (*Store, error) {
	s := &Store{dir: o.Dir, limit: o.CacheLimit, concurrency: max(o.FetchConcurrency, 1), endpoint: o.Endpoint, fetches: make(map[string]*fetching)}
	if s.endpoint == "" {
		s.endpoint = amazon
	}
	u, err := url.Parse(s.endpoint)
	if err != nil || u.Host == "" || u.Scheme != "http" && u.Scheme != "https" {
		return nil, fmt.Errorf("the endpoint %q of the object store is not a URL with scheme and host", o.Endpoint)
	}
	if o.Transport == nil {
		s.own, err = minio.DefaultTransport(u.Scheme == "https")
		if err != nil {
			return nil, fmt.Errorf("prepare requests to %s: %w", s.endpoint, err)
		}
		s.own.MaxIdleConnsPerHost = 64
		s.own.ResponseHeaderTimeout = 30 * time.Second
		o.Transport = s.own
	}
	creds, signed := keys(o)
	s.signed = signed
	client, err := minio.New(u.Host, &minio.Options{Creds: creds, Secure: u.Scheme == "https", Region: o.Region, Transport: o.Transport, MaxRetries: tries})
	if err != nil {
		return nil, fmt.Errorf("make a client of %s: %w", s.endpoint, err)
	}
	s.core = minio.Core{Client: client}
	return s, nil
}

// InForce gives the endpoint and the limits that the Store uses.
func (s *Store) InForce() Options {
	return Options{Endpoint: s.endpoint, CacheLimit: s.limit, FetchConcurrency: s.concurrency}
}

// keys are what requests are signed with, and where that is from.
func keys(o Options) (*credentials.Credentials, string) {
	if o.AccessKeyID != "" {
		return credentials.NewStaticV4(o.AccessKeyID, o.SecretAccessKey, o.SessionToken), "with the key " + o.AccessKeyID + " of engine.s3_access_key_id"
	}
	if home, err := os.UserHomeDir(); err == nil {
		file := filepath.Join(home, ".aws", "credentials")
		if _, err := os.Stat(file); err == nil {
			return credentials.NewFileAWSCredentials(file, ""), "with the key in " + file
		}
	}
	return credentials.NewStatic("", "", "", credentials.SignatureAnonymous), "without a key"
}

// Close ends the connections, and drops the least recently used objects from the disk
// until the limit is kept.
func (s *Store) Close() error {
	if s.own != nil {
		s.own.CloseIdleConnections()
	}
	if s.dir == "" {
		return nil
	}
	_, err := Trim(s.dir, s.limit)
	if errors.Is(err, os.ErrNotExist) {
		return nil
	}
	return err
}
