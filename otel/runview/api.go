// Package runview keeps one run in memory in a form that viewers can read in
// small windows: a tree of planned nodes and spans with roll-ups, details of one
// row, log lines. One goroutine writes, any number read. It knows no terminal:
// widths, colours and cursors belong to the viewer.
package runview

import (
	"time"

	"github.com/buildscope/buildscope/model"
)

// RowID names a row for the life of a DB: a planned node, or a span. 0 is no row.
type RowID int32

// Header is the run at a glance.
type Header struct {
	Started, Ended time.Time // zero until known; Ended of the root span
	States         [7]int    // planned nodes by model.NodeState
	Nodes          int       // planned nodes
	Spans          int64     // spans seen, node spans included
	Running        int64     // spans that have not ended
	Failed         int64     // spans with status error
	SampledOut     int64     // ended spans that exporters never saw
	Dropped        int64     // span records the log could not keep
	Rows, Bytes    int64     // produced by nodes so far
	Version        uint64
}

// Row is one line of the tree, copied out of the DB.
type Row struct {
	ID         RowID
	Parent     RowID
	Depth      int    // 0 for nodes; the root span is not a row
	Name       string // of the node or the span; the span of a file is named after the file
	Kind       string // node kind, or "span"
	Node       bool   // a node; else a span
	State      model.NodeState
	Start, End int64 // unix nanoseconds, 0 when not yet
	Ready      int64 // unix nanoseconds: when the inputs of a node were there; 0 when not yet or not known
	Rows       int64
	Bytes      int64
	Children   int  // direct children
	Running    int  // descendants that run
	Failed     int  // descendants that failed
	Open       bool // children follow in the window's order
	Critical   bool // on the estimated critical path
	Progress   Progress
	Error      string // first line of the error, at its origin only; Detail.Message has all of it
	BlockedBy  string // the failed node that kept this node from running
	Computed   string // of an incremental model: whole and why, or how many rows are new
	Subject    string // what a span is about, when it says so: the path of its file
	Self       int64  // nanoseconds in which nothing directly below ran; -1 when not known. Only with Query.Self
	Cover      *Cover // where these are; nil when not known, or nothing is below. Only with Query.Self
	Version    uint64 // changes whenever any other field changes but Ready, Self and Cover
}

// Progress is how far a running node is; Total 0 when not known.
type Progress struct {
	Done, Total int64
	Unit        string
}

// SortKey orders siblings.
type SortKey uint8

const (
	SortPlan     SortKey = iota // execution order, then start time
	SortDuration                // longest first
	SortRows                    // most rows first
	SortName
	SortStart  // earliest first, what has not started last
	SortSelf   // most first
	SortBytes  // most first
	SortErrors // most failures in it and below it first
	SortState  // failures first
	SortKind
)

// Flat asks for a list instead of a tree.
type Flat uint8

const (
	FlatNone  Flat = iota // the tree
	FlatNodes             // the nodes that match, or below which something does
	FlatAll               // nodes and spans that match
)

// Query asks for a window of the tree. With a filter, or in an order other than the
// plan's, the window of a large run may show which rows match, and where they are,
// as it was some moments ago; what the rows tell is always new.
type Query struct {
	Filter Filter         // narrows to rows that match, with their ancestors
	Open   map[RowID]bool // the viewer's own folds; absent rows follow the default rule
	Sort   SortKey
	Back   bool // the other way round; what has no value stays last
	Flat   Flat
	Self   bool // fill in Row.Self and Row.Cover
	Offset int
	Height int
	Now    int64 // unix nanoseconds, for durations of running rows in filters and sorts
}

// Window is the answer to a Query.
type Window struct {
	Rows    []Row
	Offset  int  // as used: clamped into the visible rows
	Total   int  // visible rows
	Hidden  int  // rows the filter hides
	Pending bool // no rows yet: the filter or the order takes a while; a new version follows
	// Counting says that the self time of a row with very many rows below it is not
	// known yet; a new version follows.
	Counting bool
	Version  uint64
}

// Detail is everything known about one row.
type Detail struct {
	Row                         Row
	Plan                        *model.PlanNode // nil for spans below nodes
	Trace                       model.TraceID
	Span                        model.SpanID
	Sampled                     bool
	Status                      model.SpanStatus
	Message                     string // status message
	Attrs                       []model.Attr
	Events                      []model.SpanEvent // without capture events, which are Tables
	Tables                      []model.TableStats
	Query                       Statement
	Parents                     []string // names from the root to the parent
	DroppedAttrs, DroppedEvents int
}

// Statement is what the engine told of the SQL that a row runs: the row itself, or
// the longest of the queries directly below a node.
type Statement struct {
	SQL         string              // "" when the row runs none, or none is known
	Profile     *model.QueryProfile // nil when the engine gave none
	Cut         string              // why the profile that came cannot be read; "" when it can
	Queries     int                 // spans of queries directly below
	FilesListed int64               // files of all inputs before pruning; 0 when unknown
	FilesRead   int64               // files given to the engine
}

// LogQuery asks for a window of log lines.
type LogQuery struct {
	Node     RowID  // only lines of this node or span; 0 means all
	MinLevel string // DEBUG, INFO, WARN or ERROR; "" means all
	Text     string // only lines that contain it in message, node or attributes, case-insensitively
	Offset   int    // first line; negative means the last Height lines
	Height   int
}

// LogWindow is the answer to a LogQuery, oldest line first.
type LogWindow struct {
	Lines   []model.LogRecord
	Offset  int   // as used: clamped into the matching lines
	Total   int   // matching lines
	Dropped int64 // lines that had to make room for newer ones
	Version uint64
}
