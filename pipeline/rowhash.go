package pipeline

import (
	"context"
	"errors"
	"fmt"
	"math"
	"math/bits"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/memory"
	"github.com/apache/arrow-go/v18/parquet"
	"github.com/apache/arrow-go/v18/parquet/file"
	"github.com/apache/arrow-go/v18/parquet/pqarrow"
	"github.com/zeebo/xxh3"

	"github.com/buildscope/buildscope/pipeline/capture"
)

// checksumForm counts the ways in which checksums were ever computed, so that none
// is compared with one of another form.
const checksumForm = 2

// rowHashes computes the hash of every row of a row group. Columns are taken one
// after the other, as the file keeps them: each value is mixed into the hash of its
// row where it lies decoded, and no row is ever put together. What a value
// contributes depends on the value and on what the columns before it were, not on
// whether it was encoded plainly or by a dictionary.
type rowHashes struct {
	path string
	rows []xxh3.Uint128

	values []xxh3.Uint128 // of a batch
	levels []int16
	bools  []bool
	ints   []int32
	longs  []int64
	reals  []float64
	texts  []parquet.ByteArray
}

// hashBatch is how many values are decoded at a time.
const hashBatch = 4096

// Odd constants with about as many ones as zeros, from the digits of pi and of the
// golden ratio.
const (
	mixLo = 0x9e3779b97f4a7c15
	mixHi = 0x243f6a8885a308d3
)

// nullValue is what NULL contributes. Fixed-width values have equal halves, and a
// text with this hash is not to be expected.
var nullValue = xxh3.Uint128{Hi: 0x13198a2e03707344, Lo: 0xa4093822299f31d0}

func fixed(v uint64) xxh3.Uint128 { return xxh3.Uint128{Hi: v, Lo: v} }

// mix adds a value to the hash of a row.
func mix(row, v xxh3.Uint128) xxh3.Uint128 {
	h1, l1 := bits.Mul64(row.Lo^v.Lo, mixLo)
	h2, l2 := bits.Mul64(row.Hi^v.Hi, mixHi)
	return xxh3.Uint128{Hi: l2 ^ h1, Lo: bits.RotateLeft64(l1, 29) ^ h2}
}

// sum adds up the hashes of the rows of a row group.
func (h *rowHashes) sum(ctx context.Context, fr *pqarrow.FileReader, group int) (sum xxh3.Uint128, err error) {
	n := int(fr.ParquetReader().MetaData().RowGroup(group).NumRows())
	if cap(h.rows) < n {
		h.rows = make([]xxh3.Uint128, n)
	}
	h.rows = h.rows[:n]
	for i := range h.rows {
		h.rows[i] = xxh3.Uint128{Hi: mixLo, Lo: mixHi}
	}
	for i := range fr.Manifest.Fields {
		if err := ctx.Err(); err != nil {
			return sum, err
		}
		if err := h.addColumn(ctx, fr, group, i); err != nil {
			return sum, fmt.Errorf("column %s: %w", fr.Manifest.Fields[i].Field.Name, err)
		}
	}
	for _, row := range h.rows {
		// Twice more, so that also the last column reaches all bits.
		sum = add(sum, mix(mix(row, fixed(0)), fixed(1)))
	}
	return sum, nil
}

// addColumn mixes a column of a row group into the rows. A column of a type that is
// in memory what it is in the file is read without the Arrow reader.
func (h *rowHashes) addColumn(ctx context.Context, fr *pqarrow.FileReader, group, i int) (err error) {
	f := &fr.Manifest.Fields[i]
	if !f.IsLeaf() || f.LevelInfo.RepLevel > 0 || f.LevelInfo.DefLevel > 1 {
		return h.addArrow(ctx, group, i)
	}
	chunk, err := fr.ParquetReader().RowGroup(group).Column(f.ColIndex)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, chunk.Close()) }()
	h.levels, h.values = room(h.levels), room(h.values)
	switch c := chunk.(type) {
	case *file.BooleanColumnChunkReader:
		if f.Field.Type.ID() == arrow.BOOL {
			h.bools = room(h.bools)
			return addValues(h, c.ReadBatchInPage, h.bools, f.LevelInfo.DefLevel, hashBools)
		}
	case *file.Int32ColumnChunkReader:
		if f.Field.Type.ID() == arrow.INT32 {
			h.ints = room(h.ints)
			return addValues(h, c.ReadBatchInPage, h.ints, f.LevelInfo.DefLevel, hashIntegers[int32])
		}
	case *file.Int64ColumnChunkReader:
		if f.Field.Type.ID() == arrow.INT64 {
			h.longs = room(h.longs)
			return addValues(h, c.ReadBatchInPage, h.longs, f.LevelInfo.DefLevel, hashIntegers[int64])
		}
	case *file.Float64ColumnChunkReader:
		if f.Field.Type.ID() == arrow.FLOAT64 {
			h.reals = room(h.reals)
			return addValues(h, c.ReadBatchInPage, h.reals, f.LevelInfo.DefLevel, hashReals)
		}
	case *file.ByteArrayColumnChunkReader:
		if f.Field.Type.ID() == arrow.STRING {
			h.texts = room(h.texts)
			return addValues(h, c.ReadBatchInPage, h.texts, f.LevelInfo.DefLevel, hashTexts)
		}
	}
	return h.addArrow(ctx, group, i)
}

