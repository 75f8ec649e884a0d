//go:build race

package runview

// testRows is how many spans the tests of large runs use.
const testRows = 60_000
