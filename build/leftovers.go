package build

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"github.com/google/uuid"

	"github.com/buildscope/buildscope/build/bundle"
)

// removeLeftovers deletes what builds left behind whose process died: outputs that
// were never renamed, links that were never switched, and working files of their
// bundles, which stay otherwise. Only the holder of both locks may call it, and
// only names that a build gives are touched: the folders may be the user's.
func removeLeftovers(outputDir, workDir string) error {
	var errs []error
	remove := func(path string) {
		if err := os.RemoveAll(path); err != nil {
			errs = append(errs, fmt.Errorf("remove what an earlier build left behind: %w", err))
		}
	}
	outputs, err := os.ReadDir(outputDir)
	errs = append(errs, err)
	for _, e := range outputs {
		half, isHalf := strings.CutSuffix(e.Name(), ".tmp")
		link, isLink := strings.CutPrefix(e.Name(), ".latest-")
		if isHalf && uuid.Validate(half) == nil || isLink && uuid.Validate(link) == nil {
			remove(filepath.Join(outputDir, e.Name()))
		}
	}
	runs, err := os.ReadDir(filepath.Join(workDir, "runs"))
	errs = append(errs, err)
	for _, e := range runs {
		if uuid.Validate(e.Name()) == nil {
			remove(filepath.Join(workDir, "runs", e.Name(), "work"))
			remove(filepath.Join(workDir, "runs", e.Name(), bundle.SpansFile+".tmp"))
		}
	}
	return errors.Join(errs...)
}
