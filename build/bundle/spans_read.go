package bundle

import (
	"bytes"
	"context"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"math"
	"path/filepath"
	"strconv"
	"strings"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/array"
	"github.com/apache/arrow-go/v18/arrow/memory"
	"github.com/apache/arrow-go/v18/parquet/file"
	"github.com/apache/arrow-go/v18/parquet/pqarrow"

	"github.com/buildscope/buildscope/model"
)

// ReadSpans reads a file that Spans has written and hands its spans over in
// batches, which belong to f. It stops at the first error.
func ReadSpans(ctx context.Context, path string, f func([]model.SpanRecord)) error {
	all := make([]int, len(spanSchema.Fields()))
	for i := range all {
		all[i] = i
	}
	return readColumns(ctx, path, all, func(b arrow.RecordBatch, columns []int) (err error) {
		recs := make([]model.SpanRecord, b.NumRows())
		for i := range recs {
			if recs[i], err = spanOf(b, columns, i); err != nil {
				return err
			}
		}
		f(recs)
		return nil
	})
}

// readColumns reads some columns of a file of spans, given by their places in
// spanSchema. f gets batches, which are released after it, with the place of each
// column in the batch at its place in spanSchema.
func readColumns(ctx context.Context, path string, want []int, f func(b arrow.RecordBatch, columns []int) error) error {
	of, err := regular(filepath.Dir(path), filepath.Base(path))
	if err != nil {
		return fmt.Errorf("read spans: %w", err)
	}
	defer of.Close()
	in, err := file.NewParquetReader(of)
	if err != nil {
		return fmt.Errorf("read spans: %w", err)
	}
	defer in.Close()
	r, err := pqarrow.NewFileReader(in, pqarrow.ArrowReadProperties{BatchSize: spanBatch}, memory.DefaultAllocator)
	if err != nil {
		return fmt.Errorf("read spans: %w", err)
	}
	schema, err := r.Schema()
	if err != nil {
		return fmt.Errorf("read spans: %w", err)
	}
	stored := make([]int, len(want)) // places in the file, which has no nested columns
	for i, w := range want {
		field := spanSchema.Field(w)
		found := schema.FieldIndices(field.Name)
		if len(found) != 1 || !arrow.TypeEqual(schema.Field(found[0]).Type, field.Type) {
			return fmt.Errorf("read spans: %s has no column %s of type %s; is it the spans.parquet of a bundle?", path, field.Name, field.Type)
		}
		stored[i] = found[0]
	}
	batches, err := r.GetRecordReader(ctx, stored, nil)
	if err != nil {
		return fmt.Errorf("read spans: %w", err)
	}
	defer batches.Release()
	columns := make([]int, len(spanSchema.Fields()))
	for _, w := range want {
		columns[w] = batches.Schema().FieldIndices(spanSchema.Field(w).Name)[0]
	}
	for batches.Next() {
		if err := f(batches.RecordBatch(), columns); err != nil {
			return fmt.Errorf("read spans: %w", err)
		}
	}
	if err := batches.Err(); err != nil {
		return fmt.Errorf("read spans: %w", err)
	}
	return nil
}

// spanOf reads one row; columns are the places of those of spanSchema.
func spanOf(b arrow.RecordBatch, columns []int, i int) (r model.SpanRecord, err error) {
	text := func(c int) string {
		a := b.Column(columns[c]).(*array.String)
		if a.IsNull(i) {
			return ""
		}
		return strings.Clone(a.Value(i)) // the batch is released
	}
	number := func(c int) int64 { return b.Column(columns[c]).(*array.Int64).Value(i) }
	id := func(c int, dst []byte) {
		if s := text(c); err == nil && s != "" {
			err = hexID(dst, c, s)
		}
	}
	id(0, r.Trace[:])
	id(1, r.ID[:])
	id(2, r.Parent[:])
	if err != nil {
		return r, err
	}
	r.Name, r.Scope, r.Start, r.End = text(3), text(4), number(5), number(6)
	for _, s := range []model.SpanStatus{model.StatusUnset, model.StatusOK, model.StatusError} {
		if s.String() == text(7) {
			r.Status = s
		}
	}
	r.StatusMessage, r.Sampled = text(8), b.Column(columns[9]).(*array.Boolean).Value(i)
	if r.Attrs, err = readAttrs([]byte(text(10))); err != nil {
		return r, fmt.Errorf("attributes of span %s: %w", r.ID, err)
	}
	var events []struct {
		Name       string
		Time       int64 `json:"time_unix_ns"`
		Attributes json.RawMessage
	}
	if err := json.Unmarshal([]byte(text(11)), &events); err != nil {
		return r, fmt.Errorf("events of span %s: %w", r.ID, err)
	}
	for _, e := range events {
		attrs, err := readAttrs(e.Attributes)
		if err != nil {
			return r, fmt.Errorf("events of span %s: %w", r.ID, err)
		}
		r.Events = append(r.Events, model.SpanEvent{Name: e.Name, Time: e.Time, Attrs: attrs})
	}
	return r, nil
}

// hexID reads the id in a column of spanSchema.
func hexID(dst []byte, column int, text string) error {
	if len(text) == hex.EncodedLen(len(dst)) {
		if _, err := hex.Decode(dst, []byte(text)); err == nil {
			return nil
		}
	}
	return fmt.Errorf("%q is no %s", text, spanSchema.Field(column).Name)
}

// readAttrs reads an object with its keys in their order.
func readAttrs(data []byte) (attrs []model.Attr, err error) {
	if len(data) == 0 {
		return nil, nil
	}
	d := json.NewDecoder(bytes.NewReader(data))
	d.UseNumber()
	if t, err := d.Token(); err != nil || t != json.Delim('{') {
		return nil, fmt.Errorf("%.40q is no object", data)
	}
	for d.More() {
		key, err := d.Token()
		if err != nil {
			return nil, err
		}
		var v any
		if err := d.Decode(&v); err != nil {
			return nil, err
		}
		attrs = append(attrs, model.Attr{Key: fmt.Sprint(key), Value: attrValue(v)})
	}
	_, err = d.Token()
	return attrs, err
}

// attrValue gives a value the type that it had. A number without a fraction is
// taken for an integer, because JSON does not tell.
func attrValue(v any) any {
	switch v := v.(type) {
	case string, bool:
		return v
	case json.Number:
		return numberOf(v)
	case []any:
		return listOf(v)
	}
	data, err := json.Marshal(v)
	if err != nil {
		return fmt.Sprint(v)
	}
	return string(data)
}

func numberOf(n json.Number) any {
	if i, err := n.Int64(); err == nil {
		return i
	}
	f, err := n.Float64()
	if err != nil {
		return n.String()
	}
	return f
}

// listOf is a list of the one type that all its values have. "NaN" and the
// infinities among numbers are numbers.
func listOf(list []any) any {
	texts, bools, ints, floats := []string{}, []bool{}, []int64{}, []float64{}
	for _, v := range list {
		switch v := v.(type) {
		case string:
			texts = append(texts, v)
			if f, err := strconv.ParseFloat(v, 64); err == nil && (math.IsNaN(f) || math.IsInf(f, 0)) {
				floats = append(floats, f)
			}
		case bool:
			bools = append(bools, v)
		case json.Number:
			if i, err := v.Int64(); err == nil {
				ints = append(ints, i)
			}
			if f, err := v.Float64(); err == nil {
				floats = append(floats, f)
			}
		}
	}
	switch len(list) {
	case len(texts):
		return texts
	case len(bools):
		return bools
	case len(ints):
		return ints
	case len(floats):
		return floats
	}
	return fmt.Sprint(list)
}