func room[T any](s []T) []T {
	if s == nil {
		s = make([]T, hashBatch)
	}
	return s
}

func hashBools(to []xxh3.Uint128, values []bool) {
	for i, v := range values {
		to[i] = xxh3.Uint128{}
		if v {
			to[i] = fixed(1)
		}
	}
}

func hashIntegers[T int32 | int64](to []xxh3.Uint128, values []T) {
	for i, v := range values {
		to[i] = fixed(uint64(int64(v)))
	}
}

// hashReals takes all NaN for one: which one a computation gives depends on the machine.
func hashReals(to []xxh3.Uint128, values []float64) {
	for i, v := range values {
		if v != v {
			v = math.NaN()
		}
		to[i] = fixed(math.Float64bits(v))
	}
}

// hashTexts hashes a text that lies where the one before it lies only once: so do
// neighbours that are one entry of a dictionary.
func hashTexts(to []xxh3.Uint128, values []parquet.ByteArray) {
	for i, v := range values {
		if i > 0 && len(v) > 0 && len(v) == len(values[i-1]) && &v[0] == &values[i-1][0] {
			to[i] = to[i-1]
			continue
		}
		to[i] = xxh3.Hash128(v)
	}
}

// addValues mixes the values of a flat column into the rows, page by page: a text is
// valid only until the next page is read.
func addValues[T any](h *rowHashes, read func(int64, []T, []int16, []int16) (int64, int, error), values []T, defined int16, hash func([]xxh3.Uint128, []T)) error {
	rows := h.rows
	for len(rows) > 0 {
		n, got, err := read(int64(min(len(rows), hashBatch)), values, h.levels, nil)
		if err != nil {
			return err
		}
		if n == 0 {
			return errors.New("has fewer values than rows")
		}
		hash(h.values, values[:got])
		if int(n) == got {
			for i, v := range h.values[:n] {
				rows[i] = mix(rows[i], v)
			}
		} else {
			at := 0
			for i, level := range h.levels[:n] {
				v := nullValue
				if level == defined {
					v = h.values[at]
					at++
				}
				rows[i] = mix(rows[i], v)
			}
		}
		rows = rows[n:]
	}
	return nil
}

// addArrow mixes a column of any type into the rows, by way of Arrow arrays. It opens
// the file again, for the Arrow reader counts on buffers that come cleared.
func (h *rowHashes) addArrow(ctx context.Context, group, i int) (err error) {
	pq, err := file.OpenParquetFile(h.path, false)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, pq.Close()) }()
	fr, err := pqarrow.NewFileReader(pq, pqarrow.ArrowReadProperties{BatchSize: hashBatch}, memory.DefaultAllocator)
	if err != nil {
		return err
	}
	r, err := fr.GetFieldReader(ctx, i, capture.Leaves(&fr.Manifest.Fields[i]), []int{group})
	if err != nil {
		return err
	}
	defer r.Release()
	rows := h.rows
	var buf []byte
	for len(rows) > 0 {
		part, err := r.NextBatch(hashBatch)
		if err != nil {
			return err
		}
		if part.Len() == 0 || part.Len() > len(rows) {
			part.Release()
			return errors.New("has fewer or more values than rows")
		}
		for _, a := range part.Chunks() {
			encode := valueEncoder(a)
			for i := range a.Len() {
				v := nullValue
				if !a.IsNull(i) {
					buf = encode(buf[:0], i)
					v = xxh3.Hash128(buf)
				}
				rows[i] = mix(rows[i], v)
			}
			rows = rows[a.Len():]
		}
		part.Release()
	}
	return nil
}
