//go:build unix

package sailtest

import (
	"os/exec"
	"syscall"
)

// ownGroup gives a command a process group of its own, so that kill reaches the
// workers that it starts.
func ownGroup(cmd *exec.Cmd) { cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true} }

func kill(cmd *exec.Cmd) {
	_ = syscall.Kill(-cmd.Process.Pid, syscall.SIGKILL) // it may have ended
}
