package pipeline

import (
	"context"
	"encoding/hex"
	"errors"
	"fmt"
	"math/bits"
	"os"
	"sync"
	"sync/atomic"

	"github.com/apache/arrow-go/v18/arrow"
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
	Checksum string `json:"checksum"` // 128 bits, hex; independent of row order, row groups and encodings
	Schema   string `json:"schema"`   // XXH3-128 over column names and types, hex
	Rows     int64  `json:"rows"`
	Bytes    int64  `json:"bytes"` // size of the file
}

// Fingerprint reads a Parquet file whole. Its checksum is the sum modulo 2^128 of
// the hashes of all rows, see rowHashes. Row groups are read by up to workers
// goroutines.
func Fingerprint(ctx context.Context, path string, workers int) (sum FileSum, err error) {
	r, err := file.OpenParquetFile(path, false)
	if err != nil {
		return sum, fmt.Errorf("checksum %s: %w", path, err)
	}
	defer func() { err = errors.Join(err, r.Close()) }()
	fr, err := pqarrow.NewFileReader(r, pqarrow.ArrowReadProperties{}, memory.DefaultAllocator)
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
			mem := &recycle.Pool{Dirty: true}
			props := parquet.NewReaderProperties(mem)
			props.BufferedStreamEnabled = true // else every column chunk is read into a new buffer
			r, err := file.OpenParquetFile(path, false, file.WithReadProps(props))
			if err != nil {
				return err
			}
			defer func() { err = errors.Join(err, r.Close()) }()
			fr, err := pqarrow.NewFileReader(r, pqarrow.ArrowReadProperties{}, mem)
			if err != nil {
				return err
			}
			h := &rowHashes{path: path}
			for {
				group := int(next.Add(1) - 1)
				if group >= groups {
					return nil
				}
				sum, err := h.sum(ctx, fr, group)
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
