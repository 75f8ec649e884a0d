package cli

import (
	"bytes"
	"encoding/json"
	"fmt"
	"sync"
)

// maxHistory is how many texts the history keeps.
const maxHistory = 200

// sqlHistory is the texts that were asked on the screen, one JSON text a line because
// they have line ends of their own. Only its owner may read it: a query can hold
// anything. Of two programs that add at the same moment one may win.
type sqlHistory struct {
	path string
	mu   sync.Mutex // the screen adds from several goroutines
}

// Load reads the texts, the oldest one first. A line that cannot be read is left out.
func (h *sqlHistory) Load() ([]string, error) {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.load()
}

func (h *sqlHistory) load() ([]string, error) {
	data, err := readState(h.path, "the history")
	if err != nil {
		return nil, err
	}
	var out []string
	for line := range bytes.Lines(data) {
		var text string
		if json.Unmarshal(line, &text) == nil && text != "" {
			out = append(out, text)
		}
	}
	return out[max(0, len(out)-maxHistory):], nil
}

// Add writes a text behind the others; what is older than the newest 200 goes.
func (h *sqlHistory) Add(text string) error {
	h.mu.Lock()
	defer h.mu.Unlock()
	texts, err := h.load()
	if err != nil {
		return err
	}
	if n := len(texts); n > 0 && texts[n-1] == text {
		return nil
	}
	texts = append(texts, text)
	var b bytes.Buffer
	for _, t := range texts[max(0, len(texts)-maxHistory):] {
		line, err := json.Marshal(t)
		if err != nil {
			return fmt.Errorf("write the history: %w", err)
		}
		b.Write(append(line, '\n'))
	}
	return writeState(h.path, "the history", b.Bytes())
}
