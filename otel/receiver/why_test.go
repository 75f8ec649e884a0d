package receiver

import (
	"encoding/json"
	"testing"

	"github.com/buildscope/buildscope/model"
)

// What the time of a build elsewhere went into is found in its spans, the profiles of
// its queries included; of a trace that does not say what its nodes read, nothing is.
func TestCausesOfABuild(t *testing.T) {
	profile, err := json.Marshal(model.QueryProfile{SQL: "SELECT 1", LatencyNS: 5e6, PeakTemp: 1 << 20, PeakMemory: 1 << 20, Root: []model.Operator{{Name: "SORT"}}})
	if err != nil {
		t.Fatal(err)
	}
	recs := ownTrace(traceOf(1))
	for i := range recs { // nanoseconds become milliseconds
		recs[i].Start, recs[i].End = recs[i].Start*1e6, recs[i].End*1e6
	}
	recs[2].Attrs = append(recs[2].Attrs, model.Attr{Key: model.AttrNodeDeps, Value: []string{"scan"}})
	recs[3].Attrs = append(recs[3].Attrs, model.Attr{Key: model.AttrNodeDeps, Value: []string{"parse"}})
	recs[7].Attrs = append(recs[7].Attrs, model.Attr{Key: model.AttrEngineProfile, Value: string(profile)})
	s := NewSession(SessionOptions{})
	give(s, recs, 3)
	give(s, []model.SpanRecord{record(2, 2, 1), record(2, 1, 0)}, 2)
	if p := s.Builds()[0].Snapshot().WhySlow; p == nil || len(p.Causes) == 0 || p.Causes[0].Kind != model.CausePath {
		t.Errorf("while the build goes on: %+v", p)
	}
	s.Close()
	p := s.Builds()[0].Snapshot().WhySlow
	if p == nil {
		t.Fatal("no causes")
	}
	found := map[model.CauseKind]model.Cause{}
	for _, c := range p.Causes {
		if _, first := found[c.Kind]; !first {
			found[c.Kind] = c
		}
	}
	if c := found[model.CausePath]; c.Node != "relate" || c.CostNS != 300e6 {
		t.Errorf("the critical path is led by %+v", c)
	}
	if c := found[model.CauseWorkers]; c.Node != "relate" || c.CostNS != 110e6 {
		t.Errorf("waiting is %+v", c)
	}
	if c := found[model.CauseSpill]; c.Node != "parse" {
		t.Errorf("the spill is %+v", c)
	}
	if again := s.Builds()[0].Snapshot().WhySlow; again != p {
		t.Error("the causes of a build that is over are found anew")
	}
	if p := s.Builds()[1].Snapshot().WhySlow; p != nil {
		t.Errorf("of a trace without what its nodes read: %+v", p)
	}
}
