package objects

import (
	"context"
	"crypto/rand"
	"errors"
	"io/fs"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"go.uber.org/goleak"

	"github.com/buildscope/buildscope/engine/listing"
	"github.com/buildscope/buildscope/engine/objects/objectstest"
)

func TestStore(t *testing.T) {
	server := objectstest.Start(t)
	before := goleak.IgnoreCurrent()
	defer goleak.VerifyNone(t, before)
	t.Run("list", func(t *testing.T) { testList(t, server) })
	t.Run("refusals", func(t *testing.T) { testRefusals(t, server) })
	t.Run("changes", func(t *testing.T) { testChanges(t, server) })
	t.Run("once", func(t *testing.T) { testOnce(t, server) })
	t.Run("eviction", func(t *testing.T) { testEviction(t, server) })
	t.Run("cancel", func(t *testing.T) { testCancel(t, server) })
	server.CloseIdle()
}

func store(t *testing.T, server *objectstest.Server, change func(*Options)) *Store {
	t.Helper()
	o := Options{Endpoint: server.Endpoint, Region: "us-east-1", AccessKeyID: objectstest.AccessKeyID, SecretAccessKey: objectstest.SecretAccessKey,
		Dir: filepath.Join(t.TempDir(), "objects"), CacheLimit: 1 << 30, FetchConcurrency: 4}
	if change != nil {
		change(&o)
	}
	s, err := New(o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	})
	return s
}

func list(t *testing.T, s *Store, url string) []listing.File {
	t.Helper()
	files, err := s.List(t.Context(), url)
	if err != nil {
		t.Fatal(err)
	}
	return files
}

func noise(n int) []byte {
	data := make([]byte, n)
	_, _ = rand.Read(data) // it never fails
	return data
}

func testList(t *testing.T, server *objectstest.Server) {
	for _, key := range []string{"list/b.parquet", "list/a.parquet", "list/x/c d'é.parquet", "list/a.csv", "listing.parquet"} {
		server.Put(t, key, []byte(key))
	}
	s := store(t, server, nil)
	for url, want := range map[string]string{
		"s3://shop/list/*.parquet":    "s3://shop/list/a.parquet s3://shop/list/b.parquet",
		"s3://shop/list/**/*.parquet": "s3://shop/list/a.parquet s3://shop/list/b.parquet s3://shop/list/x/c d'é.parquet",
		"s3://shop/list/a.csv":        "s3://shop/list/a.csv",
	} {
		var got []string
		for _, f := range list(t, s, url) {
			got = append(got, f.Path)
			if f.Tag == "" || f.ModTime == 0 || f.Size != int64(len(strings.TrimPrefix(f.Path, "s3://shop/"))) {
				t.Errorf("%+v", f)
			}
			buf := make([]byte, 4)
			if err := s.ReadRange(t.Context(), f, buf, 1); err != nil || string(buf) != "ist/" {
				t.Errorf("%s from 1: %q, %v", f.Path, buf, err)
			}
		}
		if strings.Join(got, " ") != want {
			t.Errorf("%s: %q", url, got)
		}
	}
	if _, err := s.List(t.Context(), "s3://shop/list/*.json"); !errors.Is(err, listing.ErrNoFiles) || err.Error() != "list s3://shop/list/*.json: no object matches" {
		t.Errorf("%v", err)
	}
}

