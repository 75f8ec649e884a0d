package sailtest

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"sync"
)

const release = "pysail==0.7.2"

// install gives the folder of Python packages that Sail is in. It is there from then on
// for all test processes of this machine, which may come here at the same time: each
// installs into a folder of its own, and the first that is done gives it its name.
var install = sync.OnceValues(func() (_ string, err error) {
	packages := filepath.Join(os.TempDir(), "buildscope-test-"+release)
	if _, err := os.Stat(packages); err == nil {
		return packages, nil
	}
	dir, err := os.MkdirTemp("", "buildscope-test-sail-")
	if err != nil {
		return "", err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(dir)) }()
	venv, fresh := filepath.Join(dir, "venv"), filepath.Join(dir, "packages")
	for _, c := range [][]string{{"python3", "-m", "venv", venv},
		{filepath.Join(venv, "bin", "python"), "-m", "pip", "-q", "install", "--target", fresh, release}} {
		if out, err := exec.Command(c[0], c[1:]...).CombinedOutput(); err != nil {
			return "", fmt.Errorf("%v: %w\n%s", c, err, out)
		}
	}
	if err := os.Rename(fresh, packages); err != nil {
		if _, other := os.Stat(packages); other != nil {
			return "", err
		}
	}
	return packages, nil
})
