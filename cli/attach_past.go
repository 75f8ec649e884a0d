package cli

import (
	"slices"

	"github.com/buildscope/buildscope/build/compare"
	"github.com/buildscope/buildscope/model"
	"github.com/buildscope/buildscope/otel/receiver"
	"github.com/buildscope/buildscope/tui"
)

// Attributes of a resource that say what was built.
const (
	attrRepository = "vcs.repository.url.full"
	attrRevision   = "vcs.ref.head.revision"
	attrDirty      = "buildscope.vcs.dirty"
)

// receivedPast is a node over the builds that were received before one: those of the
// same service and, where they say it, of the same repository. What is usual comes
// from the successful ones of the same profile; how many workers they had is not
// known.
func receivedPast(builds []*receiver.Build, q tui.PastQuery) tui.NodePast {
	at := slices.IndexFunc(builds, func(b *receiver.Build) bool { return b.Snapshot().RunID == q.RunID })
	if at < 0 {
		return tui.NodePast{}
	}
	of := builds[at].Resource()
	var runs []compare.Past
	for _, b := range slices.Backward(builds[:at]) {
		res, snap := b.Resource(), b.Snapshot()
		if res.Service != of.Service || resourceText(res, attrRepository) != resourceText(of, attrRepository) {
			continue
		}
		for _, n := range b.Nodes() {
			if n.Name != q.Node {
				continue
			}
			p := compare.Past{RunID: snap.RunID, Started: snap.Started, Run: snap.State, State: n.State, Rows: n.Rows, Profile: snap.Profile, Sources: revision(res)}
			if n.State == model.NodeSucceeded {
				p.TookNS = n.DurationNS()
			}
			p.Counts = p.TookNS > 0 && snap.State == model.RunSucceeded && snap.Profile == q.Profile
			runs = append(runs, p)
		}
	}
	past := pastOf(compare.TimelineOf(runs, q.Workers))
	past.Empty = "No build with this node has come here before. The builds that this process has received make the timeline; those of the same service and repository count."
	return past
}

// revision is the commit that a process says it has built, in few letters.
func revision(res receiver.Resource) string {
	s := resourceText(res, attrRevision)
	s = s[:min(len(s), 7)]
	if s != "" && resourceText(res, attrDirty) == "true" {
		s += "+"
	}
	return s
}

func resourceText(res receiver.Resource, key string) string {
	for _, a := range res.Attrs {
		if s, ok := a.Value.(string); ok && a.Key == key {
			return s
		}
	}
	return ""
}
