package pipeline

import (
	"cmp"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strconv"

	"github.com/buildscope/buildscope/model"
	"github.com/buildscope/buildscope/model/wholefile"
)

// acceptedFile is in the directory of a result that later runs may add to. It holds
// a number: the result with the highest one is the latest.
const acceptedFile = "accepted"

// storedResult is a result of an incremental node that was accepted.
type storedResult struct {
	key    string
	number int64
	meta   cacheMeta
	table  Table // opened only where its rows are kept
}

// accepted lists the accepted results of a node, the latest first. What cannot be
// read is none.
func (c *Cache) accepted(node string) []storedResult {
	entries, err := os.ReadDir(filepath.Join(c.Dir, node))
	if err != nil {
		return nil
	}
	var results []storedResult
	for _, e := range entries {
		data, err := os.ReadFile(filepath.Join(c.Dir, node, e.Name(), acceptedFile))
		if err != nil {
			continue
		}
		r := storedResult{key: e.Name()}
		if r.number, err = strconv.ParseInt(string(data), 10, 64); err != nil {
			continue
		}
		if m, ok := c.meta(node, r.key); ok && m.Growth != nil {
			r.meta = m
			results = append(results, r)
		}
	}
	slices.SortFunc(results, func(a, b storedResult) int { return cmp.Compare(b.number, a.number) })
	return results
}

// grew reports whether there is any result that a run could add to, had it been
// accepted.
func (c *Cache) grew(node string) bool {
	entries, err := os.ReadDir(filepath.Join(c.Dir, node))
	return err == nil && slices.ContainsFunc(entries, func(e os.DirEntry) bool {
		m, ok := c.meta(node, e.Name())
		return ok && m.Growth != nil && e.Name()[0] != '.'
	})
}

// Accept marks the results of a run's incremental nodes as those that later runs add
// to. It is for runs that have succeeded, tests of the data included: what a failed
// one has computed is taken again where nothing has changed, but nothing is added to
// it, or rows that a test has found would stay for good.
func (c *Cache) Accept(r *Result) error {
	var errs []error
	for _, n := range r.Nodes {
		ended := n.Execution.State == model.NodeSucceeded || n.Execution.State == model.NodeCached
		if n.Node.Incremental == nil || !ended || n.Execution.Cache == model.CacheOff {
			continue
		}
		number := int64(1)
		if results := c.accepted(n.Node.Name); len(results) > 0 {
			if results[0].key == n.Key {
				continue
			}
			number += results[0].number
		}
		if err := wholefile.Write(filepath.Join(c.path(n.Node.Name, n.Key), acceptedFile), []byte(strconv.FormatInt(number, 10)), 0o644); err != nil {
			errs = append(errs, fmt.Errorf("keep the rows of %s for the next build: %w", n.Node.Name, err))
		}
	}
	return errors.Join(errs...)
}
