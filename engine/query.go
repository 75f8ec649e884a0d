package engine

import (
	"context"
	"fmt"
	"math/big"

	"github.com/duckdb/duckdb-go/v2"

	"github.com/buildscope/buildscope/model/sqllex"
)

const (
	queryPrefix = "SELECT * FROM (\n"
	queryLimit  = "\n) LIMIT "
)

// Query runs one SELECT over bound tables (see Bind and Materialize), Parquet
// files or nothing, and returns its column names and at most limit rows. It is
// for small results and runs beside Materialize.
//
// Values are nil, bool, int64, float64, string, []byte or time.Time; integers
// beyond int64 and decimals are strings in exact form, and nested values are
// what the driver gives.
func (s *Session) Query(ctx context.Context, text string, limit int) (columns []string, rows [][]any, err error) {
	ctx, done, err := s.scope(ctx)
	if err != nil {
		return nil, nil, err
	}
	defer done()
	if _, err := parseReads(ctx, s.db, "", text); err != nil { // not kept: there may be any number of them
		return nil, nil, err
	}
	statement := fmt.Sprint(queryPrefix, sqllex.StatementOf(text), queryLimit, max(limit, 0))
	result, err := s.db.QueryContext(ctx, statement)
	if err != nil {
		return nil, nil, engineError(ctx, err, "", text, len(queryPrefix))
	}
	defer result.Close() // the error, if any, is in result.Err
	if columns, err = result.Columns(); err != nil {
		return nil, nil, fmt.Errorf("read column names: %w", err)
	}
	for result.Next() {
		row := make([]any, len(columns))
		cells := make([]any, len(columns))
		for i := range row {
			cells[i] = &row[i]
		}
		if err := result.Scan(cells...); err != nil {
			return nil, nil, fmt.Errorf("read row %d: %w", len(rows)+1, err)
		}
		for i := range row {
			row[i] = simple(row[i])
		}
		rows = append(rows, row)
	}
	if err := result.Err(); err != nil {
		return nil, nil, engineError(ctx, err, "", text, len(queryPrefix))
	}
	return columns, rows, nil
}

// simple brings the driver's many number types to few.
func simple(v any) any {
	switch v := v.(type) {
	case int8:
		return int64(v)
	case int16:
		return int64(v)
	case int32:
		return int64(v)
	case uint8:
		return int64(v)
	case uint16:
		return int64(v)
	case uint32:
		return int64(v)
	case uint64:
		return simple(new(big.Int).SetUint64(v))
	case *big.Int:
		if v.IsInt64() {
			return v.Int64()
		}
		return v.String()
	case float32:
		return float64(v)
	case duckdb.Decimal:
		return v.String()
	case duckdb.UUID:
		return v.String()
	}
	return v
}
