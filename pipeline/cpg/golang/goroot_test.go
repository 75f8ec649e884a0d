package golang

import (
	"os/exec"
	"strings"
	"testing"
)

// goroot is where the Go standard library is, whose sources the tests read.
func goroot(t testing.TB) string {
	t.Helper()
	out, err := exec.Command("go", "env", "GOROOT").Output()
	if err != nil {
		t.Fatal(err)
	}
	return strings.TrimSpace(string(out))
}
