package doctor

import (
	"golang.org/x/sys/unix"
)

// Types of file systems, from statfs(2).
const (
	tmpfs = 0x01021994
	ramfs = 0x858458f6
	nfs   = 0x6969
	smb2  = 0xfe534d42
	cifs  = 0xff534d42
	fuse  = 0x65735546
	ceph  = 0x00c36400
)

func fsType(dir string) int64 {
	var s unix.Statfs_t
	if unix.Statfs(nearest(dir), &s) != nil {
		return 0
	}
	return int64(s.Type) & 0xffffffff
}

// inMemory reports whether a folder is kept in memory.
func inMemory(dir string) bool { t := fsType(dir); return t == tmpfs || t == ramfs }

// remote reports whether a folder is reached over a network.
func remote(dir string) bool {
	switch fsType(dir) {
	case nfs, smb2, cifs, fuse, ceph:
		return true
	}
	return false
}

// memory is the machine's, in bytes; 0 when it is not known.
func memory() int64 {
	var s unix.Sysinfo_t
	if unix.Sysinfo(&s) != nil {
		return 0
	}
	return int64(s.Totalram) * int64(s.Unit)
}
