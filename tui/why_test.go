package tui

import (
	"fmt"
	"slices"
	"testing"

	"github.com/buildscope/buildscope/model"
)

// slowPayload is what a finished build tells of its time.
func slowPayload() *model.WhySlowPayload {
	return &model.WhySlowPayload{WallNS: 13_900e6, Workers: 4,
		NotMeasured: []string{"what is usual: earlier good runs like this one (same profile, same workers): 1, needed: 3"},
		Causes: []model.Cause{
			{Kind: model.CausePath, Node: "extract_python", CostNS: 12_185e6, Text: "Node extract_python is on the critical path and ran 12.19s (88 % of the build)."},
			{Kind: model.CauseSkew, Node: "extract_python", CostNS: 5_200e6, Text: "src/requests/sessions.py took node extract_python 5.9s, the other 867 parts 13ms each on average: for 5.2s it was the last at work, and 3 of 4 workers had none."},
			{Kind: model.CauseCapture, Setting: "hamilton.capture_data_statistics", CostNS: 900e6, Text: "The statistics of 12 tables took 3.6s of the time of 4 workers, those of py_refs the most (2.1s)."},
			{Kind: model.CauseWorkers, Node: "relate_scopes", Setting: "build.workers", CostNS: 810e6, Text: "Nodes of the critical path had their inputs and waited 810ms for a worker, relate_scopes the longest (800ms). 4 of 8 CPUs may work."},
			{Kind: model.CauseSpill, Node: "relate_scopes", Setting: "engine.memory_limit", Text: "The query of relate_scopes did not fit into memory: it wrote 4096 bytes to disk on top of 100 in memory, and took 880ms."},
			{Kind: model.CauseEngineCache, Setting: "engine.list_files_cache_ttl", Text: "list_files_cache_ttl is 1s; 3 of 7 lookups found an entry that had expired, and the hit rate was 0%."},
			{Kind: "weather", Node: "gone\x1b[2J", Text: "A kind\x1b]0;x\a of another version."},
		}}
}

// slowRun is a finished build that knows its causes.
func slowRun() *scriptedRun {
	r := newRun().succeed()
	r.snap.WhySlow = slowPayload()
	return r
}

func TestWhyFrames(t *testing.T) {
	for _, size := range sizes {
		t.Run(fmt.Sprintf("%dx%d", size.w, size.h), func(t *testing.T) {
			d := newDriver(t, size.w, size.h, Options{Run: slowRun(), Settings: newSettings(), Subject: "requests"})
			d.Press("i", "down").Expect("one part is left over").Golden()
		})
		t.Run(fmt.Sprintf("end %dx%d", size.w, size.h), func(t *testing.T) {
			d := newDriver(t, size.w, size.h, Options{Run: slowRun(), Settings: newSettings(), Subject: "requests"})
			d.Press("i", "end").Expect("Not measured", "weather").Golden()
		})
	}
}

// A cause leads to its node, and to its setting.
func TestWhyLeadsOn(t *testing.T) {
	d := newDriver(t, 120, 40, Options{Run: slowRun(), Settings: newSettings()})
	d.Press("i", "o").Expect("no setting would change it")
	d.Press("enter").ExpectSelected("extract_python").Expect("Span")
	if d.m.focused() != paneTree {
		t.Errorf("the keys are at %s", paneNames[d.m.focused()])
	}
	d.Press("i", "down", "down").Expect("statistics of tables").Press("enter").Expect("it is not about a single node")
	d.Press("down", "o").Expect("workers", "enter change")
	if s, _ := d.m.setup.Current(); s.Key != "build.workers" || d.m.screen != screenSetup {
		t.Errorf("selected is %q", s.Key)
	}
	d.Press("2").Expect("waiting for a worker") // it is still the cause that was left
	d.Press("y")
	d.until("copied", func() bool { return d.copied != "" })
	d.Press("down", "enter").ExpectSelected("relate_scopes").Expect("HASH_JOIN") // a spill is seen in the query
	d.Press("i", "end", "up", "enter").Expect("is not in the tree")
	d.Press("i").ExpectSelected("relate_scopes").Press("i").Expect("Not measured")
}

// While the build goes on, the cursor stays on its cause although others overtake it.
func TestWhyFollowsTheBuild(t *testing.T) {
	r := newRun().midway()
	d := newDriver(t, 120, 40, Options{Run: r}).Press("i").Expect("No causes yet")
	set := func(causes ...model.Cause) {
		r.mu.Lock()
		r.snap.WhySlow = &model.WhySlowPayload{WallNS: 100e6, Causes: causes}
		r.mu.Unlock()
		r.log(12000, "INFO", "", "wake the screen")
	}
	a, b := model.Cause{Kind: model.CausePath, Node: "scan_repo", CostNS: 60e6, Text: "a"}, model.Cause{Kind: model.CausePath, Node: "extract_go", CostNS: 50e6, Text: "b"}
	set(a, b)
	d.Expect("so far", "1 of 2 causes").Press("down").Expect("2 of 2 causes")
	set(model.Cause{Kind: model.CauseSpill, CostNS: 95e6, Text: "c"}, a, b)
	d.Expect("3 of 3 causes")
	if c, _ := d.m.why.Current(); c.Node != "extract_go" {
		t.Errorf("the cursor went to %s", c.Node)
	}
	d.Press("home").Expect("1 of 3 causes")
	set(b, a)
	d.Expect("1 of 2 causes") // at the top it stays at the top
	set()
	d.Expect("Nothing stands out.").Press("enter").Expect("it is not about a single node")
}

// A file that was left over is gone to itself, below its node.
func TestWhyLeadsToTheFile(t *testing.T) {
	r := slowRun()
	list := slices.Clone(r.snap.WhySlow.Causes)
	at := slices.IndexFunc(list, func(c model.Cause) bool { return c.Kind == model.CauseSkew })
	list[at].Span = r.ids["extract_python/src/requests/sessions.py"].String()
	r.snap.WhySlow = &model.WhySlowPayload{WallNS: 100e6, Causes: list[at : at+1]}
	d := newDriver(t, 80, 24, Options{Run: r}).Press("i").Expect("one part is left over")
	d.Press("enter").ExpectSelected("sessions.py")
}

func TestWhyWithoutARun(t *testing.T) {
	newDriver(t, 120, 40, Options{}).Press("i").Expect("there is no build yet")
	d := newDriver(t, 120, 40, Options{Run: newRun().succeed()}).Press("i").Expect("does not say what its nodes read")
	d.Press("o").Expect("no setting would change it")
	newDriver(t, 120, 40, Options{Run: slowRun()}).Press("i", "end", "up", "up", "o").Expect("this viewer may not see the settings")
}
