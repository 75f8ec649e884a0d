package bundle

import (
	"context"
	"fmt"
	"strings"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/array"

	"github.com/buildscope/buildscope/model"
)

// SpanHead is what places a span in time and in its tree. A million of them fit
// into memory where their attributes would not.
type SpanHead struct {
	ID, Parent model.SpanID
	Name       string // shared by all spans of that name
	Start, End int64  // unix nanoseconds
	Failed     bool
}

// ReadSpanHeads reads every span of a file that Spans has written without its
// attributes and events, in the order of the file.
func ReadSpanHeads(ctx context.Context, path string) ([]SpanHead, error) {
	var heads []SpanHead
	names := map[string]string{}
	err := readColumns(ctx, path, []int{1, 2, 3, 5, 6, 7}, func(b arrow.RecordBatch, columns []int) error {
		text := func(c, i int) string { return b.Column(columns[c]).(*array.String).Value(i) }
		start, end := b.Column(columns[5]).(*array.Int64), b.Column(columns[6]).(*array.Int64)
		for i := range int(b.NumRows()) {
			h := SpanHead{Start: start.Value(i), End: end.Value(i), Failed: text(7, i) == model.StatusError.String()}
			if err := hexID(h.ID[:], 1, text(1, i)); err != nil {
				return err
			}
			if !b.Column(columns[2]).IsNull(i) {
				if err := hexID(h.Parent[:], 2, text(2, i)); err != nil {
					return err
				}
			}
			name, ok := names[text(3, i)]
			if !ok {
				name = strings.Clone(text(3, i)) // the batch is released
				names[name] = name
			}
			h.Name = name
			heads = append(heads, h)
		}
		return nil
	})
	return heads, err
}

// ReadSpanAttrs reads the attributes and the status message of some spans, given
// by their places in the order of ReadSpanHeads.
func ReadSpanAttrs(ctx context.Context, path string, places map[int]bool, f func(place int, attrs []model.Attr, message string)) error {
	first := 0
	return readColumns(ctx, path, []int{8, 10}, func(b arrow.RecordBatch, columns []int) error {
		messages, texts := b.Column(columns[8]).(*array.String), b.Column(columns[10]).(*array.String)
		for i := range int(b.NumRows()) {
			if !places[first+i] {
				continue
			}
			attrs, err := readAttrs([]byte(texts.Value(i)))
			if err != nil {
				return fmt.Errorf("attributes of span %d: %w", first+i, err)
			}
			f(first+i, attrs, strings.Clone(messages.Value(i)))
		}
		first += int(b.NumRows())
		return nil
	})
}
