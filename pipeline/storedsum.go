package pipeline

import (
	"context"
	"encoding/json"
	"os"
)

// storedSum is the file beside a table that keeps its sum from run to run. The
// sum holds while the table has the size and modification time it was read at.
type storedSum struct {
	FileSum
	Form    int   `json:"form"` // checksumForm when it was written
	ModTime int64 `json:"mtime_unix_ns"`
}

// StoredFingerprint is Fingerprint, taken from <path>.sum when that fits the file.
// Otherwise it reads the file and writes <path>.sum; where that cannot be written,
// the next call reads the file again.
func StoredFingerprint(ctx context.Context, path string, workers int) (FileSum, error) {
	info, err := os.Stat(path)
	if err != nil {
		return FileSum{}, err
	}
	var s storedSum
	if data, err := os.ReadFile(path + ".sum"); err == nil && json.Unmarshal(data, &s) == nil &&
		s.Checksum != "" && s.Form == checksumForm && s.Bytes == info.Size() && s.ModTime == info.ModTime().UnixNano() {
		return s.FileSum, nil
	}
	if s.FileSum, err = Fingerprint(ctx, path, workers); err != nil {
		return FileSum{}, err
	}
	s.Form, s.ModTime = checksumForm, info.ModTime().UnixNano()
	if data, err := json.Marshal(s); err == nil {
		_ = os.WriteFile(path+".sum", data, 0o644) // a torn file does not parse and is written anew
	}
	return s.FileSum, nil
}
