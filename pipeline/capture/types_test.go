package capture_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/array"
	"github.com/apache/arrow-go/v18/arrow/extensions"
	"github.com/apache/arrow-go/v18/arrow/memory"

	"github.com/buildscope/buildscope/model"
	"github.com/buildscope/buildscope/pipeline/capture"
)

// everyType has one type for each value of arrow.Type.
func everyType() []arrow.DataType {
	i32, str := arrow.PrimitiveTypes.Int32, arrow.BinaryTypes.String
	fields := []arrow.Field{{Name: "a", Type: i32, Nullable: true}, {Name: "b", Type: str, Nullable: true}}
	types := []arrow.DataType{arrow.Null, arrow.FixedWidthTypes.Boolean,
		arrow.BinaryTypes.String, arrow.BinaryTypes.LargeString, arrow.BinaryTypes.StringView,
		arrow.BinaryTypes.Binary, arrow.BinaryTypes.LargeBinary, arrow.BinaryTypes.BinaryView, &arrow.FixedSizeBinaryType{ByteWidth: 3},
		arrow.FixedWidthTypes.Float16, arrow.FixedWidthTypes.Date32, arrow.FixedWidthTypes.Date64,
		arrow.FixedWidthTypes.MonthInterval, arrow.FixedWidthTypes.DayTimeInterval, arrow.FixedWidthTypes.MonthDayNanoInterval,
		&arrow.Decimal32Type{Precision: 9, Scale: 2}, &arrow.Decimal64Type{Precision: 18, Scale: 2},
		&arrow.Decimal128Type{Precision: 38, Scale: 2}, &arrow.Decimal256Type{Precision: 70, Scale: 2},
		arrow.ListOf(i32), arrow.LargeListOf(i32), arrow.FixedSizeListOf(2, i32), arrow.ListViewOf(i32), arrow.LargeListViewOf(i32),
		arrow.MapOf(str, i32), arrow.StructOf(fields...),
		arrow.SparseUnionOf(fields, []arrow.UnionTypeCode{0, 1}), arrow.DenseUnionOf(fields, []arrow.UnionTypeCode{0, 1}),
		&arrow.DictionaryType{IndexType: arrow.PrimitiveTypes.Int8, ValueType: str}, arrow.RunEndEncodedOf(i32, str),
		extensions.NewUUIDType()}
	types = append(types, arrow.PrimitiveTypes.Int8, arrow.PrimitiveTypes.Int16, i32, arrow.PrimitiveTypes.Int64,
		arrow.PrimitiveTypes.Uint8, arrow.PrimitiveTypes.Uint16, arrow.PrimitiveTypes.Uint32, arrow.PrimitiveTypes.Uint64,
		arrow.PrimitiveTypes.Float32, arrow.PrimitiveTypes.Float64)
	for _, u := range arrow.TimeUnitValues {
		types = append(types, &arrow.TimestampType{Unit: u}, &arrow.DurationType{Unit: u})
	}
	return append(types, arrow.FixedWidthTypes.Time32s, arrow.FixedWidthTypes.Time32ms, arrow.FixedWidthTypes.Time64us, arrow.FixedWidthTypes.Time64ns)
}

