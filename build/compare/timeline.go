package compare

import (
	"context"
	"path/filepath"
	"sync"
	"time"

	"github.com/buildscope/buildscope/build/bundle"
	"github.com/buildscope/buildscope/model"
)

// Past is what became of a node in one earlier run.
type Past struct {
	RunID   string
	Started time.Time
	Run     model.RunState
	State   model.NodeState
	TookNS  int64 // 0 when it did not run to its end
	Rows    int64
	Profile string
	Workers int
	Sources string
	Counts  bool // it tells what is usual: a run that succeeded, of the same profile and workers, not cached
}

// Timeline is a node over earlier runs, the newest first.
type Timeline struct {
	Runs    []Past
	Workers int   // of the run that is looked back from; 0 when unknown
	Noise   Noise // of those that count, at most maxHistory
}

// Judge says how a time stands against what is usual.
func (t Timeline) Judge(tookNS int64) Verdict {
	if tookNS == 0 {
		return Unknown
	}
	return t.Noise.judge(tookNS)
}

// maxTimeline bounds the runs that are looked back at.
const maxTimeline = 40

// Recall reads the timelines of nodes. What an ended run left does not change, so it
// is read once; a Recall may be used by several goroutines.
type Recall struct {
	mu   sync.Mutex
	runs map[string]Earlier // by directory of work and id; guarded by mu
}

// Node looks back from a run, which may still be going on, over those of the same
// repository. What is usual comes from those that are like it. It ends early with
// ctx.
func (r *Recall) Node(ctx context.Context, workDir, runID string, like Like, node string) (Timeline, error) {
	t := Timeline{Workers: like.Workers}
	ids, err := bundle.IDs(workDir)
	if err != nil {
		return t, err
	}
	for _, id := range ids { // newest first
		if err := ctx.Err(); err != nil {
			return t, err
		}
		if id >= runID || len(t.Runs) == maxTimeline {
			continue
		}
		e, ok := r.run(workDir, id)
		if !ok || e.RepoRoot != like.RepoRoot {
			continue
		}
		for _, n := range e.Nodes {
			if n.Name != node {
				continue
			}
			p := Past{RunID: id, Started: e.Started, Run: e.Status, State: n.State, TookNS: n.TookNS, Rows: n.Rows,
				Profile: e.Profile, Workers: e.Workers, Sources: e.Sources}
			p.Counts = e.tells(n) && e.Profile == like.Profile && e.Workers == like.Workers && like.Workers > 0
			t.Runs = append(t.Runs, p)
		}
	}
	return TimelineOf(t.Runs, like.Workers), nil
}

// TimelineOf is the timeline of a node that earlier runs have, the newest first;
// workers are those of the run that is looked back from.
func TimelineOf(runs []Past, workers int) Timeline {
	var times []int64
	for _, p := range runs {
		if p.Counts && len(times) < maxHistory {
			times = append(times, p.TookNS)
		}
	}
	return Timeline{Runs: runs, Workers: workers, Noise: noiseOf(times)}
}

// run is readEarlier from memory, if it was read before.
func (r *Recall) run(workDir, id string) (Earlier, bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	dir := filepath.Join(workDir, id)
	if e, known := r.runs[dir]; known {
		return e, true
	}
	e, ok := readEarlier(workDir, id)
	if !ok {
		return e, false // it may still be going on
	}
	if r.runs == nil || len(r.runs) >= 4*maxTimeline {
		r.runs = map[string]Earlier{}
	}
	r.runs[dir] = e
	return e, true
}
