package pipeline

import (
	"encoding/hex"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"github.com/zeebo/xxh3"

	"github.com/buildscope/buildscope/model"
	"github.com/buildscope/buildscope/model/wholefile"
)

// statsDir is where the statistics of what a node produced are: beside its stored
// result, or, of files that stay where they are, in a directory for their version.
// It is "" for what the next run cannot know again.
func (c *Cache) statsDir(n *NodeRun) string {
	switch {
	case c == nil:
		return ""
	case n.Execution.Cache != model.CacheOff:
		return c.path(n.Node.Name, n.Key)
	case !n.Node.NoCache || len(n.Tables) != 1 || n.Tables[0].objects > 0 || strings.HasPrefix(n.Tables[0].Version, contentPrefix):
		return ""
	}
	sum := xxh3.HashString128(n.Tables[0].Version).Bytes()
	return c.path(n.Node.Name, hex.EncodeToString(sum[:]))
}

// statsFile is the file in it. capture names how the statistics were captured: one
// result may have been looked at with several settings.
func statsFile(dir, capture string) string { return filepath.Join(dir, "stats-"+capture+".json") }

// keptStats are the statistics of a result as they are stored.
type keptStats struct {
	Tables   []model.TableStats `json:"tables"`
	Sketches [][][]byte         `json:"sketches"` // by table and column; the statistics themselves leave them out
}

// loadStats fills in the statistics that an earlier run kept, of a result that came
// from the cache or of files that have not changed.
func (c *Cache) loadStats(n *NodeRun, capture string) bool {
	dir := c.statsDir(n)
	if dir == "" || n.Execution.Cache == model.CacheMiss {
		return false
	}
	data, err := os.ReadFile(statsFile(dir, capture))
	if err != nil {
		return false
	}
	var kept keptStats
	if json.Unmarshal(data, &kept) != nil || len(kept.Tables) != len(n.Tables) || len(kept.Sketches) != len(n.Tables) {
		return false
	}
	tables := kept.Tables
	for i := range tables {
		if tables[i].Table != n.Tables[i].Name || tables[i].Rows != n.Tables[i].Rows {
			return false
		}
		if len(kept.Sketches[i]) != len(tables[i].Columns) {
			return false
		}
		for k, sketch := range kept.Sketches[i] {
			tables[i].Columns[k].Sketch = sketch
		}
		tables[i].Reused, tables[i].SpentNS = true, 0
	}
	n.Stats = tables
	used(dir)
	return true
}

// storeStats keeps statistics for the next run, by rename.
func (c *Cache) storeStats(n *NodeRun, capture string) error {
	dir := c.statsDir(n)
	if dir == "" {
		return nil
	}
	kept := keptStats{Tables: n.Stats}
	for _, t := range n.Stats {
		sketches := [][]byte{}
		for _, c := range t.Columns {
			sketches = append(sketches, c.Sketch)
		}
		kept.Sketches = append(kept.Sketches, sketches)
	}
	data, err := json.Marshal(kept)
	if err != nil {
		return fmt.Errorf("keep the statistics of %s: %w", n.Node.Name, err)
	}
	if err := os.MkdirAll(dir, 0o755); err != nil { // of files there is none yet
		return fmt.Errorf("keep the statistics of %s: %w", n.Node.Name, err)
	}
	if err := wholefile.Write(statsFile(dir, capture), data, 0o644); err != nil {
		return fmt.Errorf("keep the statistics of %s: %w", n.Node.Name, err)
	}
	used(dir) // the new file has made it as young as the clock says
	return nil
}
