package compare

import (
	"slices"
	"time"

	"github.com/buildscope/buildscope/build/bundle"
	"github.com/buildscope/buildscope/model"
	"github.com/buildscope/buildscope/otel/why"
)

// mostLooked bounds the bundles that Learn looks at: it works at the start of every
// build.
const mostLooked = 30

// Learned is what earlier runs tell a build at its start.
type Learned struct {
	Usual  map[string]why.Usual     // how long nodes take in runs like it
	Runs   int                      // runs that Usual is made of, at most maxHistory
	Newest map[string]time.Duration // what they took when they last ran, whatever profile and workers
}

// Learn reads what successful runs before the one with the given id tell. They are
// of the same pipeline and repository; those that cannot be read are passed over.
func Learn(workDir, before string, like Like) (Learned, error) {
	out := Learned{Usual: map[string]why.Usual{}, Newest: map[string]time.Duration{}}
	ids, err := bundle.IDs(workDir)
	if err != nil {
		return out, err
	}
	times, looked := map[string][]int64{}, 0
	for _, id := range ids { // newest first
		if id >= before {
			continue
		}
		if looked++; looked > mostLooked || out.Runs == maxHistory {
			break
		}
		e, ok := readEarlier(workDir, id)
		if !ok || e.Status != model.RunSucceeded || e.Pipeline != like.Pipeline || e.RepoRoot != like.RepoRoot {
			continue
		}
		same := e.Like == like
		if same {
			out.Runs++
		}
		for _, n := range e.Nodes {
			if !e.tells(n) {
				continue
			}
			if _, known := out.Newest[n.Name]; !known {
				out.Newest[n.Name] = time.Duration(n.TookNS)
			}
			if same {
				times[n.Name] = append(times[n.Name], n.TookNS)
			}
		}
	}
	for name, t := range times {
		n := noiseOf(t)
		out.Usual[name] = why.Usual{Runs: n.Runs, MedianNS: n.MedianNS, MarginNS: n.MarginNS, LeastNS: slices.Min(t), MostNS: slices.Max(t)}
	}
	return out, nil
}
