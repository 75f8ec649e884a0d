package capture_test

import (
	"context"
	"errors"
	"fmt"
	"math"
	"path"
	"reflect"
	"strings"
	"testing"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/array"

	"github.com/buildscope/buildscope/model"
	"github.com/buildscope/buildscope/pipeline/capture"
)

func TestSpecialNumbersAreCountedApart(t *testing.T) {
	c := stats(t, batch(t, arrow.PrimitiveTypes.Float64, "NaN", "+Inf", "-Inf", "-0", "0", "2", "∅", "NaN"), full)
	if *c.NaN != 2 || *c.Inf != 2 || *c.Zeros != 2 || c.Nulls != 1 || *c.Distinct != 5 || *c.Min != 0 || *c.Max != 2 || !near(*c.Mean, 2.0/3, 1e-15) {
		t.Errorf("%v", text(c))
	}
	if math.Signbit(*c.Min) || c.MinText != "0" {
		t.Errorf("the smallest is %v %q", *c.Min, c.MinText)
	}
	c = stats(t, batch(t, arrow.PrimitiveTypes.Float64, "NaN", "Inf", "∅"), full)
	if c.Min != nil || c.Mean != nil || c.Std != nil || c.Quantiles != nil || c.Histogram != nil {
		t.Errorf("no finite number, but %v", text(c))
	}
	// What JSON cannot carry never leaves: the sum and the deviation overflow here.
	c = stats(t, batch(t, arrow.PrimitiveTypes.Float64, "1.7e308", "1.7e308", "-1.7e308"), full)
	for _, a := range text(c) {
		if v, ok := a.Value.(float64); ok && (math.IsInf(v, 0) || math.IsNaN(v)) {
			t.Errorf("%s is %v", a.Key, v)
		}
	}
}

func TestTextsAreValidUTF8(t *testing.T) {
	c := stats(t, record(t, []arrow.Field{{Name: "c", Type: arrow.BinaryTypes.String}}, 2, func(_, _ int, b array.Builder) {
		b.(*array.StringBuilder).Append("a\xff")
	}), full)
	if c.MinText != "a\uFFFD" || c.Top[0].Value != "a\uFFFD" {
		t.Errorf("%v", text(c))
	}
}

func TestLimitsCutAndSaySo(t *testing.T) {
	words := batch(t, arrow.BinaryTypes.String, "a", "a", "b", "c")
	c := stats(t, words, capture.Options{MaxDictLength: 2})
	if !reflect.DeepEqual(c.Top, []model.TopValue{{Value: "a", Count: 2}, {Value: "b", Count: 1}}) || c.Truncated != "2 of 3 top values are kept" {
		t.Errorf("%v", text(c))
	}
	if c = stats(t, words, capture.Options{}); c.Top != nil || c.Truncated == "" {
		t.Errorf("nothing may be kept, but %v", text(c))
	}
	lists := batch(t, arrow.ListOf(arrow.PrimitiveTypes.Int64), "[1,1,2,3]", "∅", "[]", "[1]", "[9,9,9]")
	c = stats(t, lists, capture.Options{MaxListLength: 2, MaxDictLength: 9})
	if *c.LenMin != 0 || *c.LenMax != 4 || *c.Empty != 1 || *c.Distinct != 2 || c.Top[0] != (model.TopValue{Value: "1", Count: 3}) ||
		c.Truncated != "2 lists are longer than 2; 3 items were not looked at" {
		t.Errorf("%v", text(c))
	}
	if c = stats(t, lists, full); *c.Distinct != 4 || c.Truncated != "" {
		t.Errorf("%v", text(c))
	}
	maps := batch(t, arrow.MapOf(arrow.BinaryTypes.String, arrow.PrimitiveTypes.Int64), `[{"key":"x","value":1},{"key":"y","value":2}]`, `[{"key":"x","value":null}]`)
	c = stats(t, maps, full)
	if c.Top[0] != (model.TopValue{Value: "x", Count: 2}) || *c.Distinct != 2 {
		t.Errorf("%v", text(c))
	}
	if c = stats(t, maps, capture.Options{MaxDictLength: 1}); c.Truncated != "1 maps are longer than 1; 1 keys were not looked at" {
		t.Errorf("%v", text(c))
	}
	structs := batch(t, arrow.StructOf(arrow.Field{Name: "a", Type: arrow.PrimitiveTypes.Int64, Nullable: true}, arrow.Field{Name: "b", Type: arrow.PrimitiveTypes.Int64, Nullable: true}),
		`{"a":1,"b":null}`, `{"a":null,"b":null}`, "∅")
	if c = stats(t, structs, full); c.Nulls != 1 || c.Top[0] != (model.TopValue{Value: "a", Count: 1}) {
		t.Errorf("%v", text(c))
	}
	if c = stats(t, structs, capture.Options{MaxDictLength: 1}); c.Truncated != "1 of 2 fields are counted" {
		t.Errorf("%v", text(c))
	}
}

