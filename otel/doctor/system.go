package doctor

import "golang.org/x/sys/unix"

// freeSpace is what a user may still write in a folder, in bytes.
func freeSpace(dir string) (free int64, ok bool) {
	var s unix.Statfs_t
	if unix.Statfs(dir, &s) != nil {
		return 0, false
	}
	return int64(s.Bavail) * int64(s.Bsize), true
}

// openFiles is how many files the process may have open; 0 when it is not known.
func openFiles() int64 {
	var l unix.Rlimit
	if unix.Getrlimit(unix.RLIMIT_NOFILE, &l) != nil {
		return 0
	}
	return int64(min(l.Cur, 1<<40))
}
