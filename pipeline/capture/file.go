package capture

import (
	"context"
	"errors"
	"fmt"
	"math"
	"os"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/memory"
	"github.com/apache/arrow-go/v18/parquet"
	"github.com/apache/arrow-go/v18/parquet/file"
	"github.com/apache/arrow-go/v18/parquet/pqarrow"

	"github.com/buildscope/buildscope/model"
	"github.com/buildscope/buildscope/model/human"
	"github.com/buildscope/buildscope/pipeline/recycle"
)

// rowsAtOnce is how many rows of one column are in memory at a time.
const rowsAtOnce = 16 * chunk

// Reader counts the columns of a table that is in Parquet files. Columns are read
// apart from each other: that is how the files keep them, a column of which only
// rows and nulls are counted would otherwise be decoded with the rest, and a fault
// in one column does not touch the others.
type Reader struct {
	opts   Options
	schema *arrow.Schema
	paths  []string
	files  []*pqarrow.FileReader // of paths
	groups [][]int               // of each file that are read
	sample string                // what is read, in words; "": everything
	rows   int64
	bytes  int64

	buffers recycle.Pool // of pages
}

// Open opens the files of a table, which share one schema. Close the reader.
func Open(paths []string, o Options) (*Reader, error) {
	r := &Reader{opts: o}
	r.buffers.Dirty = true
	for _, path := range paths {
		if err := r.open(path); err != nil {
			return nil, errors.Join(fmt.Errorf("capture statistics of %s: %w", path, err), r.Close())
		}
	}
	r.choose()
	return r, nil
}

// choose takes all row groups or, of a table that is too large for that, as many as have
// about the rows that are asked for, evenly spaced. Neighbours are often alike, but a
// row group is the least that can be read alone.
func (r *Reader) choose() {
	all := 0
	for _, f := range r.files {
		groups := make([]int, f.ParquetReader().NumRowGroups())
		for g := range groups {
			groups[g] = g
		}
		r.groups = append(r.groups, groups)
		all += len(groups)
	}
	if r.opts.SampleRows <= 0 || r.rows <= r.opts.SampleRows {
		return
	}
	want := int(math.Ceil(float64(all) * float64(r.opts.SampleRows) / float64(r.rows)))
	if want >= all {
		return // one row group, or so few that all are needed
	}
	at, rows := 0, int64(0)
	for i, groups := range r.groups {
		var chosen []int
		for _, g := range groups {
			if at*want/all != (at+1)*want/all { // want of all, at equal distances
				chosen = append(chosen, g)
				rows += r.files[i].ParquetReader().MetaData().RowGroup(g).NumRows()
			}
			at++
		}
		r.groups[i] = chosen
	}
	r.sample = model.SampleMark + fmt.Sprintf(" %s of %s rows, in %d of %d row groups", human.Commas(rows), human.Commas(r.rows), want, all)
}

func (r *Reader) open(path string) error {
	info, err := os.Stat(path)
	if err != nil {
		return err
	}
	props := parquet.NewReaderProperties(&r.buffers)
	props.BufferedStreamEnabled = true // else every column chunk is read into a new buffer
	fr, err := openArrow(path, props)
	if err != nil {
		return err
	}
	r.paths, r.files = append(r.paths, path), append(r.files, fr)
	r.rows += fr.ParquetReader().NumRows()
	r.bytes += info.Size()
	schema, err := fr.Schema()
	if err != nil {
		return err
	}
	if r.schema == nil {
		r.schema = schema
	}
	if !r.schema.Equal(schema) {
		return fmt.Errorf("its columns are not those of %s's other files", path)
	}
	return nil
}

func openArrow(path string, props *parquet.ReaderProperties) (*pqarrow.FileReader, error) {
	pq, err := file.OpenParquetFile(path, false, file.WithReadProps(props))
	if err != nil {
		return nil, err
	}
	fr, err := pqarrow.NewFileReader(pq, pqarrow.ArrowReadProperties{BatchSize: rowsAtOnce}, memory.DefaultAllocator)
	if err != nil {
		return nil, errors.Join(err, pq.Close())
	}
	return fr, nil
}

