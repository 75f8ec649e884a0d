package sshd

import (
	"fmt"
	"io"
	"os"
	"time"
)

// maxKeysFile bounds a file of keys, in bytes.
const maxKeysFile = 4 << 20

// keyFile is a file of keys that is read again when it has changed.
type keyFile struct {
	path  string
	what  string // "authorized keys"
	stamp fileStamp
}

// fileStamp tells one state of a file from another.
type fileStamp struct {
	size  int64
	mtime time.Time
	inode uint64
}

// read gives the text of the file if it is not as it was. After an error the file counts
// as changed.
func (k *keyFile) read() (data []byte, changed bool, err error) {
	last := k.stamp
	k.stamp = fileStamp{}
	f, err := os.Open(k.path)
	if err != nil {
		return nil, true, fmt.Errorf("read the %s: %w", k.what, err)
	}
	defer f.Close()
	info, err := f.Stat()
	if err != nil {
		return nil, true, fmt.Errorf("read the %s: %w", k.what, err)
	}
	if mode := info.Mode().Perm(); mode&0o022 != 0 {
		return nil, true, fmt.Errorf("%s %s have mode %04o: others can write to the file and so say who gets in; chmod go-w it", k.what, k.path, mode)
	}
	stamp := fileStamp{size: info.Size(), mtime: info.ModTime(), inode: inode(info)}
	if stamp == last {
		k.stamp = stamp
		return nil, false, nil
	}
	data, err = io.ReadAll(io.LimitReader(f, maxKeysFile+1))
	if err == nil && len(data) > maxKeysFile {
		err = fmt.Errorf("the file has more than %d bytes", maxKeysFile)
	}
	if err != nil {
		return nil, true, fmt.Errorf("read the %s %s: %w", k.what, k.path, err)
	}
	k.stamp = stamp
	return data, true, nil
}
