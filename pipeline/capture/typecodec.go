package capture

import (
	"github.com/apache/arrow-go/v18/arrow"
)

// saveType writes the type by which a column is counted. What only encodes values is
// left out, and so are the types of what is not looked at. Arrow's own form of types is
// not read back safely from bytes of somebody else's.
func saveType(e *enc, t arrow.DataType) {
	switch t := t.(type) {
	case *arrow.DictionaryType:
		saveType(e, t.ValueType)
		return
	case *arrow.RunEndEncodedType:
		saveType(e, t.Encoded())
		return
	case arrow.ExtensionType:
		saveType(e, t.StorageType())
		return
	case *arrow.MapType:
		e.uint(uint64(arrow.MAP))
		saveType(e, t.KeyType())
		return
	case arrow.ListLikeType:
		e.uint(uint64(arrow.LIST))
		saveType(e, t.Elem())
		return
	}
	e.uint(uint64(t.ID()))
	switch t := t.(type) {
	case *arrow.FixedSizeBinaryType:
		e.uint(uint64(t.ByteWidth))
	case *arrow.Time32Type:
		e.uint(uint64(t.Unit))
	case *arrow.Time64Type:
		e.uint(uint64(t.Unit))
	case *arrow.DurationType:
		e.uint(uint64(t.Unit))
	case *arrow.TimestampType:
		e.uint(uint64(t.Unit))
		e.text(t.TimeZone)
	case arrow.DecimalType:
		e.int(int64(t.GetPrecision()))
		e.int(int64(t.GetScale()))
	case *arrow.StructType:
		e.uint(uint64(t.NumFields()))
		for _, f := range t.Fields() {
			e.text(f.Name)
		}
	}
}

// bareTypes are those that have nothing beside their name.
var bareTypes = map[arrow.Type]arrow.DataType{
	arrow.NULL: arrow.Null, arrow.BOOL: arrow.FixedWidthTypes.Boolean,
	arrow.INT8: arrow.PrimitiveTypes.Int8, arrow.INT16: arrow.PrimitiveTypes.Int16, arrow.INT32: arrow.PrimitiveTypes.Int32, arrow.INT64: arrow.PrimitiveTypes.Int64,
	arrow.UINT8: arrow.PrimitiveTypes.Uint8, arrow.UINT16: arrow.PrimitiveTypes.Uint16, arrow.UINT32: arrow.PrimitiveTypes.Uint32, arrow.UINT64: arrow.PrimitiveTypes.Uint64,
	arrow.FLOAT16: arrow.FixedWidthTypes.Float16, arrow.FLOAT32: arrow.PrimitiveTypes.Float32, arrow.FLOAT64: arrow.PrimitiveTypes.Float64,
	arrow.DATE32: arrow.FixedWidthTypes.Date32, arrow.DATE64: arrow.FixedWidthTypes.Date64, arrow.INTERVAL_MONTHS: arrow.FixedWidthTypes.MonthInterval,
	arrow.STRING: arrow.BinaryTypes.String, arrow.LARGE_STRING: arrow.BinaryTypes.LargeString, arrow.STRING_VIEW: arrow.BinaryTypes.StringView,
	arrow.BINARY: arrow.BinaryTypes.Binary, arrow.LARGE_BINARY: arrow.BinaryTypes.LargeBinary, arrow.BINARY_VIEW: arrow.BinaryTypes.BinaryView,
	arrow.INTERVAL_DAY_TIME: arrow.FixedWidthTypes.DayTimeInterval, arrow.INTERVAL_MONTH_DAY_NANO: arrow.FixedWidthTypes.MonthDayNanoInterval,
	arrow.DENSE_UNION: arrow.Null, arrow.SPARSE_UNION: arrow.Null, // of both only rows are counted
}

// deepestType is how many levels a type may have.
const deepestType = 64

// loadType reads what saveType has written; Null after an error.
func loadType(d *dec, depth int) arrow.DataType {
	id := arrow.Type(min(d.uint(), 1000))
	if d.check(depth < deepestType); d.err != nil {
		return arrow.Null
	}
	if t, ok := bareTypes[id]; ok {
		return t
	}
	unit := func() arrow.TimeUnit {
		u := d.uint()
		d.check(u <= uint64(arrow.Nanosecond))
		return arrow.TimeUnit(min(u, uint64(arrow.Nanosecond)))
	}
	switch id {
	case arrow.FIXED_SIZE_BINARY:
		return &arrow.FixedSizeBinaryType{ByteWidth: int(min(d.uint(), 1<<30))}
	case arrow.TIME32:
		return &arrow.Time32Type{Unit: unit()}
	case arrow.TIME64:
		return &arrow.Time64Type{Unit: unit()}
	case arrow.DURATION:
		return &arrow.DurationType{Unit: unit()}
	case arrow.TIMESTAMP:
		return &arrow.TimestampType{Unit: unit(), TimeZone: d.text()}
	case arrow.DECIMAL32, arrow.DECIMAL64, arrow.DECIMAL128, arrow.DECIMAL256:
		precision, scale := d.int(), d.int()
		if d.check(precision >= 1 && precision <= 76 && scale >= -100 && scale <= 100); d.err != nil {
			return arrow.Null
		}
		t, err := arrow.NewDecimalType(id, int32(precision), int32(scale))
		if err != nil {
			d.fail()
			return arrow.Null
		}
		return t
	case arrow.MAP:
		if key := loadType(d, depth+1); d.err == nil {
			return arrow.MapOf(key, arrow.Null)
		}
		return arrow.Null
	case arrow.LIST:
		return arrow.ListOf(loadType(d, depth+1))
	case arrow.STRUCT:
		n := d.uint()
		if d.check(n <= uint64(len(d.buf))); d.err != nil { // each name has a byte at least
			return arrow.Null
		}
		fields := make([]arrow.Field, n)
		for i := range fields {
			fields[i] = arrow.Field{Name: d.text(), Type: arrow.Null}
		}
		return arrow.StructOf(fields...)
	}
	d.fail()
	return arrow.Null
}
