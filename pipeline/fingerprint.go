package pipeline

import (
	"context"
	"encoding/binary"
	"encoding/hex"
	"errors"
	"fmt"
	"math/bits"
	"os"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/array"
	"github.com/apache/arrow-go/v18/arrow/memory"
	"github.com/apache/arrow-go/v18/parquet/file"
	"github.com/apache/arrow-go/v18/parquet/pqarrow"
	"github.com/zeebo/xxh3"
	"golang.org/x/sync/errgroup"
)

// FileSum is what identifies the content of a Parquet file.
type FileSum struct {
	Checksum string `json:"checksum"` // XXH3-128, hex; independent of row order, row groups and encodings
	Schema   string `json:"schema"`   // XXH3-128 over column names and types, hex
	Rows     int64  `json:"rows"`
	Bytes    int64  `json:"bytes"` // size of the file
}

// Fingerprint reads a Parquet file whole. Its checksum is the sum modulo 2^128 of
// the XXH3-128 of every row. Row groups are read by up to workers goroutines.
func Fingerprint(ctx context.Context, path string, workers int) (sum FileSum, err error) {
	r, err := file.OpenParquetFile(path, false)
	if err != nil {
		return sum, fmt.Errorf("checksum %s: %w", path, err)
	}
	defer func() { err = errors.Join(err, r.Close()) }()
	fr, err := pqarrow.NewFileReader(r, pqarrow.ArrowReadProperties{BatchSize: 8192}, memory.DefaultAllocator)
	if err != nil {
		return sum, fmt.Errorf("checksum %s: %w", path, err)
	}
	sc, err := fr.Schema()
	if err != nil {
		return sum, fmt.Errorf("checksum %s: %w", path, err)
	}
	parts := make([]xxh3.Uint128, r.NumRowGroups())
	g, ctx := errgroup.WithContext(ctx)
	g.SetLimit(max(1, workers))
	for i := range parts {
		g.Go(func() (err error) {
			parts[i], err = sumRowGroup(ctx, fr, i)
			return err
		})
	}
	if err := g.Wait(); err != nil {
		return sum, fmt.Errorf("checksum %s: %w", path, err)
	}
	var total xxh3.Uint128
	for _, p := range parts {
		total = add(total, p)
	}
	info, err := os.Stat(path)
	if err != nil {
		return sum, fmt.Errorf("checksum %s: %w", path, err)
	}
	b := total.Bytes()
	return FileSum{Checksum: hex.EncodeToString(b[:]), Schema: schemaHash(sc), Rows: r.NumRows(), Bytes: info.Size()}, nil
}

func schemaHash(s *arrow.Schema) string {
	h := xxh3.New()
	for _, f := range s.Fields() {
		h.WriteString(f.Name + "\x1f" + f.Type.String() + "\x1e")
	}
	b := h.Sum128().Bytes()
	return hex.EncodeToString(b[:])
}

func add(a, b xxh3.Uint128) xxh3.Uint128 {
	lo, carry := bits.Add64(a.Lo, b.Lo, 0)
	hi, _ := bits.Add64(a.Hi, b.Hi, carry)
	return xxh3.Uint128{Hi: hi, Lo: lo}
}

func sumRowGroup(ctx context.Context, fr *pqarrow.FileReader, group int) (sum xxh3.Uint128, err error) {
	rr, err := fr.GetRecordReader(ctx, nil, []int{group})
	if err != nil {
		return sum, err
	}
	defer rr.Release()
	var buf []byte
	var ends []int
	for rr.Next() {
		buf, ends = encodeRows(rr.RecordBatch(), buf[:0], ends[:0])
		start := 0
		for _, end := range ends {
			sum = add(sum, xxh3.Hash128(buf[start:end]))
			start = end
		}
		if ctx.Err() != nil {
			return sum, ctx.Err()
		}
	}
	return sum, rr.Err()
}

// encodeRows writes every row in a canonical form: per column a byte for null or
// not, then the value; strings with their length first.
func encodeRows(rec arrow.RecordBatch, buf []byte, ends []int) ([]byte, []int) {
	cols := rec.Columns()
	for row := range int(rec.NumRows()) {
		for _, c := range cols {
			buf = encodeValue(buf, c, row)
		}
		ends = append(ends, len(buf))
	}
	return buf, ends
}

func encodeValue(buf []byte, c arrow.Array, i int) []byte {
	if c.IsNull(i) {
		return append(buf, 0)
	}
	buf = append(buf, 1)
	switch c := c.(type) {
	case *array.String:
		return encodeString(buf, c.Value(i))
	case *array.Int32:
		return binary.LittleEndian.AppendUint64(buf, uint64(int64(c.Value(i))))
	case *array.Int64:
		return binary.LittleEndian.AppendUint64(buf, uint64(c.Value(i)))
	case *array.List:
		from, to := c.ValueOffsets(i)
		buf = binary.LittleEndian.AppendUint64(buf, uint64(to-from))
		for j := from; j < to; j++ {
			buf = encodeValue(buf, c.ListValues(), int(j))
		}
		return buf
	case *array.Struct:
		for f := range c.NumField() {
			buf = encodeValue(buf, c.Field(f), i)
		}
		return buf
	default:
		return encodeString(buf, c.ValueStr(i))
	}
}

func encodeString(buf []byte, s string) []byte {
	buf = binary.LittleEndian.AppendUint32(buf, uint32(len(s)))
	return append(buf, s...)
}