// Each type is counted, has a family, and says why more is not known where neither
// its values nor its lengths are.
func TestEveryTypeIsCounted(t *testing.T) {
	seen := map[arrow.Type]bool{}
	for _, typ := range everyType() {
		seen[typ.ID()] = true
		rec := record(t, []arrow.Field{{Name: "c", Type: typ, Nullable: true}}, 5, func(_, row int, b array.Builder) {
			if row == 2 {
				b.AppendNull()
			} else {
				b.AppendEmptyValue()
			}
		})
		for _, o := range []capture.Options{full, {}} {
			c := stats(t, rec, o)
			nulls := int64(1)
			switch typ.ID() {
			case arrow.NULL:
				nulls = 5
			case arrow.SPARSE_UNION, arrow.DENSE_UNION:
				nulls = 0 // a union has no nulls of its own
			}
			if c.Count != 5 || c.Nulls != nulls || c.Type != typ.String() || c.Family == "" {
				t.Errorf("%s: %+v", typ, text(c))
			}
			if c.Distinct == nil && c.LenMean == nil && c.Reason == "" {
				t.Errorf("%s gives no reason: %+v", typ, text(c))
			}
			if typ.ID() != arrow.NULL && c.Family == "other" && c.Reason == "" {
				t.Errorf("%s has no family: %+v", typ, text(c))
			}
		}
		// Two halves are the whole, for every type.
		a, b := capture.New(rec.Schema(), full), capture.New(rec.Schema(), full)
		for from, c := range map[int64]*capture.Collector{0: a, 3: b} {
			part := rec.NewSlice(from, min(5, from+3))
			if err := c.Write(part); err != nil {
				t.Fatal(err)
			}
			part.Release()
		}
		if err := a.Merge(b); err != nil {
			t.Fatal(err)
		}
		compareAttrs(t, typ.String()+" in two halves", a.Stats("t").Columns[0], stats(t, rec, full))
	}
	for id := arrow.NULL; id <= arrow.DECIMAL64; id++ {
		if !seen[id] {
			t.Errorf("no type of kind %s is tested", id)
		}
	}
}

func TestExactTexts(t *testing.T) {
	for _, c := range []struct {
		typ      arrow.DataType
		values   []string
		min, max string
	}{
		{arrow.PrimitiveTypes.Int64, []string{"9007199254740993", "9007199254740992", "-9223372036854775808", "∅"}, "-9223372036854775808", "9007199254740993"},
		{arrow.PrimitiveTypes.Uint64, []string{"18446744073709551615", "18446744073709551614"}, "18446744073709551614", "18446744073709551615"},
		{arrow.PrimitiveTypes.Float64, []string{"-0.1", "NaN", "1e300", "-Inf"}, "-0.1", "1e+300"},
		{arrow.PrimitiveTypes.Float32, []string{"0.1", "0.2"}, "0.1", "0.2"},
		{arrow.FixedWidthTypes.Float16, []string{"0.5", "-2"}, "-2", "0.5"},
		{arrow.FixedWidthTypes.Date32, []string{"1969-12-31", "2024-02-29"}, "1969-12-31", "2024-02-29"},
		{arrow.FixedWidthTypes.Date64, []string{"1969-12-31", "2024-02-29"}, "1969-12-31", "2024-02-29"},
		{arrow.FixedWidthTypes.Time32s, []string{"00:00:01", "23:59:59"}, "00:00:01", "23:59:59"},
		{arrow.FixedWidthTypes.Time64ns, []string{"00:00:01.000000001", "23:59:59.5"}, "00:00:01.000000001", "23:59:59.5"},
		{&arrow.TimestampType{Unit: arrow.Nanosecond}, []string{"1969-12-31T23:59:59.999999999", "2024-02-29T12:00:00"}, "1969-12-31T23:59:59.999999999", "2024-02-29T12:00:00"},
		{&arrow.TimestampType{Unit: arrow.Second, TimeZone: "UTC"}, []string{"1900-01-01T00:00:00Z"}, "1900-01-01T00:00:00Z", "1900-01-01T00:00:00Z"},
		{&arrow.Decimal128Type{Precision: 38, Scale: 3}, []string{"12345678901234567890.125", "12345678901234567890.126", "-1"}, "-1.000", "12345678901234567890.126"},
		{&arrow.Decimal256Type{Precision: 60, Scale: 1}, []string{"99999999999999999999999999999999999999999.9", "-0.1"}, "-0.1", "99999999999999999999999999999999999999999.9"},
		{&arrow.Decimal64Type{Precision: 18, Scale: 2}, []string{"1.25", "-3"}, "-3.00", "1.25"},
		{&arrow.Decimal32Type{Precision: 9, Scale: 2}, []string{"1.25", "-3"}, "-3.00", "1.25"},
		{arrow.BinaryTypes.String, []string{"é", "zz", "", "zzz", "∅"}, "", "é"},
		{arrow.BinaryTypes.StringView, []string{"abcdefgh2", "abcdefgh10", "abcdefgh"}, "abcdefgh", "abcdefgh2"},
		{arrow.BinaryTypes.LargeString, []string{strings.Repeat("é", 100)}, strings.Repeat("é", 64), strings.Repeat("é", 64)},
		{arrow.BinaryTypes.LargeString, []string{"a" + strings.Repeat("é", 100)}, "a" + strings.Repeat("é", 63), "a" + strings.Repeat("é", 63)},
	} {
		if got := stats(t, batch(t, c.typ, c.values...), full); got.MinText != c.min || got.MaxText != c.max {
			t.Errorf("%s: texts run from %q to %q, want %q to %q", c.typ, got.MinText, got.MaxText, c.min, c.max)
		}
	}
}

