package build

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"github.com/google/uuid"

	"github.com/buildscope/buildscope/model/wholefile"
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
		if e.IsDir() && uuid.Validate(e.Name()) == nil { // a link may lead to what is no bundle
			dir := filepath.Join(workDir, "runs", e.Name())
			remove(filepath.Join(dir, "work"))
			for _, half := range halfFiles(dir) {
				remove(half)
			}
		}
	}
	return errors.Join(errs...)
}

// halfFiles are the files of a bundle that were still being written. A folder that
// cannot be read has none that could be removed.
func halfFiles(dir string) (paths []string) {
	for _, folder := range []string{dir, filepath.Join(dir, "artifacts")} {
		list, _ := os.ReadDir(folder)
		for _, e := range list {
			if strings.HasSuffix(e.Name(), wholefile.Half) && e.Type().IsRegular() {
				paths = append(paths, filepath.Join(folder, e.Name()))
			}
		}
	}
	return paths
}
