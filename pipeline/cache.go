package pipeline

import (
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"sort"
	"time"

	"github.com/zeebo/xxh3"

	"github.com/buildscope/buildscope/model"
)

// Cache keeps the tables of nodes from run to run. The key of a result is a hash
// over the node's code, its settings and the versions of its inputs:
//
//	<dir>/<node>/<key>/meta.json   what the result consists of
//	<dir>/<node>/<key>/*.parquet   its tables
//	<dir>/<node>/<key>/stats-*.json   their statistics, by what was captured
//	<dir>/<node>/<key>/accepted   of an incremental node: see [Cache.Accept]
//	<dir>/<node>/<version>/stats-*.json   those of files that a node reads where they are
//
// A result appears by rename, so a reader never meets half of one. A nil Cache
// keeps nothing.
type Cache struct {
	Dir  string
	Code string // version of the program; part of the key of every Go node
	// Engine is the dialect of the engine that runs the SQL nodes, part of their keys;
	// "" for the embedded one.
	Engine string
	Keep   int // results kept per node, newest first; 0 means 2
}

// cacheMeta is meta.json.
type cacheMeta struct {
	Parts  []KeyPart           `json:"parts"` // of the key
	Tables []cacheTable        `json:"tables"`
	Query  *model.QueryProfile `json:"query,omitempty"`
	Growth *growthMeta         `json:"growth,omitempty"` // of an incremental node
}

type cacheTable struct {
	Name  string   `json:"name"`
	Files []string `json:"files"` // relative to the result's directory
	Bytes int64    `json:"bytes"`
}

// key hashes everything the result depends on. It is also computed without a
// cache, as the version of what the node produces; ok says that the result may
// be cached. The parts are what was hashed.
func (c *Cache) key(n *Node, in map[string]any) (key string, parts []KeyPart, ok bool) {
	h := xxh3.New()
	part := func(s string) { h.WriteString(s); h.Write([]byte{0x1f}) }
	depends := func(name, value string) { parts = append(parts, KeyPart{name, value}) }
	code := ""
	if c != nil && !n.IsSQL() {
		code = c.Code
	}
	for _, s := range []string{n.Name, n.Version, n.text, code} {
		part(s)
	}
	for _, s := range c.engineOf(n) {
		part(s)
		depends("engine", c.Engine)
	}
	depends("version", n.Version)
	depends("text", n.text)
	depends("program", code)
	names := make([]string, 0, len(n.Settings))
	for k := range n.Settings {
		names = append(names, k)
	}
	sort.Strings(names)
	for _, k := range names {
		part(k + "=" + n.Settings[k])
		depends("setting "+k, n.Settings[k])
	}
	ok = c != nil && n.tabular() && !n.NoCache
	for _, i := range n.inputs {
		part(i.name)
		version := ""
		switch v := in[i.name].(type) {
		case Table:
			version = v.Version
		case Versioned:
			version = v.Version()
		default:
			ok = false
			continue
		}
		part(version)
		depends("input "+i.name, version)
	}
	sum := h.Sum128().Bytes()
	return hex.EncodeToString(sum[:]), parts, ok
}

// engineOf is what the result of a node has from the engine that ran it: another one,
// or the text that it takes, may give other rows.
func (c *Cache) engineOf(n *Node) []string {
	if c == nil || c.Engine == "" || !n.IsSQL() || n.Local {
		return nil
	}
	return []string{c.Engine + "\x1e" + n.Dialects[c.Engine]}
}

func (c *Cache) path(node, key string) string { return filepath.Join(c.Dir, node, key) }

// scratch is where a result is made before it is stored.
func (c *Cache) scratch(node, key string) string {
	return filepath.Join(c.Dir, node, fmt.Sprintf(".%s.%d.%d", key, os.Getpid(), time.Now().UnixNano()))
}

// load fills n from a stored result. Anything that does not fit is a miss.
func (c *Cache) load(n *NodeRun, key string) bool {
	m, ok := c.meta(n.Node.Name, key)
	if !ok {
		return false
	}
	tables, ok := c.open(n.Node.Name, key, m)
	if !ok {
		return false
	}
	n.Tables, n.Query = tables, m.Query
	used(c.path(n.Node.Name, key))
	return true
}

