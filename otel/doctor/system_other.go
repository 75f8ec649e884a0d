//go:build !linux

package doctor

// What is not known here is not checked.

func inMemory(string) bool { return false }
func remote(string) bool   { return false }
func memory() int64        { return 0 }
