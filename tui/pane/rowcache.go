package pane

import (
	"strconv"
	"time"

	"github.com/buildscope/buildscope/model"
	"github.com/buildscope/buildscope/otel/runview"
	"github.com/buildscope/buildscope/tui/theme"
	"github.com/buildscope/buildscope/tui/ui"
)

// rowKey is everything that a drawn row depends on beside the width; a change
// of width empties the cache.
type rowKey struct {
	id      runview.RowID
	version uint64
	theme   *theme.Theme
	axis    int64
	from    int64 // where the axis begins
	ready   int64
	self    int64
	view    View
	mark    uint8 // 0 not selected, 1 selected, 2 selected and focused
	open    bool
}

// rowCacheLimit bounds the cache: a few screens of rows.
const rowCacheLimit = 2048

// rowCache keeps drawn rows. The zero value is empty.
type rowCache struct{ rows map[rowKey]string }

func (c *rowCache) get(k rowKey) (string, bool) {
	s, ok := c.rows[k]
	return s, ok
}

func (c *rowCache) put(k rowKey, s string) {
	if c.rows == nil || len(c.rows) >= rowCacheLimit {
		c.rows = make(map[rowKey]string, 256)
	}
	c.rows[k] = s
}

func (c *rowCache) clear() { c.rows = nil }

// durationText is a number of nanoseconds for people.
func durationText(ns int64) string { return ui.Duration(time.Duration(ns)) }

// rowTime is how long a row took, or has taken so far.
func rowTime(r *runview.Row, now int64) string {
	switch {
	case r.Start == 0 || r.State == model.NodeCached:
		return ""
	case r.End != 0:
		return durationText(max(r.End-r.Start, 0))
	case r.State == model.NodeRunning && now-r.Start < 59*1e9:
		return strconv.FormatFloat(float64(max(now-r.Start, 0)/1e8)/10, 'f', 1, 64) + "s"
	case r.State == model.NodeRunning:
		return durationText(now - r.Start)
	}
	return ""
}