// meta reads what a stored result consists of.
func (c *Cache) meta(node, key string) (m cacheMeta, ok bool) {
	data, err := os.ReadFile(filepath.Join(c.path(node, key), "meta.json"))
	return m, err == nil && json.Unmarshal(data, &m) == nil
}

// open opens the tables of a stored result.
func (c *Cache) open(node, key string, m cacheMeta) (tables []Table, ok bool) {
	dir := c.path(node, key)
	for _, ct := range m.Tables {
		files := make([]string, len(ct.Files))
		for i, f := range ct.Files {
			files[i] = filepath.Join(dir, f)
		}
		t, err := OpenTable(ct.Name, files)
		if err != nil || t.Bytes != ct.Bytes {
			return nil, false
		}
		t.Version = key + "/" + t.Name
		tables = append(tables, t)
	}
	return tables, true
}

// used makes a result the newest of its node, also when the clock was set back since the
// others were used: the age of the folder decides what is kept. A failure costs that the
// result is made again later.
func used(dir string) {
	at := time.Now()
	others, _ := os.ReadDir(filepath.Dir(dir))
	for _, e := range others {
		if info, err := e.Info(); err == nil && e.Name() != filepath.Base(dir) && !info.ModTime().Before(at) {
			at = info.ModTime().Add(time.Millisecond)
		}
	}
	_ = os.Chtimes(dir, at, at)
}

// store moves a finished result from scratch to its place.
func (c *Cache) store(n *NodeRun, key, scratch string, m cacheMeta) error {
	m.Query = n.Query
	for _, t := range n.Tables {
		ct := cacheTable{Name: t.Name, Bytes: t.Bytes}
		for _, f := range t.Files {
			rel, err := filepath.Rel(scratch, f)
			if err != nil {
				return fmt.Errorf("cache the result of %s: %w", n.Node.Name, err)
			}
			ct.Files = append(ct.Files, rel)
		}
		m.Tables = append(m.Tables, ct)
	}
	data, err := json.Marshal(m)
	if err != nil {
		return fmt.Errorf("cache the result of %s: %w", n.Node.Name, err)
	}
	if err := os.WriteFile(filepath.Join(scratch, "meta.json"), data, 0o644); err != nil {
		return fmt.Errorf("cache the result of %s: %w", n.Node.Name, err)
	}
	dir := c.path(n.Node.Name, key)
	if err := os.Rename(scratch, dir); err != nil {
		// A damaged older result of the same key is in the way.
		if err := errors.Join(os.RemoveAll(dir), os.Rename(scratch, dir)); err != nil {
			return fmt.Errorf("cache the result of %s: %w", n.Node.Name, err)
		}
	}
	used(dir)
	for i := range n.Tables {
		for j, f := range m.Tables[i].Files {
			n.Tables[i].Files[j] = filepath.Join(dir, f)
		}
	}
	return nil
}

// Prune removes all but the newest results of each node, and what crashed runs
// left behind. The result that the next run of an incremental node adds to stays,
// whatever its age. Only the holder of the work directory's lock may call it.
func (c *Cache) Prune() error {
	keep := c.Keep
	if keep == 0 {
		keep = 2
	}
	nodes, err := os.ReadDir(c.Dir)
	if err != nil {
		return fmt.Errorf("prune the result cache: %w", err)
	}
	var errs []error
	for _, node := range nodes {
		dir := filepath.Join(c.Dir, node.Name())
		entries, err := os.ReadDir(dir)
		errs = append(errs, err)
		type result struct {
			path string
			used time.Time
		}
		var results []result
		for _, e := range entries {
			info, err := e.Info()
			if err != nil {
				continue // removed meanwhile
			}
			path := filepath.Join(dir, e.Name())
			if e.Name()[0] == '.' {
				errs = append(errs, os.RemoveAll(path))
				continue
			}
			results = append(results, result{path, info.ModTime()})
		}
		sort.Slice(results, func(i, j int) bool { return results[i].used.After(results[j].used) })
		base := ""
		if len(results) > keep {
			if accepted := c.accepted(node.Name()); len(accepted) > 0 {
				base = accepted[0].key
			}
		}
		for i := keep; i < len(results); i++ {
			if filepath.Base(results[i].path) == base {
				continue
			}
			errs = append(errs, os.RemoveAll(results[i].path))
		}
	}
	return errors.Join(errs...)
}
