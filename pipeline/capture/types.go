package capture

import (
	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/decimal"
)

// newColumn chooses how a type is counted.
func newColumn(t arrow.DataType, o Options) column {
	if k, ok := numberKind(t); ok {
		return newNumbers(k, o)
	}
	switch t := t.(type) {
	case *arrow.BooleanType:
		return &booleans{}
	case *arrow.StringType, *arrow.LargeStringType, *arrow.StringViewType:
		return &texts{show: true}
	case *arrow.BinaryType, *arrow.LargeBinaryType, *arrow.BinaryViewType, *arrow.FixedSizeBinaryType:
		return &texts{}
	case *arrow.Decimal32Type:
		return newDecimals(o, t.Scale, 9, decimal32s, decimal.Decimal32FromString)
	case *arrow.Decimal64Type:
		return newDecimals(o, t.Scale, 18, decimal64s, decimal.Decimal64FromString)
	case *arrow.Decimal128Type:
		return newDecimals(o, t.Scale, 38, decimal128s, decimal.Decimal128FromString)
	case *arrow.Decimal256Type:
		return newDecimals(o, t.Scale, 76, decimal256s, decimal.Decimal256FromString)
	case *arrow.DictionaryType:
		return newColumn(t.ValueType, o)
	case *arrow.RunEndEncodedType:
		return newColumn(t.Encoded(), o)
	case arrow.ExtensionType:
		return newColumn(t.StorageType(), o)
	case *arrow.MapType:
		return newMaps(t, o)
	case arrow.ListLikeType:
		return newLists(t, o)
	case *arrow.StructType:
		return newStructs(t, o)
	case *arrow.NullType:
		return uncounted{"every value is null"}
	case *arrow.SparseUnionType, *arrow.DenseUnionType:
		return uncounted{"values of unions have several types and are not compared"}
	case *arrow.DayTimeIntervalType, *arrow.MonthDayNanoIntervalType:
		return uncounted{"intervals of several units have no order"}
	}
	return uncounted{"values of this type are not compared"}
}

// family is the word for ColumnStats.Family.
func family(t arrow.DataType) string {
	if k, ok := numberKind(t); ok {
		return k.family
	}
	switch t := t.(type) {
	case *arrow.BooleanType:
		return "boolean"
	case *arrow.StringType, *arrow.LargeStringType, *arrow.StringViewType:
		return "string"
	case *arrow.BinaryType, *arrow.LargeBinaryType, *arrow.BinaryViewType, *arrow.FixedSizeBinaryType:
		return "binary"
	case arrow.DecimalType:
		return "numeric"
	case *arrow.DayTimeIntervalType, *arrow.MonthDayNanoIntervalType:
		return "temporal"
	case *arrow.DictionaryType:
		if f := family(t.ValueType); f != "string" {
			return f
		}
		return "category"
	case *arrow.RunEndEncodedType:
		return family(t.Encoded())
	case arrow.ExtensionType:
		return family(t.StorageType())
	case arrow.ListLikeType, *arrow.StructType: // maps are like lists
		return "nested"
	case *arrow.NullType:
		return "null"
	}
	return "other"
}
