package capture

import (
	"fmt"

	"github.com/apache/arrow-go/v18/arrow"

	"github.com/buildscope/buildscope/model"
)

// Options says what is captured. The zero value captures counts, extremes and
// moments, and keeps no list of values.
type Options struct {
	// MaxListLength is how many items of each list are looked at. 0: none.
	MaxListLength int
	// MaxDictLength is how many entries are kept of what maps values to counts:
	// top values, keys of maps, fields of structs. 0: none.
	MaxDictLength int
	// Quantiles asks for quantiles and the histogram.
	Quantiles bool
	// SampleRows is how many rows of a larger table in files are looked at, about: whole
	// row groups, evenly spaced. Every column says so then. 0: all rows.
	SampleRows int64
	// Sketches asks for the Sketch of each column too.
	Sketches bool
	// Hide says why the values of a column are not looked at, by its name: they must
	// not leave the process, or nobody wants them. Only rows and nulls are counted
	// then. "" looks at them; nil looks at all.
	Hide func(name string) (reason string)
}

// Collector gathers the statistics of one table. It must not be used by two
// goroutines at once; give each its own and merge them.
type Collector struct {
	schema *arrow.Schema
	opts   Options
	rows   int64
	bytes  int64
	cols   []*profile
	buf    *scratch
}

// New makes a collector for batches of the schema.
func New(schema *arrow.Schema, o Options) *Collector {
	c := &Collector{schema: schema, opts: o, buf: new(scratch)}
	for i, f := range schema.Fields() {
		c.cols = append(c.cols, newProfile(i, f, o))
	}
	return c
}

// Write adds the rows of a batch, which must have the collector's schema.
func (c *Collector) Write(rec arrow.RecordBatch) error {
	if int(rec.NumCols()) != len(c.cols) {
		return fmt.Errorf("capture statistics: the batch has %d columns, the table %d", rec.NumCols(), len(c.cols))
	}
	for i, p := range c.cols {
		if err := p.add(rec.Column(i), c.buf); err != nil {
			return err
		}
		c.bytes += bufferBytes(rec.Column(i).Data())
	}
	c.rows += rec.NumRows()
	return nil
}

// Merge adds the rows that o has seen. o must have the same schema and options,
// and must not be used afterwards.
func (c *Collector) Merge(o *Collector) error {
	if !c.schema.Equal(o.schema) {
		return fmt.Errorf("capture statistics: cannot merge a table of other columns: %s and %s", c.schema, o.schema)
	}
	for i, p := range c.cols {
		p.merge(o.cols[i])
	}
	c.rows += o.rows
	c.bytes += o.bytes
	return nil
}

// Stats is what was found so far; Bytes are those of the Arrow buffers.
func (c *Collector) Stats(table string) model.TableStats {
	t := model.TableStats{Table: table, Rows: c.rows, Bytes: c.bytes}
	for _, p := range c.cols {
		t.Columns = append(t.Columns, p.result(c.opts))
	}
	return t
}

func bufferBytes(d arrow.ArrayData) (n int64) {
	for _, b := range d.Buffers() {
		if b != nil {
			n += int64(b.Len())
		}
	}
	for _, child := range d.Children() {
		n += bufferBytes(child)
	}
	if d.DataType().ID() == arrow.DICTIONARY {
		n += bufferBytes(d.Dictionary())
	}
	return n
}
