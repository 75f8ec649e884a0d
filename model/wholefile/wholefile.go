// Package wholefile writes files of which no half is ever seen.
package wholefile

import (
	"errors"
	"os"
)

// Half is the ending of a file that is still being written.
const Half = ".tmp"

// Write writes a file beside its place and renames it: at path is the old file or
// the whole new one. It is not synced, so a power cut may still lose it. After an
// error nothing is left behind. There may be one writer for a path at a time.
func Write(path string, data []byte, perm os.FileMode) error {
	err := os.WriteFile(path+Half, data, perm)
	if err == nil {
		err = os.Rename(path+Half, path)
	}
	if err == nil {
		return nil
	}
	if gone := os.Remove(path + Half); gone != nil && !errors.Is(gone, os.ErrNotExist) {
		err = errors.Join(err, gone)
	}
	return err
}
