package compare

import (
	"path/filepath"
	"slices"

	"github.com/buildscope/buildscope/build/bundle"
	"github.com/buildscope/buildscope/model"
	"github.com/buildscope/buildscope/otel/why"
)

// Like is what two runs must have in common for the times of one to say what is
// usual for the other.
type Like struct {
	Pipeline, RepoRoot, Profile string
	Workers                     int
}

// mostLooked bounds the bundles that UsualTimes looks at. It works at the start of
// every build, and reads two small files of each.
const mostLooked = 30

// UsualTimes tells how long the nodes of runs like one usually take, and how many
// successful runs of them, not more than maxHistory, that was learned from. Only
// runs before the one with the given id count; those that cannot be read are
// passed over.
func UsualTimes(workDir, before string, like Like) (map[string]why.Usual, int, error) {
	ids, err := bundle.IDs(workDir)
	if err != nil {
		return nil, 0, err
	}
	times, runs, looked := map[string][]int64{}, 0, 0
	for _, id := range ids {
		if id >= before {
			continue
		}
		if looked++; looked > mostLooked || runs == maxHistory {
			break
		}
		var m model.ManifestPayload
		var slow model.WhySlowPayload
		b := bundle.Bundle{Dir: filepath.Join(workDir, "runs", id)}
		if b.JSON("manifest.json", &m) != nil || m.Status != model.RunSucceeded {
			continue
		}
		if b.Payload(model.ArtifactWhySlow, &slow) != nil || like != (Like{m.Pipeline, m.RepoRoot, m.Profile, slow.Workers}) {
			continue
		}
		runs++
		for name, took := range slow.NodeNS {
			times[name] = append(times[name], took)
		}
	}
	out := make(map[string]why.Usual, len(times))
	for name, t := range times {
		n := noiseOf(t)
		out[name] = why.Usual{Runs: n.Runs, MedianNS: n.MedianNS, MarginNS: n.MarginNS, LeastNS: slices.Min(t), MostNS: slices.Max(t)}
	}
	return out, runs, nil
}