// Close closes the files.
func (r *Reader) Close() error {
	var errs []error
	for _, f := range r.files {
		errs = append(errs, f.ParquetReader().Close())
	}
	r.files = nil
	return errors.Join(errs...)
}

// Table is the table with its columns not counted yet.
func (r *Reader) Table(name string) model.TableStats {
	return model.TableStats{Table: name, Rows: r.rows, Bytes: r.bytes, Files: len(r.files), Columns: make([]model.ColumnStats, r.schema.NumFields())}
}

// Column counts one column. It may be called for several columns at the same time,
// and ends within a page of a column when ctx does.
func (r *Reader) Column(ctx context.Context, i int) (model.ColumnStats, error) {
	p, err := r.column(ctx, i)
	if err != nil {
		return model.ColumnStats{}, fmt.Errorf("capture statistics of column %s: %w", r.schema.Field(i).Name, err)
	}
	if r.sample == "" {
		return p.result(r.opts), nil
	}
	c := p.stats(r.opts) // a sketch of a sample would merge as if it were all rows
	cut(&c, r.sample)
	return c, nil
}

func (r *Reader) column(ctx context.Context, i int) (*profile, error) {
	buf := new(scratch)
	fast := true
	for {
		p := newProfile(i, r.schema.Field(i), r.opts)
		var err error
		for k, f := range r.files {
			switch {
			case fast && flat(f, i):
				err = readPages(ctx, f, r.groups[k], p, buf)
			case structLists(f, p):
				err = readLevels(ctx, f, r.groups[k], p)
			default:
				err = readRows(ctx, r.paths[k], r.groups[k], p, buf)
			}
			if err != nil {
				break
			}
		}
		if !errors.Is(err, errNotPlain) {
			return p, err
		}
		fast = false
	}
}

// readRows counts a column of one file by way of Arrow arrays. It opens the file
// again, for the Arrow reader may count on buffers that come cleared.
func readRows(ctx context.Context, path string, groups []int, p *profile, buf *scratch) (err error) {
	fr, err := openArrow(path, parquet.NewReaderProperties(memory.DefaultAllocator))
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, fr.ParquetReader().Close()) }()
	r, err := fr.GetFieldReader(ctx, p.pos, Leaves(&fr.Manifest.Fields[p.pos]), groups)
	if err != nil {
		return err
	}
	defer r.Release()
	for {
		if err := ctx.Err(); err != nil {
			return err
		}
		part, err := r.NextBatch(rowsAtOnce)
		if err != nil {
			return err
		}
		n := part.Len()
		for _, a := range part.Chunks() {
			if err := p.add(a, buf); err != nil {
				part.Release()
				return err
			}
		}
		part.Release()
		if n == 0 {
			return nil
		}
	}
}

// Leaves are the indexes of the leaf columns of a field, as GetFieldReader of the
// Arrow reader asks for them.
func Leaves(f *pqarrow.SchemaField) map[int]bool {
	leaves := map[int]bool{}
	addLeaves(f, leaves)
	return leaves
}

func addLeaves(f *pqarrow.SchemaField, leaves map[int]bool) {
	if f.IsLeaf() {
		leaves[f.ColIndex] = true
	}
	for i := range f.Children {
		addLeaves(&f.Children[i], leaves)
	}
}

// Uncounted is a table of which nothing is known but its rows, and why.
func Uncounted(name string, schema *arrow.Schema, rows int64, reason string) model.TableStats {
	t := model.TableStats{Table: name, Rows: rows}
	for i, f := range schema.Fields() {
		t.Columns = append(t.Columns, UncountedColumn(i, f, rows, reason))
	}
	return t
}

// UncountedColumn is a column of which nothing is known but its rows, and why.
func UncountedColumn(pos int, f arrow.Field, rows int64, reason string) model.ColumnStats {
	return model.ColumnStats{Name: f.Name, Pos: pos, Type: f.Type.String(), Family: family(f.Type), Count: rows, Reason: reason}
}
