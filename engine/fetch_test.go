package engine

import (
	"errors"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/buildscope/buildscope/engine/listing"
	"github.com/buildscope/buildscope/engine/objects"
	"github.com/buildscope/buildscope/engine/objects/objectstest"
	"github.com/buildscope/buildscope/model"
)

// shop is a store with a table of n files of a day each.
type shop struct {
	*objectstest.Server
	days     []string // local copies
	requests *requests
}

const ordersURL = "s3://shop/orders/*.parquet"

func openShop(tb testing.TB, n int) *shop {
	tb.Helper()
	s := &shop{Server: objectstest.Start(tb), requests: &requests{}}
	tb.Cleanup(func() { s.CloseIdle(); s.requests.CloseIdleConnections() })
	dir := tb.TempDir()
	local := open(tb, Options{})
	for i := range n {
		path := table(tb, local, filepath.Join(dir, fmt.Sprintf("%04d.parquet", i)),
			fmt.Sprintf("SELECT DATE '2024-01-01' + %d AS day, i AS id, hash(i) AS amount, repeat('x', 100) || hash(i) AS note FROM range(%d, %d) t(i)", i, i*1000, i*1000+1000))
		s.days = append(s.days, path)
		s.PutFile(tb, "orders/"+filepath.Base(path), path)
	}
	return s
}

// session is one with the shop as its store; dir keeps the objects.
func (s *shop) session(tb testing.TB, dir string, o Options) *Session {
	tb.Helper()
	var err error
	if o.Objects, err = objects.New(objects.Options{Endpoint: s.Endpoint, Region: "us-east-1", AccessKeyID: objectstest.AccessKeyID, SecretAccessKey: objectstest.SecretAccessKey,
		Dir: dir, CacheLimit: 1 << 30, FetchConcurrency: 4, Transport: s.requests}); err != nil {
		tb.Fatal(err)
	}
	return open(tb, o)
}

func (s *shop) query(tb testing.TB, e *Session, sql string) (path string, err error) {
	tb.Helper()
	path = filepath.Join(tb.TempDir(), "out.parquet")
	_, err = e.Materialize(tb.Context(), model.Query{Node: "n", SQL: sql, Path: path, Inputs: []model.QueryInput{input("orders", ordersURL)}})
	return path, err
}

// requests counts what is asked of the store and may delay it.
type requests struct {
	http.Transport
	delay                  time.Duration
	lists, ranges, objects atomic.Int64
}

func (r *requests) RoundTrip(q *http.Request) (*http.Response, error) {
	switch {
	case q.URL.Query().Has("list-type"):
		r.lists.Add(1)
	case q.Header.Get("Range") != "":
		r.ranges.Add(1)
	default:
		r.objects.Add(1)
	}
	time.Sleep(r.delay)
	return r.Transport.RoundTrip(q)
}

func (r *requests) take() string {
	return fmt.Sprintf("%d lists, %d ranges, %d objects", r.lists.Swap(0), r.ranges.Swap(0), r.objects.Swap(0))
}

