package main

import (
	"context"
	"embed"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strconv"
	"strings"

	"github.com/buildscope/buildscope/examples/tpch/gen"
	"github.com/buildscope/buildscope/pipeline/sqlproject"
)

//go:embed project
var project embed.FS

// writeProject writes the models and the data into a folder. Data of the same scale
// and seed that is there already stays, so that a build finds its sources unchanged.
func writeProject(ctx context.Context, dir string, o gen.Options) error {
	if err := writeModels(dir, o.Scale); err != nil {
		return fmt.Errorf("write the project into %s: %w", dir, err)
	}
	made := fmt.Sprintf("scale %v, seed %d\n", o.Scale, o.Seed)
	data := filepath.Join(dir, "data")
	if before, err := os.ReadFile(filepath.Join(data, "made")); err == nil && string(before) == made {
		return nil
	}
	fresh := data + ".tmp"
	if err := os.RemoveAll(fresh); err != nil {
		return fmt.Errorf("remove what an earlier try left: %w", err)
	}
	if err := gen.Write(ctx, fresh, o); err != nil {
		return errors.Join(fmt.Errorf("make the data: %w", err), os.RemoveAll(fresh))
	}
	if err := os.WriteFile(filepath.Join(fresh, "made"), []byte(made), 0o644); err != nil {
		return fmt.Errorf("make the data: %w", err)
	}
	if err := errors.Join(os.RemoveAll(data), os.Rename(fresh, data)); err != nil {
		return fmt.Errorf("put the data in place: %w", err)
	}
	return nil
}

// fraction is the variable of the project that depends on the scale, see clause
// 2.4.11.3 of the specification.
const fraction = `fraction = "0.0001"`

func writeModels(dir string, scale float64) error {
	files, err := fs.Sub(project, "project")
	if err != nil {
		return err
	}
	return fs.WalkDir(files, ".", func(name string, e fs.DirEntry, err error) error {
		to := filepath.Join(dir, filepath.FromSlash(name))
		switch {
		case err != nil:
			return err
		case e.IsDir():
			return os.MkdirAll(to, 0o755)
		}
		text, err := fs.ReadFile(files, name)
		if err != nil {
			return err
		}
		if name == sqlproject.FileName {
			scaled := fmt.Sprintf("fraction = %q", strconv.FormatFloat(0.0001/scale, 'f', -1, 64))
			text = []byte(strings.Replace(string(text), fraction, scaled, 1))
		}
		return os.WriteFile(to, text, 0o644)
	})
}
