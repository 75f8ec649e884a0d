package pipeline

import (
	"context"
	"encoding/binary"
	"encoding/hex"
	"errors"
	"fmt"
	"math"
	"math/bits"
	"os"
	"sync"
	"sync/atomic"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/array"
	"github.com/apache/arrow-go/v18/arrow/memory"
	"github.com/apache/arrow-go/v18/parquet"
	"github.com/apache/arrow-go/v18/parquet/file"
	"github.com/apache/arrow-go/v18/parquet/pqarrow"
	"github.com/zeebo/xxh3"
	"golang.org/x/sync/errgroup"

	"github.com/buildscope/buildscope/pipeline/recycle"
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
	total, err := sumRowGroups(ctx, path, r.NumRowGroups(), max(1, workers))
	if err != nil {
		return sum, fmt.Errorf("checksum %s: %w", path, err)
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

// sumRowGroups adds up the sums of all row groups. Each goroutine opens the file
// for itself, so that its memory can be used again for the next row group.
func sumRowGroups(ctx context.Context, path string, groups, workers int) (total xxh3.Uint128, err error) {
	var next atomic.Int64
	var lock sync.Mutex // of total
	g, ctx := errgroup.WithContext(ctx)
	for range min(workers, groups) {
		g.Go(func() (err error) {
			mem := &recycle.Pool{}
			r, err := file.OpenParquetFile(path, false, file.WithReadProps(parquet.NewReaderProperties(mem)))
			if err != nil {
				return err
			}
			defer func() { err = errors.Join(err, r.Close()) }()
			fr, err := pqarrow.NewFileReader(r, pqarrow.ArrowReadProperties{BatchSize: 8192}, mem)
			if err != nil {
				return err
			}
			for {
				group := int(next.Add(1) - 1)
				if group >= groups {
					return nil
				}
				sum, err := sumRowGroup(ctx, fr, group)
				if err != nil {
					return err
				}
				lock.Lock()
				total = add(total, sum)
				lock.Unlock()
			}
		})
	}
	err = g.Wait()
	return total, err
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
	encode := make([]encoder, rec.NumCols())
	for i, c := range rec.Columns() {
		encode[i] = encoderOf(c)
	}
	for row := range int(rec.NumRows()) {
		for _, e := range encode {
			buf = e(buf, row)
		}
		ends = append(ends, len(buf))
	}
	return buf, ends
}

// encoder appends the canonical form of the value at i of one array. To find the
// array's type once and not per value is half the time.
type encoder func(buf []byte, i int) []byte

func encoderOf(c arrow.Array) encoder {
	value := valueEncoder(c)
	if c.NullN() == 0 {
		return func(buf []byte, i int) []byte { return value(append(buf, 1), i) }
	}
	return func(buf []byte, i int) []byte {
		if c.IsNull(i) {
			return append(buf, 0)
		}
		return value(append(buf, 1), i)
	}
}

func valueEncoder(c arrow.Array) encoder {
	switch c := c.(type) {
	case *array.String:
		return func(buf []byte, i int) []byte { return encodeString(buf, c.Value(i)) }
	case *array.Int32:
		return func(buf []byte, i int) []byte {
			return binary.LittleEndian.AppendUint64(buf, uint64(int64(c.Value(i))))
		}
	case *array.Int64:
		return func(buf []byte, i int) []byte {
			return binary.LittleEndian.AppendUint64(buf, uint64(c.Value(i)))
		}
	case *array.Float64:
		text := map[uint64]string{} // confidences and scores are few
		return func(buf []byte, i int) []byte {
			key := math.Float64bits(c.Value(i))
			s, ok := text[key]
			if !ok {
				if s = c.ValueStr(i); len(text) < 1024 {
					text[key] = s
				}
			}
			return encodeString(buf, s)
		}
	case *array.List:
		values := encoderOf(c.ListValues())
		return func(buf []byte, i int) []byte {
			from, to := c.ValueOffsets(i)
			buf = binary.LittleEndian.AppendUint64(buf, uint64(to-from))
			for j := from; j < to; j++ {
				buf = values(buf, int(j))
			}
			return buf
		}
	case *array.Struct:
		fields := make([]encoder, c.NumField())
		for f := range fields {
			fields[f] = encoderOf(c.Field(f))
		}
		return func(buf []byte, i int) []byte {
			for _, field := range fields {
				buf = field(buf, i)
			}
			return buf
		}
	default:
		return func(buf []byte, i int) []byte { return encodeString(buf, c.ValueStr(i)) }
	}
}

func encodeString(buf []byte, s string) []byte {
	buf = binary.LittleEndian.AppendUint32(buf, uint32(len(s)))
	return append(buf, s...)
}
