package theme

import "github.com/buildscope/buildscope/model"

// Glyphs is a set of one-cell symbols.
type Glyphs struct {
	States                  [7]string  // by model.NodeState
	Open, Closed, Leaf      string     // folds of a tree
	Marker                  string     // stands before the selected line
	Bar                     []string   // parts of one cell from the left, emptiest first, the full cell last
	BarRight                string     // the right half of a cell; "" where there is none
	Spark                   []string   // heights of one cell, lowest first
	Track                   string     // an empty cell of a progress bar
	Separator, Dot          string     // between columns, between words
	Up, Down                string     // sort directions
	Critical                string     // marks a node on the critical path
	Wait, Below             string     // in a bar: ready and not started, taken by what is below
	Before, After           string     // in a bar: all of it is before or after what shows
	Edges, HeavyEdges       [16]string // of a graph, by the Edge bits; heavy ones are on the critical path
	HeavyAcross, HeavyDown  string     // crossings of which only one edge is heavy
	Join                    string     // what looks like a crossing, and is none
	Edited                  string     // marks a changed setting
	Horizontal, Vertical    string     // lines of a frame
	TopLeft, TopRight       string
	BottomLeft, BottomRight string
}

// Edge bits are the sides to which the line in a cell leads.
const (
	EdgeLeft = 1 << iota
	EdgeRight
	EdgeUp
	EdgeDown
	// EdgeJoin says that the lines meet where they would else cross.
	EdgeJoin
)

// edges arranges glyphs by the Edge bits.
func edges(across, down string, leftUp, rightUp, leftDown, rightDown, up, below, left, right, all string) [16]string {
	return [16]string{
		" ", across, across, across, down, leftUp, rightUp, up, down, leftDown, rightDown, below, down, left, right, all,
	}
}

// unicodeGlyphs needs a UTF-8 terminal.
var unicodeGlyphs = Glyphs{
	States: [7]string{
		model.NodePending: "○", model.NodeRunning: "▶", model.NodeSucceeded: "✔", model.NodeCached: "◆",
		model.NodeFailed: "✘", model.NodeBlocked: "⊘", model.NodeCancelled: "◌",
	},
	Open: "▾", Closed: "▸", Leaf: " ", Marker: "▌",
	Bar: []string{"▏", "▎", "▍", "▌", "▋", "▊", "▉", "█"}, BarRight: "▐",
	Spark: []string{"▁", "▂", "▃", "▄", "▅", "▆", "▇", "█"}, Track: "░",
	Separator: "│", Dot: "·", Up: "↑", Down: "↓", Critical: "◂", Edited: "●",
	Wait: "┄", Below: "▒", Before: "‹", After: "›",
	Edges:       edges("─", "│", "╯", "╰", "╮", "╭", "┴", "┬", "┤", "├", "┼"),
	HeavyEdges:  edges("━", "┃", "┛", "┗", "┓", "┏", "┻", "┳", "┫", "┣", "╋"),
	HeavyAcross: "┿", HeavyDown: "╂", Join: "•",
	Horizontal: "─", Vertical: "│", TopLeft: "╭", TopRight: "╮", BottomLeft: "╰", BottomRight: "╯",
}

// asciiGlyphs shows everywhere.
var asciiGlyphs = Glyphs{
	States: [7]string{
		model.NodePending: ".", model.NodeRunning: ">", model.NodeSucceeded: "+", model.NodeCached: "=",
		model.NodeFailed: "x", model.NodeBlocked: "!", model.NodeCancelled: "~",
	},
	Open: "v", Closed: ">", Leaf: " ", Marker: ">",
	Bar:   []string{"|", "#"},
	Spark: []string{"_", ".", ":", "-", "=", "+", "*", "#"}, Track: ".",
	Separator: "|", Dot: "-", Up: "^", Down: "v", Critical: "<", Edited: "*",
	Wait: ".", Below: "-", Before: "<", After: ">",
	Edges:       edges("-", "|", "+", "+", "+", "+", "+", "+", "+", "+", "|"),
	HeavyEdges:  edges("=", "#", "#", "#", "#", "#", "#", "#", "#", "#", "#"),
	HeavyAcross: "=", HeavyDown: "#", Join: "+",
	Horizontal: "-", Vertical: "|", TopLeft: "+", TopRight: "+", BottomLeft: "+", BottomRight: "+",
}

// State is the glyph of a node's state.
func (g *Glyphs) State(s model.NodeState) string {
	if int(s) < len(g.States) {
		return g.States[s]
	}
	return "?"
}