// An encoding changes nothing but the type.
func TestEncodingsCountLikePlainValues(t *testing.T) {
	values := []string{"a", "∅", "b", "b", "b", "∅", "∅", "", "é", "a"}
	want := stats(t, batch(t, arrow.BinaryTypes.String, values...), full)
	dict := &arrow.DictionaryType{IndexType: arrow.PrimitiveTypes.Uint16, ValueType: arrow.BinaryTypes.String}
	for _, typ := range []arrow.DataType{dict, arrow.RunEndEncodedOf(arrow.PrimitiveTypes.Int16, arrow.BinaryTypes.String)} {
		rec := batch(t, typ, values...)
		c := capture.New(rec.Schema(), full)
		for _, cut := range [][2]int64{{0, 3}, {3, 4}, {4, 10}} { // slices that begin within a run
			part := rec.NewSlice(cut[0], cut[1])
			if err := c.Write(part); err != nil {
				t.Fatal(err)
			}
			part.Release()
		}
		got := c.Stats("t").Columns[0]
		got.Type, got.Family = want.Type, want.Family
		compareAttrs(t, typ.String(), got, want)
	}
	numbers := []string{"3", "∅", "1", "1", "-5"}
	want = stats(t, batch(t, arrow.PrimitiveTypes.Int64, numbers...), full)
	got := stats(t, batch(t, arrow.RunEndEncodedOf(arrow.PrimitiveTypes.Int32, arrow.PrimitiveTypes.Int64), numbers...), full)
	got.Type = want.Type
	closeEnough(t, "std", got.Std, want.Std)
	got.Std, got.Mean = want.Std, want.Mean
	compareAttrs(t, "runs of numbers", got, want)
}

// A dictionary whose values hold a null, and entries that nothing points to.
func TestDictionaryWithNullValues(t *testing.T) {
	typ := &arrow.DictionaryType{IndexType: arrow.PrimitiveTypes.Int8, ValueType: arrow.PrimitiveTypes.Int32}
	values := array.NewInt32Builder(memory.DefaultAllocator)
	values.AppendValues([]int32{10, 20, 0, 99}, []bool{true, true, false, true})
	index := array.NewInt8Builder(memory.DefaultAllocator)
	index.AppendValues([]int8{0, 0, 1, 2, 0}, []bool{true, true, true, true, false})
	dict := array.NewDictionaryArray(typ, index.NewArray(), values.NewArray())
	rec := array.NewRecordBatch(arrow.NewSchema([]arrow.Field{{Name: "c", Type: typ, Nullable: true}}, nil), []arrow.Array{dict}, 5)
	c := stats(t, rec, full)
	if c.Nulls != 2 || *c.Distinct != 2 || *c.Max != 20 || !slices.Equal(c.Top, []model.TopValue{{Value: "10", Count: 2}, {Value: "20", Count: 1}}) {
		t.Errorf("%v", text(c))
	}
}
