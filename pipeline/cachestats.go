package pipeline

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"

	"github.com/buildscope/buildscope/model"
	"github.com/buildscope/buildscope/model/wholefile"
)

// statsPath is where the statistics of a stored result are. capture names how they
// were captured: one result may have been looked at with several settings.
func (c *Cache) statsPath(n *NodeRun, capture string) string {
	return filepath.Join(c.path(n.Node.Name, n.Key), "stats-"+capture+".json")
}

// keptStats are the statistics of a result as they are stored.
type keptStats struct {
	Tables   []model.TableStats `json:"tables"`
	Sketches [][][]byte         `json:"sketches"` // by table and column; the statistics themselves leave them out
}

// loadStats fills in the statistics of a result that came from the cache.
func (c *Cache) loadStats(n *NodeRun, capture string) bool {
	if n.Execution.State != model.NodeCached {
		return false
	}
	data, err := os.ReadFile(c.statsPath(n, capture))
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
	return true
}

// storeStats keeps the statistics of a stored result, by rename. A result that is
// not cached has none to keep.
func (c *Cache) storeStats(n *NodeRun, capture string) error {
	if c == nil || n.Execution.Cache == model.CacheOff {
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
	if err := wholefile.Write(c.statsPath(n, capture), data, 0o644); err != nil {
		return fmt.Errorf("keep the statistics of %s: %w", n.Node.Name, err)
	}
	return nil
}
