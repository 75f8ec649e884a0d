package compare

import (
	"path/filepath"
	"time"

	"github.com/buildscope/buildscope/build/bundle"
	"github.com/buildscope/buildscope/model"
)

// Like is what two runs must have in common for the times of one to say what is
// usual for the other.
type Like struct {
	Pipeline, RepoRoot, Profile string
	Workers                     int // nodes that may run at the same time; 0 when unknown
}

// Earlier is an ended run as later ones look back at it.
type Earlier struct {
	ID      string
	Started time.Time
	Status  model.RunState
	Sources string // commit, in few letters; "" when unknown
	Like
	Nodes []model.NodeEnd
}

// tells reports whether a node's time in the run tells how long it takes: all of the
// run went well, and the node was not cached.
func (e Earlier) tells(n model.NodeEnd) bool {
	return e.Status == model.RunSucceeded && n.State == model.NodeSucceeded
}

// readEarlier reads an ended run; false for one that cannot be read, or that never
// came to an end. It is the one way to the times of earlier runs: builds take it at
// their start, so it reads two small files, and ones that every profile leaves.
func readEarlier(workDir, id string) (Earlier, bool) {
	b := bundle.Bundle{Dir: filepath.Join(workDir, "runs", id)}
	var m struct { // the rest of a manifest, which grows with the nodes, is passed over
		Status   model.RunState `json:"status"`
		Started  time.Time      `json:"started"`
		Pipeline string         `json:"pipeline"`
		RepoRoot string         `json:"repo_root"`
		Profile  string         `json:"profile"`
		Commit   string         `json:"commit"`
		Dirty    bool           `json:"dirty"`
	}
	var slow struct {
		Workers int              `json:"workers"`
		Nodes   []model.NodeEnd  `json:"nodes"`
		NodeNS  map[string]int64 `json:"node_ns"` // of nodes that ran well: what bundles had before they had nodes
	}
	if b.JSON("manifest.json", &m) != nil || !m.Status.Ended() || b.Optional(model.ArtifactWhySlow, &slow) != nil {
		return Earlier{}, false
	}
	e := Earlier{ID: id, Started: m.Started, Status: m.Status, Nodes: slow.Nodes,
		Sources: bundle.Summary{Commit: m.Commit, Dirty: m.Dirty}.Sources(),
		Like:    Like{m.Pipeline, m.RepoRoot, m.Profile, slow.Workers}}
	if e.Nodes == nil {
		for name, took := range slow.NodeNS {
			e.Nodes = append(e.Nodes, model.NodeEnd{Name: name, State: model.NodeSucceeded, TookNS: took})
		}
	}
	return e, true
}
