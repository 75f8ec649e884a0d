package pipeline

import (
	"github.com/apache/arrow-go/v18/arrow"

	"github.com/buildscope/buildscope/pipeline/capture"
)

// collect gives an open shard its own collector, so that writers do not wait for
// each other; finish merges them.
func (w *TableWriter) collect(s *shard) {
	if w.capture == nil {
		return
	}
	defer recoverTo(&s.fault)
	s.stats = capture.New(w.schema, *w.capture)
}

// count captures a batch. A fault in it is not one of the table.
func (s *shard) count(rec arrow.RecordBatch) (err error) {
	defer recoverTo(&err)
	return s.stats.Write(rec)
}

// finish gives the table the statistics of its shards.
func (w *TableWriter) finish(t *Table, shards []*shard) {
	if w.capture == nil {
		return
	}
	err := w.merge(t, shards)
	if err != nil {
		stats := capture.Uncounted(t.Name, w.schema, t.Rows, captureReason(err))
		t.stats, t.faults = &stats, int64(w.schema.NumFields())
		w.failed(t.faults, err)
	}
	for _, s := range shards {
		t.stats.SpentNS += int64(s.spent)
	}
}

func (w *TableWriter) merge(t *Table, shards []*shard) (err error) {
	defer recoverTo(&err)
	var all *capture.Collector
	for _, s := range shards {
		switch {
		case s.fault != nil:
			return s.fault
		case s.stats == nil: // never opened
		case all == nil:
			all = s.stats
		default:
			if err := all.Merge(s.stats); err != nil {
				return err
			}
		}
	}
	stats := all.Stats(t.Name)
	t.stats = &stats
	return nil
}
