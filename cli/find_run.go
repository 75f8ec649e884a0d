package cli

import (
	"github.com/buildscope/buildscope/build"
	"github.com/buildscope/buildscope/build/bundle"
	"github.com/buildscope/buildscope/otel/doctor"
)

// findRun opens a run. Over SSH the work folder is looked at each time: the settings of a
// screen stay for long, and links may change.
func (g *globals) findRun(workDir, ref string) (*bundle.Bundle, error) {
	return g.findRunBefore(workDir, ref, "")
}

// findRunBefore is findRun with previous and last-good seen from another run.
func (g *globals) findRunBefore(workDir, ref, before string) (*bundle.Bundle, error) {
	if err := g.mayReadRuns(workDir); err != nil {
		return nil, err
	}
	b, err := bundle.FindBefore(workDir, ref, before)
	if err == nil && g.visit != nil {
		b.Within = g.visit.hosted.access.inFolders
	}
	return b, err
}

// mayReadRuns says why somebody must not read the runs of a work folder.
func (g *globals) mayReadRuns(workDir string) error {
	if g.visit == nil {
		return nil
	}
	return g.visit.hosted.access.runsIn(workDir)
}

// pastRuns are the runs that the doctor looks at; none where they may not be read.
func (g *globals) pastRuns(workDir string) []doctor.PastRun {
	if g.mayReadRuns(workDir) != nil {
		return nil
	}
	return build.PastRuns(workDir, pastRuns)
}
