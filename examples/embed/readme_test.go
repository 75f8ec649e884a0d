package main

import (
	"os"
	"regexp"
	"strings"
	"testing"
)

// What the README shows of this program is in it, line for line.
func TestReadmeShowsThisProgram(t *testing.T) {
	readme, err := os.ReadFile("../../README.md")
	if err != nil {
		t.Fatal(err)
	}
	source, err := os.ReadFile("main.go")
	if err != nil {
		t.Fatal(err)
	}
	shown := regexp.MustCompile("(?s)```go\n(.*?)```").FindSubmatch(readme)
	if shown == nil {
		t.Fatal("the README shows no Go")
	}
	for block := range strings.SplitSeq(strings.TrimSpace(string(shown[1])), "\n\n") {
		if !strings.Contains(string(source), block) {
			t.Errorf("the README shows what main.go does not have:\n%s", block)
		}
	}
}