// Tables in a store are pruned before anything is fetched; what a session knows it does
// not ask for again, and what a store's folder has no later session fetches.
func TestTablesInAStore(t *testing.T) {
	s := openShop(t, 12)
	dir := filepath.Join(t.TempDir(), "objects")
	e := s.session(t, dir, withCaches())
	schema, of, err := e.Describe(t.Context(), "Orders", []string{ordersURL})
	if err != nil || of.Files != 12 || of.Rows != 12_000 || of.Version == "" || schema.NumFields() != 4 || schema.Field(0).Name != "day" {
		t.Fatalf("%v, %+v, %v", schema, of, err)
	}
	// A footer needs one read where the file is smaller than what is read at once.
	if got := s.requests.take(); got != "1 lists, 0 ranges, 12 objects" {
		t.Errorf("describing asked for %s", got)
	}
	const someDays = "SELECT min(day) AS low, max(day) AS high, count(*) AS n FROM orders WHERE day >= '2024-01-03' AND day < '2024-01-05'"
	path, err := s.query(t, e, someDays)
	if err != nil {
		t.Fatal(err)
	}
	local := filepath.Join(t.TempDir(), "local.parquet")
	if _, err := e.Materialize(t.Context(), model.Query{SQL: someDays, Path: local, Inputs: []model.QueryInput{input("orders", s.days...)}}); err != nil {
		t.Fatal(err)
	}
	if got, want := read(t, e, path), read(t, e, local); got != want {
		t.Errorf("%s from the store, %s from files", got, want)
	}
	if got := s.requests.take(); got != "0 lists, 0 ranges, 2 objects" {
		t.Errorf("two of twelve days asked for %s", got)
	}
	if _, err := s.query(t, e, "SELECT count(*) AS n FROM orders"); err != nil {
		t.Fatal(err)
	}
	if got := s.requests.take(); got != "0 lists, 0 ranges, 10 objects" {
		t.Errorf("all days asked for %s", got)
	}
	kept := e.KeepStatistics()
	later := s.session(t, dir, withCaches())
	if n, err := later.RestoreStatistics(kept); err != nil || n != 24 { // the local files too
		t.Fatalf("%d, %v", n, err)
	}
	if _, err := s.query(t, later, "SELECT sum(id)::BIGINT AS n FROM orders"); err != nil {
		t.Fatal(err)
	}
	if got := s.requests.take(); got != "1 lists, 0 ranges, 0 objects" {
		t.Errorf("a later session asked for %s", got)
	}
}

// Errors name the object by its URL, not by where it was fetched to.
func TestFaultsOfObjects(t *testing.T) {
	s := openShop(t, 3)
	dir := filepath.Join(t.TempDir(), "objects")
	whole, err := os.ReadFile(s.days[1])
	if err != nil {
		t.Fatal(err)
	}
	t.Run("damaged", func(t *testing.T) {
		bad := append([]byte{}, whole...)
		for i := 4; i < len(bad)/2; i++ { // pages, not the footer
			bad[i] = 0xa5
		}
		s.Put(t, "orders/0001.parquet", bad)
		e := s.session(t, dir, withCaches())
		_, err := s.query(t, e, "SELECT bit_xor(hash(o)) AS h FROM orders o")
		if err == nil || !strings.Contains(err.Error(), "s3://shop/orders/0001.parquet") || strings.Contains(err.Error(), dir) {
			t.Errorf("%v", err)
		}
	})
	t.Run("no footer", func(t *testing.T) {
		s.Put(t, "orders/0001.parquet", whole[:len(whole)-20])
		e := s.session(t, dir, withCaches())
		_, err := s.query(t, e, "SELECT count(*) AS n FROM orders")
		if want := "read footer of s3://shop/orders/0001.parquet: not a Parquet file, or cut short"; err == nil || !strings.Contains(err.Error(), want) || !strings.Contains(err.Error(), "node n: table orders") {
			t.Errorf("%v", err)
		}
	})
	s.Put(t, "orders/0001.parquet", whole)
	// The listing may be old, so the store is asked once more; a table that changes
	// between listing and reading is not read in two states.
	t.Run("changed", func(t *testing.T) {
		e := s.session(t, dir, withCaches())
		if _, _, err := e.Describe(t.Context(), "orders", []string{ordersURL}); err != nil {
			t.Fatal(err)
		}
		s.PutFile(t, "orders/0001.parquet", s.days[0])
		_, err := s.query(t, e, "SELECT count(*) AS n FROM orders WHERE day = '2024-01-02'")
		if !errors.Is(err, listing.ErrChanged) || !strings.Contains(err.Error(), "fetch s3://shop/orders/0001.parquet") {
			t.Errorf("%v", err)
		}
	})
	t.Run("no store", func(t *testing.T) {
		e := open(t, withCaches())
		if _, err := s.query(t, e, "SELECT 1 AS a FROM orders"); err == nil || !strings.Contains(err.Error(), "there is no object store") {
			t.Errorf("%v", err)
		}
	})
}
