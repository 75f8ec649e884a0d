package pipeline

import (
	"context"
	"encoding/hex"
	"errors"
	"fmt"
	"runtime/debug"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/zeebo/xxh3"

	"github.com/buildscope/buildscope/model"
	"github.com/buildscope/buildscope/pipeline/capture"
)

// Capture says which statistics of tables are captured. What a Go node writes is
// counted batch by batch as it passes; what else there is, read back from its
// files, column by column, by workers that no node needs.
type Capture struct {
	capture.Options
	// Version names what Hide hides, and whatever else changes the figures. Figures
	// of another version, or of other limits, are never taken from the cache.
	Version string
}

// key is what captured figures depend on beside the table.
func (c *Capture) key() string {
	sum := xxh3.HashString128(fmt.Sprint(c.MaxListLength, c.MaxDictLength, c.Quantiles, c.Sketches, c.SampleRows, "\x1f", c.Version)).Bytes()
	return hex.EncodeToString(sum[:])
}

// captureJob is one node that has ended and some of whose tables must be read back.
// The worker that reads its last column finishes the node.
type captureJob struct {
	ctx    context.Context // of the node, for hooks
	node   *NodeRun
	tables []*tableRead
	left   atomic.Int64 // columns
	faults atomic.Int64 // columns without figures
}

// tableRead is a table that is read back.
type tableRead struct {
	table   Table
	options capture.Options
	stats   *model.TableStats // each column is written by its own worker
	left    atomic.Int64      // columns; whoever counts the last one closes the reader
	spent   atomic.Int64      // nanoseconds

	once   sync.Once
	reader *capture.Reader
	err    error // of opening
}

// captureUnit is one column to read.
type captureUnit struct {
	job    *captureJob
	table  *tableRead
	column int
}

// capture takes the statistics that are there when a node has ended, and returns a
// job when there is more to read. Without one the node is finished here.
func (d *driver) capture(ctx context.Context, n *NodeRun) *captureJob {
	job := &captureJob{ctx: ctx, node: n}
	ended := n.Execution.State == model.NodeSucceeded || n.Execution.State == model.NodeCached
	if d.opts.Capture == nil || !ended || d.opts.Cache.loadStats(n, d.opts.Capture.key()) {
		d.hooks.afterCapture(ctx, n)
		return nil
	}
	n.Stats = make([]model.TableStats, len(n.Tables))
	for i, t := range n.Tables {
		if t.stats != nil {
			n.Stats[i] = *t.stats
			job.faults.Add(t.faults)
			continue
		}
		columns := t.Schema.NumFields()
		if t.objects > 0 {
			n.Stats[i] = elsewhere(t)
			continue
		}
		n.Stats[i] = model.TableStats{Rows: t.Rows, Bytes: t.Bytes, Files: len(t.Files), Columns: make([]model.ColumnStats, columns)}
		if columns > 0 {
			read := &tableRead{table: t, options: d.opts.Capture.Options, stats: &n.Stats[i]}
			read.left.Store(int64(columns))
			job.left.Add(int64(columns))
			job.tables = append(job.tables, read)
		}
	}
	if job.tables == nil {
		d.finishCapture(job)
		return nil
	}
	return job
}

// elsewhere is what is known of a table in an object store. To count its values would
// fetch files that no query of the build needs.
func elsewhere(t Table) model.TableStats {
	s := model.TableStats{Rows: t.Rows, Bytes: t.Bytes, Files: t.objects, Columns: make([]model.ColumnStats, t.Schema.NumFields())}
	for i := range s.Columns {
		s.Columns[i] = capture.UncountedColumn(i, t.Schema.Field(i), t.Rows, "not counted: the table is in an object store; what reads it is counted")
	}
	return s
}

// units are the columns of a job.
func (j *captureJob) units() []captureUnit {
	var units []captureUnit
	for _, t := range j.tables {
		for i := range t.stats.Columns {
			units = append(units, captureUnit{j, t, i})
		}
	}
	return units
}

// lanes is how many columns may be read at the same time: as many as there are
// workers without a node. One is read beside the nodes also when all workers have
// one, because hardly a node keeps its processor busy all the time; but a run that
// does one thing at a time does not.
func (d *driver) lanes() int {
	spare := d.opts.Workers - d.running
	if d.opts.Workers > 1 {
		return max(1, spare)
	}
	return spare
}

// startCapture reads the next column in a goroutine of its own.
func (d *driver) startCapture(ctx context.Context) {
	u := d.units[0]
	d.units = d.units[1:]
	d.capturing++
	go func() {
		d.readUnit(ctx, u)
		if u.job.left.Add(-1) == 0 {
			d.finishCapture(u.job)
		}
		d.captured <- struct{}{}
	}()
}

// readUnit fills in one column, with figures or with the reason why there are none.
func (d *driver) readUnit(ctx context.Context, u captureUnit) {
	start := time.Now()
	column, err := u.read(ctx)
	if err != nil {
		column = capture.UncountedColumn(u.column, u.table.table.Schema.Field(u.column), u.table.table.Rows, captureReason(err))
		u.job.faults.Add(1)
		if ctx.Err() == nil {
			d.captureFailed(u.job.node, u.table.table.Name, 1, err)
		}
	}
	u.table.stats.Columns[u.column] = column
	u.table.spent.Add(int64(time.Since(start)))
	if u.table.left.Add(-1) == 0 {
		u.table.stats.SpentNS = u.table.spent.Load()
		if u.table.reader != nil {
			_ = u.table.reader.Close() // it was only read
		}
	}
}

func (u captureUnit) read(ctx context.Context) (c model.ColumnStats, err error) {
	defer recoverTo(&err)
	if err := ctx.Err(); err != nil {
		return c, err
	}
	u.table.once.Do(func() {
		defer recoverTo(&u.table.err)
		u.table.reader, u.table.err = capture.Open(u.table.table.Files, u.table.options)
	})
	if u.table.err != nil {
		return c, u.table.err
	}
	return u.table.reader.Column(ctx, u.column)
}

// recoverTo makes a panic the error of a function that defers it.
func recoverTo(err *error) {
	if v := recover(); v != nil {
		*err = fmt.Errorf("panic: %v\n%s", v, debug.Stack())
	}
}

// captureReason says in one line why there are no figures.
func captureReason(err error) string {
	if errors.Is(err, context.Canceled) || errors.Is(err, context.DeadlineExceeded) {
		return "not counted: the run was cancelled before"
	}
	return "not counted: " + strings.SplitN(err.Error(), "\n", 2)[0]
}

// captureFailed reports that columns of a table have no figures. It never fails
// the build.
func (d *driver) captureFailed(n *NodeRun, table string, columns int64, err error) {
	d.failures.Add(columns)
	d.opts.Logger.Error("capture statistics", "node", n.Node.Name, "table", table, "error", err.Error())
}

// finishCapture names the tables, keeps their statistics beside the cached result,
// and tells the hooks.
func (d *driver) finishCapture(j *captureJob) {
	n := j.node
	for i, t := range n.Tables {
		n.Stats[i].Table, n.Stats[i].Node = t.Name, n.Node.Name
	}
	if j.faults.Load() == 0 {
		if err := d.opts.Cache.storeStats(n, d.opts.Capture.key()); err != nil {
			d.opts.Logger.Warn("keep the statistics", "node", n.Node.Name, "error", err.Error())
		}
	}
	d.hooks.afterCapture(j.ctx, n)
}
