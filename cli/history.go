package cli

import (
	"bytes"
	"encoding/json"
	"fmt"
	"strings"
	"sync"

	"github.com/buildscope/buildscope/tui"
)

// maxHistory is how many texts a history keeps.
const maxHistory = 200

// historyFile is what was typed on the screen, one JSON text a line because queries have
// line ends of their own. Only its owner may read it: a query can hold anything. Of two
// programs that write at the same moment one may win.
type historyFile struct {
	path string
	mu   sync.Mutex // the screen adds from several goroutines
}

// lineHistory keeps the lines of the screen's command line in the user's folder for
// state. Without a home there is none.
func (g *globals) lineHistory() tui.History {
	path := stateFile(g.io.Env, "history")
	if path == "" {
		return tui.History{}
	}
	h := &historyFile{path: path}
	return tui.History{Load: h.Load, Save: h.Save}
}

// Load reads the texts, the oldest one first.
func (h *historyFile) Load() ([]string, error) {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.load()
}

// load takes a line that is no JSON text as it stands: the command line once kept its
// lines so. What began as a JSON text is one that was cut off, and is left out.
func (h *historyFile) load() ([]string, error) {
	data, err := readState(h.path, "the history")
	if err != nil {
		return nil, err
	}
	var out []string
	for line := range bytes.Lines(data) {
		text := strings.TrimRight(string(line), "\r\n")
		if strings.HasPrefix(text, `"`) && json.Unmarshal(line, &text) != nil {
			continue
		}
		if text != "" {
			out = append(out, text)
		}
	}
	return out[max(0, len(out)-maxHistory):], nil
}

// Add writes a text behind the others; what is older than the newest 200 goes.
func (h *historyFile) Add(text string) error {
	h.mu.Lock()
	defer h.mu.Unlock()
	texts, err := h.load()
	if err != nil {
		return err
	}
	if n := len(texts); n > 0 && texts[n-1] == text {
		return nil
	}
	return h.save(append(texts, text))
}

// Save writes the texts in the place of those that are there.
func (h *historyFile) Save(texts []string) error {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.save(texts)
}

func (h *historyFile) save(texts []string) error {
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
