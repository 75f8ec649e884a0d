//go:build race

package runview

const (
	testRows   = 60_000 // spans of the tests of large runs
	wideRounds = 2      // of the twin with many siblings
)
