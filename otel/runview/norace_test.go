//go:build !race

package runview

const (
	testRows   = million // spans of the tests of large runs
	wideRounds = 4       // of the twin with many siblings
)
