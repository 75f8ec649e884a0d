package pipeline

import (
	"errors"
	"fmt"
	"os"
	"time"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/parquet"
	"github.com/apache/arrow-go/v18/parquet/compress"
	"github.com/apache/arrow-go/v18/parquet/pqarrow"

	"github.com/buildscope/buildscope/pipeline/capture"
)

// TableWriter writes a table as Parquet files, one per worker that writes at the
// same time. Write may be called from as many goroutines as the task has workers;
// which rows share a file is not part of the table's meaning.
type TableWriter struct {
	name   string
	schema *arrow.Schema
	dir    string
	shards chan *shard // the ones not in use

	capture *capture.Options // nil: no statistics
	failed  func(columns int64, err error)
}

const plainKey = "plain"

// Plain is the metadata of a column whose values hardly repeat. Parquet writers
// try a dictionary first and give it up when it is full, which costs more than
// the writing itself. A plain text has no statistics either.
func Plain() arrow.Metadata { return arrow.NewMetadata([]string{plainKey}, []string{"true"}) }

// shard is one file of a table; it exists on disk once it has rows.
type shard struct {
	path string
	file *os.File
	w    *pqarrow.FileWriter
	rows int64

	stats *capture.Collector // nil without capture, and after a fault in it
	fault error              // of capture
	spent time.Duration      // in capture
}

// Write appends a batch; the caller keeps its reference.
func (w *TableWriter) Write(rec arrow.RecordBatch) error {
	s := <-w.shards
	defer func() { w.shards <- s }()
	if s.w == nil {
		if err := s.open(w.schema); err != nil {
			return fmt.Errorf("write table %s: %w", w.name, err)
		}
		w.collect(s)
	}
	if err := s.w.WriteBuffered(rec); err != nil {
		return fmt.Errorf("write table %s: %w", w.name, err)
	}
	s.rows += rec.NumRows()
	if s.stats != nil {
		start := time.Now()
		if s.fault = s.count(rec); s.fault != nil {
			s.stats = nil
		}
		s.spent += time.Since(start)
	}
	return nil
}

// open creates the file. Intermediate tables are read once or twice soon after
// they were written, so speed counts more than size: nothing is compressed, but
// numbers that hardly repeat are written as differences, which keeps keys and places
// small. Statistics of numbers stay on, because listing prunes files by them.
func (s *shard) open(schema *arrow.Schema) error {
	f, err := os.Create(s.path)
	if err != nil {
		return err
	}
	options := []parquet.WriterProperty{
		parquet.WithCompression(compress.Codecs.Uncompressed),
		parquet.WithStats(true),
		parquet.WithMaxRowGroupLength(122_880),
	}
	for _, c := range schema.Fields() {
		if c.Metadata.FindKey(plainKey) >= 0 {
			options = append(options, parquet.WithDictionaryFor(c.Name, false))
			if c.Type.ID() == arrow.INT32 || c.Type.ID() == arrow.INT64 {
				options = append(options, parquet.WithEncodingFor(c.Name, parquet.Encodings.DeltaBinaryPacked))
			}
			if c.Type.ID() == arrow.STRING {
				options = append(options, parquet.WithStatsFor(c.Name, false))
			}
		}
	}
	s.w, err = pqarrow.NewFileWriter(schema, f, parquet.NewWriterProperties(options...), pqarrow.NewArrowWriterProperties(pqarrow.WithStoreSchema()))
	if err != nil {
		return errors.Join(err, f.Close())
	}
	s.file = f
	return nil
}

// Close finishes the files and returns the table. A table without rows has one
// file, which carries the schema. No Write may follow or still run.
func (w *TableWriter) Close() (Table, error) {
	t := Table{Name: w.name, Schema: w.schema}
	all := make([]*shard, cap(w.shards))
	for i := range all {
		all[i] = <-w.shards
	}
	var errs []error
	any := false
	for _, s := range all {
		any = any || s.w != nil
	}
	if !any {
		errs = append(errs, all[0].open(w.schema))
		w.collect(all[0])
	}
	for _, s := range all {
		if s.w == nil {
			continue
		}
		if err := s.w.Close(); err != nil { // closes the file too
			errs = append(errs, err)
		}
		info, err := os.Stat(s.path)
		if err != nil {
			errs = append(errs, err)
			continue
		}
		t.Files = append(t.Files, s.path)
		t.Rows += s.rows
		t.Bytes += info.Size()
	}
	if err := errors.Join(errs...); err != nil {
		return Table{}, fmt.Errorf("write table %s: %w", w.name, err)
	}
	w.finish(&t, all)
	return t, nil
}
