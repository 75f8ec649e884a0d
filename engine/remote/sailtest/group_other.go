//go:build !unix

package sailtest

import "os/exec"

func ownGroup(*exec.Cmd) {}

func kill(cmd *exec.Cmd) {
	_ = cmd.Process.Kill() // it may have ended
}
