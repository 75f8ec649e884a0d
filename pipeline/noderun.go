package pipeline

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"reflect"
	"runtime/debug"

	"github.com/apache/arrow-go/v18/arrow/memory"
	"github.com/apache/arrow-go/v18/parquet/file"
	"github.com/apache/arrow-go/v18/parquet/pqarrow"

	"github.com/buildscope/buildscope/model"
)

// runNode runs one node, or takes its result from the cache, and fills n. It
// returns the statistics that remain to be captured; nil when there are none.
func (d *driver) runNode(ctx context.Context, n *NodeRun, in map[string]any) *captureJob {
	n.Execution.Start = d.now().UnixNano()
	n.Execution.State = model.NodeRunning
	ctx = d.hooks.beforeNode(ctx, n)
	state := d.produce(ctx, n, in)
	if n.Err == nil {
		// Not in produce: what the test found stays in the cache, and fails again from there.
		if n.Err = d.judge(ctx, n); n.Err != nil {
			state = model.NodeFailed
		}
	}
	for _, t := range n.Tables {
		n.Execution.Rows += t.Rows
		n.Execution.Bytes += t.Bytes
	}
	if n.Err != nil {
		n.Tables, n.Value = nil, nil
		n.Err, n.Stack = d.opts.Redact.error(n.Err), d.opts.Redact.text(n.Stack)
		n.Execution.Error = n.Err.Error()
	}
	n.Execution.State = state
	n.Execution.End = d.now().UnixNano()
	d.hooks.afterNode(ctx, n)
	return d.capture(ctx, n)
}

func (d *driver) produce(ctx context.Context, n *NodeRun, in map[string]any) model.NodeState {
	key, parts, cacheable := d.opts.Cache.key(n.Node, in)
	var g *growth
	if n.Node.Incremental != nil {
		g = d.growth(n.Node, key, parts, cacheable)
		key = g.key()
	}
	n.Key = key
	if cacheable {
		n.Execution.Cache = model.CacheMiss
		if !g.forced() && d.opts.Cache.load(n, key) {
			n.Execution.Cache = model.CacheHit
			return model.NodeCached
		}
	}
	dir := filepath.Join(d.opts.Dir, n.Node.Name)
	if cacheable {
		dir = d.opts.Cache.scratch(n.Node.Name, key)
	}
	n.Err = d.execute(ctx, n, in, dir, g)
	meta := cacheMeta{Parts: parts}
	if g != nil { // whether rows of an earlier result could be kept is known only now
		key = g.key()
		n.Key, meta.Parts, meta.Growth = key, append(parts, g.part()), g.meta()
	}
	for i := range n.Tables {
		if n.Node.NoCache && n.Tables[i].Version != "" {
			continue // the node knows the version of what it read
		}
		n.Tables[i].Version = key + "/" + n.Tables[i].Name
		if n.Node.NoCache && n.Err == nil {
			// The key does not tell what it depends on, so its readers go by what it is.
			n.Tables[i].Version, n.Err = contentVersion(ctx, n.Tables[i], d.opts.Workers)
		}
	}
	if n.Err == nil && cacheable {
		for i := range meta.Parts {
			meta.Parts[i].Value = d.opts.Redact.text(meta.Parts[i].Value)
		}
		n.Err = d.opts.Cache.store(n, key, dir, meta)
	}
	if n.Err == nil {
		return model.NodeSucceeded
	}
	if err := os.RemoveAll(dir); err != nil {
		n.Err = errors.Join(n.Err, err)
	}
	// A node that stops because it was told to has not failed.
	if ctx.Err() != nil && (errors.Is(n.Err, ctx.Err()) || errors.Is(n.Err, context.Canceled)) {
		return model.NodeCancelled
	}
	return model.NodeFailed
}

// execute runs the node's own code; a panic becomes the node's error.
func (d *driver) execute(ctx context.Context, n *NodeRun, in map[string]any, dir string, g *growth) (err error) {
	defer func() {
		if v := recover(); v != nil {
			n.Stack = string(debug.Stack())
			err = fmt.Errorf("panic: %v", v)
		}
	}()
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return fmt.Errorf("make the node's directory: %w", err)
	}
	switch {
	case g != nil:
		return d.grow(ctx, n, in, dir, g)
	case n.Node.IsSQL():
		n.Tables, err = d.executeSQL(ctx, n, in, n.Node.text, filepath.Join(dir, n.Node.Name+".parquet"))
		return err
	}
	t := &Task{run: n, driver: d, ctx: ctx, hooks: d.hooks, dir: dir, workers: d.opts.Workers, spans: d.opts.ChildSpans, logger: d.opts.Logger.With("node", n.Node.Name)}
	args := []reflect.Value{reflect.ValueOf(ctx), reflect.ValueOf(t)}
	if n.Node.in != nil {
		arg := reflect.New(n.Node.in).Elem()
		for _, i := range n.Node.inputs {
			arg.Field(i.field).Set(reflect.ValueOf(in[i.name]))
		}
		args = append(args, arg)
	}
	out := n.Node.fn.Call(args)
	if err, _ := out[1].Interface().(error); err != nil {
		return err
	}
	return n.take(out[0].Interface())
}

// take sorts a function's result into tables and values.
func (n *NodeRun) take(v any) error {
	switch v := v.(type) {
	case Table:
		v.Name = n.Node.Name
		n.Tables = []Table{v}
	case Tables:
		for _, name := range n.Node.Spec.Outputs {
			t, ok := v[name]
			if !ok {
				return fmt.Errorf("returned no table %s, which its Spec names", name)
			}
			t.Name = name
			n.Tables = append(n.Tables, t)
		}
	default:
		n.Value = v
	}
	return nil
}

// executeSQL runs a text over the node's inputs, and gives the node's table that it
// has written to path, or beside it.
func (d *driver) executeSQL(ctx context.Context, n *NodeRun, in map[string]any, text, path string) ([]Table, error) {
	q := model.Query{Node: n.Node.Name, SQL: text, Dialects: n.Node.Dialects, Local: n.Node.Local, Profile: d.opts.KeepProfiles, Path: path}
	for _, i := range n.Node.inputs {
		q.Inputs = append(q.Inputs, model.QueryInput{Name: i.name, Files: in[i.name].(Table).Files})
	}
	res, err := d.opts.Engine.Materialize(ctx, q)
	if err != nil {
		return nil, err
	}
	n.Query = d.opts.Redact.profile(res.Profile)
	t, err := OpenTable(n.Node.Name, res.Files)
	return []Table{t}, err
}

// OpenTable makes a table of Parquet files that are there; schema, rows and bytes
// are from their footers.
func OpenTable(name string, files []string) (Table, error) {
	t := Table{Name: name, Files: files}
	for _, path := range files {
		r, err := file.OpenParquetFile(path, false)
		if err != nil {
			return Table{}, fmt.Errorf("open table %s: %w", name, err)
		}
		fr, err := pqarrow.NewFileReader(r, pqarrow.ArrowReadProperties{}, memory.DefaultAllocator)
		if err == nil {
			t.Schema, err = fr.Schema()
		}
		t.Rows += r.NumRows()
		if err := errors.Join(err, r.Close()); err != nil {
			return Table{}, fmt.Errorf("read the footer of %s: %w", path, err)
		}
		info, err := os.Stat(path)
		if err != nil {
			return Table{}, fmt.Errorf("open table %s: %w", name, err)
		}
		t.Bytes += info.Size()
	}
	return t, nil
}
