package capture_test

import (
	"fmt"
	"math/rand/v2"
	"reflect"
	"strings"
	"testing"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/array"

	"github.com/buildscope/buildscope/model"
	"github.com/buildscope/buildscope/pipeline/capture"
)

// stored captures everything, sketches too.
var stored = capture.Options{MaxListLength: 200, MaxDictLength: 200, Quantiles: true, Sketches: true}

// readSketch reads back what a column has stored.
func readSketch(t testing.TB, c model.ColumnStats) *capture.Sketch {
	t.Helper()
	s, err := capture.ReadSketch(c.Sketch)
	if err != nil {
		t.Fatalf("column %s of type %s: %v", c.Name, c.Type, err)
	}
	return s
}

// A stored sketch gives the figures that it was stored with. Those of the parts of a
// table, stored, read and merged, give the figures of the whole.
func TestSketchesMerge(t *testing.T) {
	for seed := range uint64(10) {
		r := rand.New(rand.NewPCG(seed, 5))
		rows := []int{0, 1, 100, 3000, 12_000}[seed%5]
		rec := table(t, seed, rows)
		capturedOf := func(rec arrow.RecordBatch) []model.ColumnStats {
			c := capture.New(rec.Schema(), stored)
			if err := c.Write(rec); err != nil {
				t.Fatal(err)
			}
			return c.Stats("t").Columns
		}
		whole := capturedOf(rec)
		var parts [][]model.ColumnStats
		for from := int64(0); from < int64(rows) || len(parts) == 0; {
			to := min(int64(rows), from+1+r.Int64N(6000))
			part := rec.NewSlice(from, to)
			parts = append(parts, capturedOf(part))
			part.Release()
			from = to
		}
		r.Shuffle(len(parts), reflect.Swapper(parts))
		for i, w := range whole {
			what := fmt.Sprintf("seed %d, %d rows, column %s of %s", seed, rows, w.Name, w.Type)
			alone := readSketch(t, w).Stats()
			w.Sketch = nil
			compareAttrs(t, what+", stored", alone, w)
			s := readSketch(t, parts[0][i])
			for _, p := range parts[1:] {
				if err := s.Merge(readSketch(t, p[i])); err != nil {
					t.Fatal(err)
				}
			}
			g := s.Stats()
			closeEnough(t, what+": mean", g.Mean, w.Mean)
			closeEnough(t, what+": std", g.Std, w.Std)
			g.Mean, g.Std = w.Mean, w.Std
			if !w.DistinctExact {
				g.Top, g.Reason = w.Top, w.Reason // what is frequent enough to be listed depends on the order
			}
			compareAttrs(t, what+", merged", g, w)
		}
	}
}

// Decimals of all widths keep their digits.
func TestSketchesOfDecimals(t *testing.T) {
	for _, typ := range []arrow.DataType{&arrow.Decimal32Type{Precision: 9, Scale: 2}, &arrow.Decimal64Type{Precision: 18, Scale: 4},
		&arrow.Decimal128Type{Precision: 38, Scale: 6}, &arrow.Decimal256Type{Precision: 76, Scale: 10}} {
		digits := strings.Repeat("9", int(typ.(arrow.DecimalType).GetPrecision()-typ.(arrow.DecimalType).GetScale()))
		rec := batch(t, typ, digits+".01", "-"+digits+".02", "∅", "1.5")
		c := capture.New(rec.Schema(), stored)
		if err := c.Write(rec); err != nil {
			t.Fatal(err)
		}
		want := c.Stats("t").Columns[0]
		got := readSketch(t, want).Stats()
		want.Sketch = nil
		compareAttrs(t, typ.String(), got, want)
	}
}

func TestSketchesThatDoNotMerge(t *testing.T) {
	of := func(rec arrow.RecordBatch, o capture.Options) *capture.Sketch {
		o.Sketches = true
		return readSketch(t, stats(t, rec, o))
	}
	numbers, texts := batch(t, arrow.PrimitiveTypes.Int64, "1", "2"), batch(t, arrow.BinaryTypes.String, "a", "b")
	hidden := full
	hidden.Hide = func(string) string { return "hidden" }
	few := full
	few.MaxListLength = 1
	for _, c := range []struct {
		a, b *capture.Sketch
		want string
	}{
		{of(numbers, full), of(texts, full), "int64 and utf8 do not merge"},
		{of(texts, full), of(texts, hidden), "in one of two only"},
		{of(texts, few), of(texts, full), "other limits"},
	} {
		if err := c.a.Merge(c.b); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%v, want %q", err, c.want)
		}
	}
	a := of(texts, hidden)
	if err := a.Merge(of(texts, hidden)); err != nil || a.Stats().Count != 4 || a.Stats().Top != nil || a.Stats().Reason != "hidden" {
		t.Errorf("%v; %+v", err, a.Stats())
	}
}

func TestReadSketchOfAnotherForm(t *testing.T) {
	c := stats(t, batch(t, arrow.BinaryTypes.String, "a"), stored)
	if c.Sketch == nil {
		t.Fatal("there is no sketch")
	}
	for want, data := range map[string][]byte{
		"it is empty": nil, "it has form 9, this version reads form 1": append([]byte{9}, c.Sketch[1:]...), "read a sketch": c.Sketch[:len(c.Sketch)/2],
	} {
		if _, err := capture.ReadSketch(data); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%v, want %q", err, want)
		}
	}
}

// FuzzReadSketch looks for bytes that panic, when they are read or counted on with.
func FuzzReadSketch(f *testing.F) {
	rec := record(f, []arrow.Field{{Name: "i", Type: arrow.PrimitiveTypes.Int64}, {Name: "f", Type: arrow.PrimitiveTypes.Float64}, {Name: "s", Type: arrow.BinaryTypes.String},
		{Name: "d", Type: &arrow.Decimal128Type{Precision: 20, Scale: 2}}, {Name: "l", Type: arrow.ListOf(arrow.PrimitiveTypes.Int32)}}, 3000, func(col, row int, b array.Builder) {
		text := fmt.Sprint(row*7 - 3000)
		if col == 4 {
			text = "[" + text + ", 2]"
		}
		if err := b.AppendValueFromString(text); err != nil {
			f.Fatal(err)
		}
	})
	c := capture.New(rec.Schema(), stored)
	if err := c.Write(rec); err != nil {
		f.Fatal(err)
	}
	for _, col := range c.Stats("t").Columns {
		raw, err := capture.Decompressed(col.Sketch)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(raw)
	}
	f.Fuzz(func(t *testing.T, raw []byte) {
		a, err := capture.ReadSketch(capture.Compressed(raw))
		if err != nil {
			return
		}
		b, err := capture.ReadSketch(capture.Compressed(raw))
		if err != nil {
			t.Fatal(err)
		}
		n := a.Stats().Count
		if err := a.Merge(b); err != nil {
			t.Fatalf("it does not merge with itself: %v", err)
		}
		if got := a.Stats().Count; n < 1<<60 && got != 2*n {
			t.Fatalf("%d rows twice are %d", n, got)
		}
	})
}