// A column that matches is counted, and nothing of a value is anywhere.
func TestHiddenColumnsAreOnlyCounted(t *testing.T) {
	r := model.NewRedactor([]string{"*password*"})
	o := full
	o.Hide = func(name string) string {
		if r.Match(name) {
			return "hidden by redact_keys"
		}
		return ""
	}
	rec := record(t, []arrow.Field{{Name: "user_Password", Type: arrow.BinaryTypes.String, Nullable: true}, {Name: "user", Type: arrow.BinaryTypes.String}},
		3, func(col, row int, b array.Builder) {
			if col == 0 && row == 1 {
				b.AppendNull()
			} else {
				b.(*array.StringBuilder).Append("hunter2")
			}
		})
	c := capture.New(rec.Schema(), o)
	if err := c.Write(rec); err != nil {
		t.Fatal(err)
	}
	got := c.Stats("t")
	want := model.ColumnStats{Name: "user_Password", Type: "utf8", Family: "string", Count: 3, Nulls: 1, Reason: got.Columns[0].Reason}
	compareAttrs(t, "hidden", got.Columns[0], want)
	if !strings.Contains(want.Reason, "redact_keys") || got.Columns[1].MinText != "hunter2" {
		t.Errorf("%+v", got)
	}
}

func TestCancelledReadEnds(t *testing.T) {
	file := writeParquet(t, "t", table(t, 1, 5000))
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := files(ctx, "t", []string{file}, full); !errors.Is(err, context.Canceled) {
		t.Errorf("a cancelled read gave %v", err)
	}
	if _, err := files(t.Context(), "t", []string{file + ".absent"}, full); err == nil || !strings.Contains(err.Error(), path.Base(file)) {
		t.Errorf("an absent file gave %v", err)
	}
}

// Files of one table are counted together.
func TestSeveralFilesAreOneTable(t *testing.T) {
	rec := table(t, 4, 3000)
	a, b := rec.NewSlice(0, 1200), rec.NewSlice(1200, 3000)
	got, err := files(t.Context(), "t", []string{writeParquet(t, "a", a), writeParquet(t, "b", b)}, full)
	if err != nil {
		t.Fatal(err)
	}
	all := capture.New(rec.Schema(), full)
	if err := all.Write(rec); err != nil {
		t.Fatal(err)
	}
	want := all.Stats("t")
	if got.Files != 2 || got.Rows != 3000 {
		t.Errorf("table is %+v", got)
	}
	for i, w := range want.Columns {
		g := got.Columns[i]
		closeEnough(t, "mean", g.Mean, w.Mean)
		closeEnough(t, "std", g.Std, w.Std)
		g.Mean, g.Std = w.Mean, w.Std
		if !w.DistinctExact {
			g.Top = w.Top
		}
		compareAttrs(t, fmt.Sprint("column ", w.Name), g, w)
	}
}
