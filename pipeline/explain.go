package pipeline

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"sort"
	"strings"
	"time"
)

// KeyPart is one of the things that a result depends on.
type KeyPart struct {
	Name  string `json:"name"`  // text, version, program, setting X or input X
	Value string `json:"value"` // what it was; "" where a result does not depend on it
}

// KeyChange is a part that two results of a node differ in.
type KeyChange struct {
	Name   string `json:"name"`
	Before string `json:"before"`
	After  string `json:"after"`
}

// KeyExplanation says why the newest result of a node was computed and not taken
// from the cache.
type KeyExplanation struct {
	Node    string      `json:"node"`
	Key     string      `json:"key"`
	Used    time.Time   `json:"used"` // when a run last made or took it
	Parts   []KeyPart   `json:"parts"`
	Before  string      `json:"before,omitempty"` // key of the result before; "" when there is none
	Changed []KeyChange `json:"changed"`          // none: what changed is hidden, because it is a secret
}

// ErrNoResult is the error of Explain for a node without results in the cache.
var ErrNoResult = errors.New("the result cache has no result of it")

// Explain compares the two results of a node that were used last.
func (c *Cache) Explain(node string) (KeyExplanation, error) {
	e := KeyExplanation{Node: node, Parts: []KeyPart{}, Changed: []KeyChange{}}
	if filepath.Base(node) != node {
		return e, fmt.Errorf("explain the result of %s: %w", node, ErrNoResult)
	}
	entries, err := os.ReadDir(filepath.Join(c.Dir, node))
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return e, fmt.Errorf("explain the result of %s: %w", node, err)
	}
	type result struct {
		key  string
		used time.Time
		meta cacheMeta
	}
	var results []result
	for _, entry := range entries {
		if strings.HasPrefix(entry.Name(), ".") {
			continue // not finished
		}
		r := result{key: entry.Name()}
		info, err := entry.Info()
		data, readErr := os.ReadFile(filepath.Join(c.path(node, r.key), "meta.json"))
		if err != nil || readErr != nil || json.Unmarshal(data, &r.meta) != nil || len(r.meta.Parts) == 0 {
			continue // damaged, removed meanwhile, or of an earlier version
		}
		r.used = info.ModTime()
		results = append(results, r)
	}
	if len(results) == 0 {
		return e, fmt.Errorf("explain the result of %s: %w", node, ErrNoResult)
	}
	sort.Slice(results, func(i, j int) bool { return results[i].used.After(results[j].used) })
	e.Key, e.Used, e.Parts = results[0].key, results[0].used, results[0].meta.Parts
	if len(results) > 1 {
		e.Before = results[1].key
		e.Changed = changedParts(results[1].meta.Parts, e.Parts)
	}
	return e, nil
}

// changedParts lists what differs, in the order of the newer result.
func changedParts(before, after []KeyPart) []KeyChange {
	changes := []KeyChange{}
	old := map[string]string{}
	for _, p := range before {
		old[p.Name] = p.Value
	}
	for _, p := range after {
		if old[p.Name] != p.Value {
			changes = append(changes, KeyChange{p.Name, old[p.Name], p.Value})
		}
		delete(old, p.Name)
	}
	for _, p := range before {
		if v, gone := old[p.Name]; gone && v != "" {
			changes = append(changes, KeyChange{Name: p.Name, Before: v})
		}
	}
	return changes
}
