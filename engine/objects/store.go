// Package objects reads Parquet files in an S3-compatible object store: it lists them,
// reads parts of them, and keeps whole ones on disk for the SQL engine, which has no
// client of its own.
package objects

import (
	"cmp"
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
	opts Options // with what they mean where nothing is given
	host *url.URL

	mu      sync.Mutex
	made    *client              // nil until something is asked for
	fetches map[string]*fetching // by path on disk: what is here, or on its way, since New
}

// client makes the requests. To make one reads the certificates of the system, which
// takes longer than much of a build that has nothing in a store.
type client struct {
	minio.Core
	own *http.Transport // whose connections end with the Store; nil: they are of Options.Transport
}

// New makes a Store. Nothing is sent before it is asked for something.
func New(o Options) (*Store, error) {
	o.Endpoint, o.FetchConcurrency = cmp.Or(o.Endpoint, amazon), max(o.FetchConcurrency, 1)
	u, err := url.Parse(o.Endpoint)
	if err != nil || u.Host == "" || u.Scheme != "http" && u.Scheme != "https" {
		return nil, fmt.Errorf("the endpoint %q of the object store is not a URL with scheme and host", o.Endpoint)
	}
	return &Store{opts: o, host: u, fetches: make(map[string]*fetching)}, nil
}

// client gives the one client, made when it is first asked for.
func (s *Store) client() (*client, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.made != nil {
		return s.made, nil
	}
	c, secure, transport := &client{}, s.host.Scheme == "https", s.opts.Transport
	if transport == nil {
		var err error
		if c.own, err = minio.DefaultTransport(secure); err != nil {
			return nil, fmt.Errorf("prepare requests to %s: %w", s.opts.Endpoint, err)
		}
		c.own.MaxIdleConnsPerHost = 64
		c.own.ResponseHeaderTimeout = 30 * time.Second
		transport = c.own
	}
	creds, _ := keys(s.opts)
	m, err := minio.New(s.host.Host, &minio.Options{Creds: creds, Secure: secure, Region: s.opts.Region, Transport: transport, MaxRetries: tries})
	if err != nil {
		return nil, fmt.Errorf("make a client of %s: %w", s.opts.Endpoint, err)
	}
	c.Client, s.made = m, c
	return c, nil
}

// InForce gives the endpoint and the limits that the Store uses.
func (s *Store) InForce() Options {
	return Options{Endpoint: s.opts.Endpoint, CacheLimit: s.opts.CacheLimit, FetchConcurrency: s.opts.FetchConcurrency}
}

// keys are what requests are signed with, and where that is from, in words.
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
	s.mu.Lock()
	c := s.made
	s.mu.Unlock()
	if c != nil && c.own != nil {
		c.own.CloseIdleConnections()
	}
	if s.opts.Dir == "" {
		return nil
	}
	return trim(s.opts.Dir, s.opts.CacheLimit)
}
