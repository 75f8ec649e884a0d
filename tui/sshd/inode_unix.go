//go:build unix

package sshd

import (
	"os"
	"syscall"
)

// inode numbers a file on its disk: one that was put in the place of another counts
// as changed even with the same size and time.
func inode(info os.FileInfo) uint64 {
	if s, ok := info.Sys().(*syscall.Stat_t); ok {
		return uint64(s.Ino)
	}
	return 0
}