func testRefusals(t *testing.T, server *objectstest.Server) {
	nobody, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer nobody.Close()
	closed := "http://" + nobody.Addr().String()
	nobody.Close()
	for name, test := range map[string]struct {
		change func(*Options)
		url    string
		want   string
	}{
		"no bucket":    {nil, "s3://nosuch/*.parquet", "list s3://nosuch/*.parquet: there is no bucket nosuch at " + server.Endpoint + " (engine.s3_endpoint)"},
		"wrong key":    {func(o *Options) { o.AccessKeyID = "other" }, "s3://shop/*.parquet", "refuses a request that is signed with the key other of engine.s3_access_key_id"},
		"wrong secret": {func(o *Options) { o.SecretAccessKey = "guess" }, "s3://shop/*.parquet", "refuses a request that is signed with the key tester"},
		"nobody":       {func(o *Options) { o.Endpoint = closed }, "s3://shop/*.parquet", "the object store " + closed + " (engine.s3_endpoint) does not answer"},
		"anonymous": {func(o *Options) {
			t.Setenv("HOME", t.TempDir())
			o.AccessKeyID, o.SecretAccessKey = "", ""
		}, "s3://shop/*.parquet", "refuses a request that is signed without a key"},
	} {
		start := time.Now()
		_, err := store(t, server, test.change).List(t.Context(), test.url)
		if err == nil || !strings.Contains(err.Error(), test.want) || strings.Contains(err.Error(), "guess") {
			t.Errorf("%s: %v", name, err)
		}
		if took := time.Since(start); took > 20*time.Second {
			t.Errorf("%s: it took %s to give up", name, took)
		}
	}
	for _, endpoint := range []string{"127.0.0.1:9000", "ftp://there", "http://"} {
		if _, err := New(Options{Endpoint: endpoint}); err == nil || !strings.Contains(err.Error(), endpoint) {
			t.Errorf("endpoint %q: %v", endpoint, err)
		}
	}
	// The key of the file that other tools read.
	home := t.TempDir()
	t.Setenv("HOME", home)
	if err := os.Mkdir(filepath.Join(home, ".aws"), 0o700); err != nil {
		t.Fatal(err)
	}
	file := "[default]\naws_access_key_id = " + objectstest.AccessKeyID + "\naws_secret_access_key = " + objectstest.SecretAccessKey + "\n"
	if err := os.WriteFile(filepath.Join(home, ".aws", "credentials"), []byte(file), 0o600); err != nil {
		t.Fatal(err)
	}
	server.Put(t, "refusals/a.parquet", []byte("a"))
	list(t, store(t, server, func(o *Options) { o.AccessKeyID, o.SecretAccessKey = "", "" }), "s3://shop/refusals/*.parquet")
}

// An object that is not the one that was listed is never read as if it were.
func testChanges(t *testing.T, server *objectstest.Server) {
	s := store(t, server, nil)
	server.Put(t, "changes/a.parquet", []byte("as it was"))
	server.Put(t, "changes/b.parquet", []byte("soon gone"))
	files := list(t, s, "s3://shop/changes/*.parquet")
	server.Put(t, "changes/a.parquet", []byte("as it is!"))
	server.Remove(t, "changes/b.parquet")
	for i, want := range []error{listing.ErrChanged, fs.ErrNotExist} {
		if err := s.ReadRange(t.Context(), files[i], make([]byte, 4), 0); !errors.Is(err, want) {
			t.Errorf("read %s: %v", files[i].Path, err)
		}
		if _, _, err := s.Fetch(t.Context(), files[i:i+1]); !errors.Is(err, want) || !strings.HasPrefix(err.Error(), "fetch "+files[i].Path+": ") {
			t.Errorf("fetch %s: %v", files[i].Path, err)
		}
	}
	if h, err := Holds(s.opts.Dir); err != nil || h.Objects != 0 {
		t.Errorf("%+v is left of what failed, %v", h, err)
	}
	// What is on disk of an object's earlier contents is not taken for the new ones.
	now := list(t, s, "s3://shop/changes/*.parquet")
	paths, did, err := s.Fetch(t.Context(), now)
	if err != nil || did.Objects != 1 {
		t.Fatalf("%+v, %v", did, err)
	}
	if data, err := os.ReadFile(paths[0]); err != nil || string(data) != "as it is!" {
		t.Errorf("%q, %v", data, err)
	}
}

// Who asks for an object that is on its way waits for it, and a later process finds it.
func testOnce(t *testing.T, server *objectstest.Server) {
	want := noise(300_000)
	server.Put(t, "once/a.parquet", want)
	s := store(t, server, nil)
	files := list(t, s, "s3://shop/once/*.parquet")
	var fetched atomic.Int64
	var group sync.WaitGroup
	for range 20 {
		group.Go(func() {
			paths, did, err := s.Fetch(t.Context(), files)
			if err != nil {
				t.Error(err)
				return
			}
			fetched.Add(did.Bytes)
			if data, err := os.ReadFile(paths[0]); err != nil || string(data) != string(want) {
				t.Errorf("%d bytes, %v", len(data), err)
			}
		})
	}
	group.Wait()
	if n := fetched.Load(); n != int64(len(want)) {
		t.Errorf("%d bytes were fetched of %d", n, len(want))
	}
	later := store(t, server, func(o *Options) { o.Dir = s.opts.Dir })
	if _, did, err := later.Fetch(t.Context(), files); err != nil || did != (Fetched{Kept: 1}) {
		t.Errorf("%+v, %v", did, err)
	}
	// A file that something has cut short is fetched anew.
	if err := os.Truncate(s.pathOf(files[0]), 10); err != nil {
		t.Fatal(err)
	}
	later = store(t, server, func(o *Options) { o.Dir = s.opts.Dir })
	if _, did, err := later.Fetch(t.Context(), files); err != nil || did.Objects != 1 {
		t.Errorf("%+v, %v", did, err)
	}
}

