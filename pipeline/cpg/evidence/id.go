package evidence

import (
	"encoding/binary"
	"encoding/hex"

	"github.com/zeebo/xxh3"
)

// hashBytes is how much of an XXH3-128 an id keeps: 80 bits. Two of a hundred
// million entities share an id with a chance of one in 240 million, and the quality
// tables would show it; the other 48 bits would be two fifths of the graph's size.
const hashBytes = 10

// FileID is the id of the file at a path relative to the repository, with /
// separators. It does not depend on the content.
func FileID(path string) string {
	sum := xxh3.HashString128(path).Bytes()
	return "file:" + hex.EncodeToString(sum[:hashBytes])
}

// ids makes the ids of one file's entities: "prefix:" and, in hex, the hash
// of the prefix, the file's id, the span and whatever else tells entities apart
// that may share a span (rows.go says what). An id is therefore the same on every
// machine, and stays when an edit leaves everything before the entity alone.
// It costs about 40 ns; a BLAKE2b would cost 200.
type ids struct {
	fileID string
	in     []byte
	out    []byte
}

// of returns the id as bytes that are valid until the next call.
func (d *ids) of(prefix string, s Span, more ...string) []byte {
	d.start(prefix, s)
	for _, m := range more {
		d.in = append(append(d.in, 0x1f), m...)
	}
	return d.finish(prefix)
}

// ofNumber is of with a number to tell entities apart.
func (d *ids) ofNumber(prefix string, s Span, n int32) []byte {
	d.start(prefix, s)
	d.in = binary.LittleEndian.AppendUint32(d.in, uint32(n))
	return d.finish(prefix)
}

func (d *ids) start(prefix string, s Span) {
	d.in = append(append(d.in[:0], prefix...), 0x1f)
	d.in = append(append(d.in, d.fileID...), 0x1f)
	d.in = binary.LittleEndian.AppendUint32(d.in, uint32(s.Start))
	d.in = binary.LittleEndian.AppendUint32(d.in, uint32(s.End))
}

func (d *ids) finish(prefix string) []byte {
	sum := xxh3.Hash128(d.in).Bytes()
	d.out = append(append(d.out[:0], prefix...), ':')
	d.out = hex.AppendEncode(d.out, sum[:hashBytes])
	return d.out
}
