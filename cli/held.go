package cli

import (
	"errors"
	"fmt"
	"io"
	"os"
	"sync"
)

// heldOutput keeps what the stdout exporter writes while the screen has the
// terminal, in a file without a name.
type heldOutput struct {
	mu   sync.Mutex // guards file
	file *os.File
}

func (h *heldOutput) Write(p []byte) (int, error) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.file == nil {
		f, err := os.CreateTemp("", "buildscope-stdout-*")
		if err != nil {
			return 0, fmt.Errorf("hold output back while the screen is up: %w", err)
		}
		if err := os.Remove(f.Name()); err != nil {
			return 0, errors.Join(err, f.Close())
		}
		h.file = f
	}
	return h.file.Write(p)
}

// release writes what was held to out.
func (h *heldOutput) release(out io.Writer) error {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.file == nil {
		return nil
	}
	_, err := h.file.Seek(0, io.SeekStart)
	if err == nil {
		_, err = io.Copy(out, h.file)
	}
	err = errors.Join(err, h.file.Close())
	h.file = nil
	return err
}
