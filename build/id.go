package build

import (
	"encoding/binary"
	"fmt"

	"github.com/google/uuid"

	"github.com/buildscope/buildscope/build/bundle"
)

// newID makes the id of the next run in a work folder, a UUIDv7. The order of ids is that
// of runs, also when the clock was set back since the last one: then the id says a time
// just after that one's.
func newID(workDir string) (string, error) {
	id, err := uuid.NewV7()
	if err != nil {
		return "", fmt.Errorf("make a run id: %w", err)
	}
	ids, _ := bundle.IDs(workDir) // a folder that cannot be read has no run, and the build will say why
	for _, last := range ids {    // the newest first
		u, err := uuid.Parse(last)
		if err != nil || u.Version() != 7 {
			continue // no folder of a run
		}
		if last >= id.String() {
			var ms [8]byte // since 1970, in the first six bytes of an id
			copy(ms[2:], u[:6])
			binary.BigEndian.PutUint64(ms[:], binary.BigEndian.Uint64(ms[:])+1)
			copy(id[:6], ms[2:])
		}
		break
	}
	return id.String(), nil
}