// The limit holds when a store has been closed; the objects used last stay.
func testEviction(t *testing.T, server *objectstest.Server) {
	for _, key := range []string{"a", "b", "c"} {
		server.Put(t, "eviction/"+key+".parquet", noise(1000))
	}
	s := store(t, server, func(o *Options) { o.CacheLimit = 2500 })
	files := list(t, s, "s3://shop/eviction/*.parquet")
	paths, _, err := s.Fetch(t.Context(), files)
	if err != nil {
		t.Fatal(err)
	}
	if h, err := Holds(s.opts.Dir); err != nil || h != (Held{3, 3000}) {
		t.Errorf("while it is open: %+v, %v", h, err)
	}
	for i, path := range paths { // b is the oldest
		when := time.Now().Add(-time.Duration([]int{1, 3, 2}[i]) * time.Hour)
		if err := os.Chtimes(path, when, when); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.WriteFile(filepath.Join(s.opts.Dir, unfinished+"1"), []byte("of a process that died"), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	if h, err := Holds(s.opts.Dir); err != nil || h != (Held{2, 2000}) {
		t.Errorf("%+v, %v", h, err)
	}
	if _, err := os.Stat(paths[1]); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("the one that was not used for longest is still there: %v", err)
	}
	// What is used again is the newest.
	again := store(t, server, func(o *Options) { o.Dir, o.CacheLimit = s.opts.Dir, 1000 })
	if _, did, err := again.Fetch(t.Context(), files[2:]); err != nil || did.Kept != 1 {
		t.Fatalf("%+v, %v", did, err)
	}
	if err := again.Close(); err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(paths[2]); err != nil {
		t.Errorf("the one that was used last is gone: %v", err)
	}
}

// A fetch that is told to stop leaves nothing behind, and who waited for it takes over.
func testCancel(t *testing.T, server *objectstest.Server) {
	server.Put(t, "cancel/a.parquet", noise(400_000))
	slow := &slowly{started: make(chan struct{}), goOn: make(chan struct{})}
	s := store(t, server, func(o *Options) { o.Transport = slow })
	files := list(t, s, "s3://shop/cancel/*.parquet")
	slow.on.Store(true)
	ctx, cancel := context.WithCancel(t.Context())
	first, second := make(chan error), make(chan error)
	go func() { _, _, err := s.Fetch(ctx, files); first <- err }()
	<-slow.started
	go func() { _, _, err := s.Fetch(t.Context(), files); second <- err }()
	time.Sleep(50 * time.Millisecond) // it waits now; if not yet, it finds nothing and fetches: the same
	cancel()
	if err := <-first; !errors.Is(err, context.Canceled) {
		t.Errorf("%v", err)
	}
	close(slow.goOn)
	if err := <-second; err != nil {
		t.Errorf("%v", err)
	}
	if h, err := Holds(s.opts.Dir); err != nil || h != (Held{1, 400_000}) {
		t.Errorf("%+v, %v", h, err)
	}
	slow.own.CloseIdleConnections()
}

// slowly holds answers back when it is on.
type slowly struct {
	own     http.Transport
	on      atomic.Bool
	once    sync.Once
	started chan struct{}
	goOn    chan struct{}
}

func (s *slowly) RoundTrip(r *http.Request) (*http.Response, error) {
	if s.on.Load() {
		s.once.Do(func() { close(s.started) })
		select {
		case <-s.goOn:
		case <-r.Context().Done():
			return nil, r.Context().Err()
		}
	}
	return s.own.RoundTrip(r)
}
