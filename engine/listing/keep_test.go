package listing

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"math"
	"path/filepath"
	"reflect"
	"testing"

	"github.com/zeebo/xxh3"
)

func TestKeptStatisticsAreBelievedWhileTheirFilesStay(t *testing.T) {
	dir := threeFiles(t)
	first := New(allOn())
	want, err := first.ListingOf(t.Context(), "people", []string{dir})
	if err != nil {
		t.Fatal(err)
	}
	kept := first.KeepStatistics()
	writeFile(t, filepath.Join(dir, "a.parquet"), parquetBytes(t, 2, 0, 50, 0)) // of another size
	second := New(allOn())
	if n, err := second.RestoreStatistics(kept); n != 3 || err != nil {
		t.Fatalf("restored %d, %v", n, err)
	}
	opened := counting(second)
	got, err := second.ListingOf(t.Context(), "people", []string{dir})
	if err != nil {
		t.Fatal(err)
	}
	if opened.Load() != 1 || got.Files[0].Stats.Rows != 50 || !reflect.DeepEqual(got.Files[1:], want.Files[1:]) {
		t.Errorf("%d files were opened, want the changed one only; got %+v", opened.Load(), got.Files)
	}
	if s := second.State().Statistics; s.Restored != 3 || s.Inserts != 1 || s.Hits != 2 || s.Invalidations != 1 {
		t.Errorf("state %+v", s)
	}
	// A cache that is smaller holds the most recently used ones.
	o := allOn()
	o.StatisticsLimit = first.State().Statistics.Bytes - 1 // any two fit, whatever the order in which they were read
	small := New(o)
	if _, err := small.RestoreStatistics(kept); err != nil || small.State().Statistics.Entries != 2 {
		t.Errorf("%+v, %v", small.State().Statistics, err)
	}
	if again := second.KeepStatistics(); bytes.Equal(again, kept) {
		t.Error("the changed file is kept as it was")
	}
}

func TestEveryKindOfBoundIsKept(t *testing.T) {
	c := New(allOn())
	s := &Statistics{File: File{"/d/x", 7, -9, "etag"}, Rows: 5, Schema: math.MaxUint64}
	for i, b := range [][2]any{{nil, nil}, {int64(math.MinInt64), int64(math.MaxInt64)}, {uint64(0), uint64(math.MaxUint64)}, {math.Inf(-1), 2.5}, {"", "ÿ\x00z"}, {false, true}, {Date(-3), Date(19000)}} {
		s.Columns = append(s.Columns, ColumnStatistics{Name: fmt.Sprint("c", i), Nulls: int64(i) - 1, Min: b[0], Max: b[1]})
	}
	key := TableKey{"t", "/d/x"}
	c.statistics.For("t").Put(key, s)
	back := New(allOn())
	if _, err := back.RestoreStatistics(c.KeepStatistics()); err != nil {
		t.Fatal(err)
	}
	if got, ok := back.statistics.Get(key); !ok || !reflect.DeepEqual(got, s) {
		t.Errorf("got  %+v\nwant %+v", got, s)
	}
}

func TestDamagedKeptStatisticsAreRefused(t *testing.T) {
	c := New(allOn())
	if _, err := c.Listing(t.Context(), threeFiles(t)); err != nil {
		t.Fatal(err)
	}
	good := c.KeepStatistics()
	refused := func(name string, data []byte) {
		back := New(allOn())
		if n, err := back.RestoreStatistics(data); n != 0 || !errors.Is(err, ErrKept) || back.State().Statistics.Entries != 0 {
			t.Errorf("%s: restored %d, %v", name, n, err)
		}
	}
	for n := range len(good) {
		refused(fmt.Sprintf("the first %d bytes", n), good[:n])
		bad := bytes.Clone(good)
		bad[n] ^= 1
		refused(fmt.Sprintf("byte %d changed", n), bad)
		if n >= keptHead {
			refused(fmt.Sprintf("the first %d bytes with their checksum", n), checked(good[:n]))
		}
	}
	refused("more bytes", checked(append(bytes.Clone(good), 0)))
}

// checked puts the right checksum on wrong data.
func checked(data []byte) []byte {
	data = bytes.Clone(data)
	binary.LittleEndian.PutUint64(data[keptHead-8:], xxh3.Hash(data[keptHead:]))
	return data
}

// FuzzRestoreStatistics feeds data with right checksums: it may be refused, never
// crash, and what is taken comes out again as it went in.
func FuzzRestoreStatistics(f *testing.F) {
	c := New(allOn())
	dir := f.TempDir()
	writeFile(f, filepath.Join(dir, "a.parquet"), parquetBytes(f, 3, 0, 10, 4))
	if _, err := c.Listing(f.Context(), dir); err != nil {
		f.Fatal(err)
	}
	f.Add(c.KeepStatistics()[keptHead:])
	f.Add([]byte{1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 0, 0, boundText, 1, 'a', boundText, 1, 'b'})
	f.Add(binary.AppendUvarint(nil, math.MaxUint64))
	f.Fuzz(func(t *testing.T, payload []byte) {
		data := append([]byte(keptMagic+"\x0112345678"), payload...)
		first := New(Options{StatisticsLimit: 1 << 40})
		if _, err := first.RestoreStatistics(checked(data)); err != nil {
			return
		}
		kept := first.KeepStatistics()
		second := New(Options{StatisticsLimit: 1 << 40})
		if _, err := second.RestoreStatistics(kept); err != nil {
			t.Fatalf("what was restored cannot be restored again: %v", err)
		}
		if !bytes.Equal(kept, second.KeepStatistics()) {
			t.Error("it came out in another way")
		}
		for _, e := range first.statistics.Entries() {
			(&Table{Files: []TableFile{{Stats: e.Value}}}).Prune(Filter{"c0", Gt, 5}, Filter{"c1", In, []any{"x", int64(2)}})
		}
	})
}
