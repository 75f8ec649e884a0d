package listing

import (
	"bytes"
	"runtime"
	"testing"
)

// TestFooterSizeEstimate holds the accounted bytes of a footer near the heap
// that parsed footers really take.
func TestFooterSizeEstimate(t *testing.T) {
	for _, shape := range []struct {
		columns int
		rows    int64
		groups  int64
	}{{1, 10, 1}, {44, 10, 1}, {200, 10, 1}, {20, 100, 10}} {
		data := parquetBytes(t, shape.columns, 0, shape.rows, shape.rows/shape.groups)
		const copies = 64
		keep := make([]footer, copies)
		before := heap()
		for i := range keep {
			meta, err := readFooter(bytes.NewReader(data), int64(len(data)), sizeHint)
			if err != nil {
				t.Fatal(err)
			}
			keep[i] = footer{meta: meta}
		}
		real := float64(heap()-before) / copies
		_, estimate := sizeOfFooter("", keep[0])
		t.Logf("%d columns, %d row groups: %.0f bytes of heap, %d accounted, %d in the file", shape.columns, shape.groups, real, estimate, keep[0].meta.Size())
		if ratio := float64(estimate) / real; ratio < 0.67 || ratio > 1.5 {
			t.Errorf("%d columns, %d row groups: accounted %d bytes, real %.0f", shape.columns, shape.groups, estimate, real)
		}
		runtime.KeepAlive(keep)
	}
}

func heap() uint64 {
	runtime.GC()
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return m.HeapAlloc
}

// FuzzFooter feeds damaged files: they may be refused, never crash.
func FuzzFooter(f *testing.F) {
	good := parquetBytes(f, 2, 0, 10, 4)
	f.Add(good)
	f.Add(good[:len(good)-9])
	f.Add([]byte("PAR1\x15\x00\x04\x00\x00\x00PAR1"))
	for _, at := range []int{9, 20, 40, 80} {
		bad := bytes.Clone(good)
		bad[len(bad)-at] ^= 0x5a
		f.Add(bad)
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		meta, err := readFooter(bytes.NewReader(data), int64(len(data)), sizeHint)
		if err != nil {
			return
		}
		foot := footer{meta: meta}
		if key, value := sizeOfFooter("x", foot); key != 1 || value <= 0 {
			t.Errorf("size %d+%d", key, value)
		}
		if s, err := summarize(foot); err == nil {
			(&Table{Files: []TableFile{{Stats: s}}}).Prune(Filter{"c0", Gt, 5})
		}
	})
}
