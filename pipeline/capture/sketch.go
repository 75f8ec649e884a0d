package capture

import (
	"errors"
	"fmt"
	"sync"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/klauspost/compress/zstd"

	"github.com/buildscope/buildscope/model"
)

// Sketch is what was counted of one column, in a form that can be stored, read back
// and merged with that of other rows: of another run, partition or shard. Merged
// sketches are those of all rows together, exactly, but for the last digits of mean and
// deviation and for the frequent texts beyond 2,048 different ones, see Collector.
type Sketch struct {
	p    *profile
	opts Options
	typ  string // as the column had it; p counts by a plainer one
	kind string // its family
}

// sketchVersion is the first byte of a stored sketch. Another form gets another number.
const sketchVersion = 1

// maxSketch bounds a stored sketch without its compression, in bytes: lists of lists
// have one state for each level.
const maxSketch = 8 << 20

// zstdPair compresses sketches. Both halves may be used by several goroutines.
var zstdPair = sync.OnceValue(func() (z struct {
	enc *zstd.Encoder
	dec *zstd.Decoder
}) {
	// The options are fixed: neither can fail.
	z.enc, _ = zstd.NewWriter(nil, zstd.WithEncoderConcurrency(1), zstd.WithEncoderLevel(zstd.SpeedFastest))
	z.dec, _ = zstd.NewReader(nil, zstd.WithDecoderConcurrency(1), zstd.WithDecoderMaxMemory(maxSketch))
	return z
})

// sketch stores a profile: version, then compressed the limits, the field and the state.
func (p *profile) sketch(o Options) []byte {
	e := &enc{}
	e.int(int64(p.pos))
	e.text(p.field.Name)
	typ, kind := p.field.Type.String(), family(p.field.Type)
	if p.stored != nil {
		typ, kind = p.stored.typ, p.stored.kind
	}
	e.text(typ)
	e.text(kind)
	e.int(int64(o.MaxListLength))
	e.int(int64(o.MaxDictLength))
	e.bool(o.Quantiles)
	hidden, isHidden := p.values.(uncounted)
	e.bool(isHidden)
	e.text(hidden.reason)
	saveType(e, p.field.Type)
	e.int(p.count)
	e.int(p.nulls)
	p.values.save(e)
	return zstdPair().enc.EncodeAll(e.buf, []byte{sketchVersion})
}

// ReadSketch reads a stored sketch. It is checked: one that was damaged, or made by a
// version that stores them otherwise, is an error and nothing worse.
func ReadSketch(data []byte) (*Sketch, error) {
	switch {
	case len(data) == 0:
		return nil, errors.New("read a sketch: it is empty")
	case data[0] != sketchVersion:
		return nil, fmt.Errorf("read a sketch: it has form %d, this version reads form %d", data[0], sketchVersion)
	}
	raw, err := zstdPair().dec.DecodeAll(data[1:], nil)
	if err != nil {
		return nil, fmt.Errorf("read a sketch: %w", err)
	}
	d := &dec{buf: raw}
	s := &Sketch{p: &profile{pos: int(d.count())}}
	s.p.field.Name, s.typ, s.kind = d.text(), d.text(), d.text()
	s.opts = Options{MaxListLength: int(d.count()), MaxDictLength: int(d.count()), Quantiles: d.bool()}
	hidden, reason := d.bool(), d.text()
	s.p.field.Type = loadType(d, 0)
	if d.err != nil {
		return nil, fmt.Errorf("read a sketch: %w", d.err)
	}
	if hidden {
		s.p.values = uncounted{reason}
	} else {
		s.p.values = newColumn(s.p.field.Type, s.opts)
	}
	s.p.count, s.p.nulls = d.count(), d.count()
	s.p.values.load(d)
	if d.err == nil && len(d.buf) > 0 {
		d.err = errors.New("there is more in it than was expected")
	}
	if d.err == nil && s.p.nulls > s.p.count {
		d.err = errDamaged
	}
	if d.err != nil {
		return nil, fmt.Errorf("read the sketch of column %s: %w", s.p.field.Name, d.err)
	}
	return s, nil
}

// Bytes stores the sketch once more.
func (s *Sketch) Bytes() []byte {
	p := *s.p
	p.stored = &storedType{s.typ, s.kind}
	return p.sketch(s.opts)
}

// Merge adds the rows that o has seen, which must not be used afterwards.
func (s *Sketch) Merge(o *Sketch) error {
	_, a := s.p.values.(uncounted)
	_, b := o.p.values.(uncounted)
	switch {
	case !arrow.TypeEqual(s.p.field.Type, o.p.field.Type):
		return fmt.Errorf("column %s: %s and %s do not merge", s.p.field.Name, s.typ, o.typ)
	case a != b:
		return fmt.Errorf("column %s: its values were looked at in one of two only", s.p.field.Name)
	case s.opts.MaxListLength != o.opts.MaxListLength || s.opts.MaxDictLength != o.opts.MaxDictLength || s.opts.Quantiles != o.opts.Quantiles:
		return fmt.Errorf("column %s: it was captured with other limits", s.p.field.Name)
	}
	s.p.merge(o.p)
	return nil
}

// Stats is what was found.
func (s *Sketch) Stats() model.ColumnStats {
	c := s.p.stats(s.opts)
	c.Type, c.Family = s.typ, s.kind
	return c
}
