package pipeline

import (
	"context"
	"slices"
	"strings"
)

// contentPrefix begins the versions that contentVersion gives.
const contentPrefix = "content/"

// contentVersion is the version of a table of a node whose result depends on more
// than its key tells. Which rows share a file may differ from run to run; then
// equal content has two versions, which costs a rebuild of its readers.
func contentVersion(ctx context.Context, t Table, workers int) (string, error) {
	var parts []string
	for _, f := range t.Files {
		sum, err := StoredFingerprint(ctx, f, workers)
		if err != nil {
			return "", err
		}
		parts = append(parts, sum.Schema+sum.Checksum)
	}
	slices.Sort(parts)
	return contentPrefix + t.Name + "/" + strings.Join(parts, "+"), nil
}
