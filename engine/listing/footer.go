package listing

import (
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"io/fs"

	"github.com/apache/arrow-go/v18/parquet/metadata"

	"github.com/buildscope/buildscope/engine/cache"
	"github.com/buildscope/buildscope/model/objecturl"
)

// ErrChanged says that a file is not the one that was listed.
var ErrChanged = errors.New("the file changed after it was listed")

// openFile is what is needed of an *os.File.
type openFile interface {
	io.ReaderAt
	io.Closer
	Stat() (fs.FileInfo, error)
}

// footer is a parsed Parquet footer with the file it belongs to.
type footer struct {
	file File
	meta *metadata.FileMetaData
}

// Bytes of heap that arrow-go's parsed footer takes, fitted to measurements
// with 1 to 200 columns; a test holds the estimate to within a third.
const (
	footerBase    = 2 << 10
	footerElement = 560 // per node of the schema
	footerChunk   = 640 // per column of a row group
)

func sizeOfFooter(path string, f footer) (key, value int64) {
	columns := int64(f.meta.NumColumns())
	value = footerBase + int64(f.meta.Size()) +
		int64(f.meta.NumSchemaElements())*footerElement +
		columns*int64(f.meta.NumRowGroups())*footerChunk
	return int64(len(path)), value
}

// footer returns the parsed footer of f from the cache or from the file.
func (c *Catalog) footer(ctx context.Context, footers cache.User[string, footer], f File) (footer, error) {
	if have, ok := footers.Get(f.Path, func(have footer) bool { return have.file == f }); ok {
		return have, nil
	}
	if err := ctx.Err(); err != nil {
		return footer{}, fault("read footer of", f.Path, err)
	}
	r, err := c.openListed(ctx, f)
	if err != nil {
		return footer{}, fault("read footer of", f.Path, err)
	}
	defer r.Close() // read only: nothing can be lost
	meta, err := readFooter(r, f.Size, r.hint)
	if err != nil {
		return footer{}, fault("read footer of", f.Path, err)
	}
	have := footer{file: f, meta: meta}
	footers.Put(f.Path, have)
	return have, nil
}

// listedFile is a file that is open and is the one that was listed.
type listedFile struct {
	io.ReaderAt
	io.Closer
	hint int64 // bytes to read at once from its end
}

// openListed opens a file, or an object, whose every read finds out whether it has
// changed.
func (c *Catalog) openListed(ctx context.Context, f File) (listedFile, error) {
	if objecturl.Is(f.Path) {
		return listedFile{objectReader{ctx, c.objects, f}, io.NopCloser(nil), objectSizeHint}, nil
	}
	r, err := c.open(f.Path)
	if err != nil {
		return listedFile{}, err
	}
	info, err := r.Stat()
	if err == nil {
		if now := fileOf(f.Path, info); now != f {
			err = fmt.Errorf("%w: %d bytes then, %d now", ErrChanged, f.Size, now.Size)
		}
	}
	if err != nil {
		return listedFile{}, errors.Join(err, r.Close())
	}
	return listedFile{r, r, sizeHint}, nil
}

// objectReader reads parts of an object; it holds a context for the interface that
// knows none.
type objectReader struct {
	ctx     context.Context
	objects Objects
	file    File
}

func (r objectReader) ReadAt(buf []byte, off int64) (int, error) {
	if err := r.objects.ReadRange(r.ctx, r.file, buf, off); err != nil {
		return 0, err
	}
	return len(buf), nil
}

const (
	magic     = "PAR1"
	magicEnc  = "PARE"
	tailBytes = 8 // footer length, then the magic bytes
	// A hint is read in one go from the end of the file; nearly every footer fits,
	// which saves the second read. DataFusion's hint is 512 KiB, which pays on object
	// stores; on a local disk it only copies more.
	sizeHint       = 64 << 10
	objectSizeHint = 512 << 10
	// maxFooter bounds what one file can make the process hold. Footers of 10,000
	// columns and 100 row groups stay below it.
	maxFooter = 256 << 20
)

// readFooter parses the footer of a Parquet file of size bytes, of which the last hint
// bytes are read at once.
func readFooter(r io.ReaderAt, size, hint int64) (meta *metadata.FileMetaData, err error) {
	if size < int64(len(magic)+tailBytes) {
		return nil, fmt.Errorf("not a Parquet file: only %d bytes", size)
	}
	buf := make([]byte, min(size, hint))
	if err := readAt(r, buf, size-int64(len(buf))); err != nil {
		return nil, err
	}
	tail := buf[len(buf)-tailBytes:]
	switch string(tail[4:]) {
	case magic:
	case magicEnc:
		return nil, errors.New("the footer is encrypted, which is not supported")
	default:
		return nil, fmt.Errorf("not a Parquet file, or cut short: it ends in %q instead of %q", tail[4:], magic)
	}
	length := int64(binary.LittleEndian.Uint32(tail))
	if length > size-int64(len(magic)+tailBytes) {
		return nil, fmt.Errorf("damaged footer: it claims %d bytes in a file of %d", length, size)
	}
	if length > maxFooter {
		return nil, fmt.Errorf("the footer has %d bytes, and at most %d are read", length, maxFooter)
	}
	if length+tailBytes > int64(len(buf)) {
		buf = make([]byte, length+tailBytes)
		if err := readAt(r, buf, size-int64(len(buf))); err != nil {
			return nil, err
		}
	}
	defer func() {
		// The thrift reader panics on some damaged input.
		if p := recover(); p != nil {
			meta, err = nil, fmt.Errorf("damaged footer: %v", p)
		}
	}()
	meta, err = metadata.NewFileMetaData(buf[int64(len(buf))-tailBytes-length:len(buf)-tailBytes], nil)
	if err != nil {
		return nil, fmt.Errorf("damaged footer: %w", err)
	}
	return meta, nil
}

func readAt(r io.ReaderAt, buf []byte, off int64) error {
	if n, err := r.ReadAt(buf, off); n < len(buf) {
		return fmt.Errorf("read %d bytes at %d: %w", len(buf), off, err)
	}
	return nil
}
