package pane

import (
	"strconv"

	"github.com/buildscope/buildscope/model"
	"github.com/buildscope/buildscope/tui/ui"
)

// Why lists what the time of the run went into, the costliest cause first. Each
// cause is a block of lines; the cursor moves from block to block.
type Why struct {
	box
	facts  *model.WhySlowPayload // nil: not known; never changed
	live   bool                  // the run goes on
	empty  string                // shown instead of no causes
	at     int                   // the selected cause
	top    int                   // first visible line
	blocks []whyBlock            // laid out for a width; nil when they must be again
}

// whyBlock is a cause, or the note about what was not measured, without colours.
type whyBlock struct {
	first int // line in the pane's whole text
	text  []string
	after string // what would change it
}

// height is the number of lines of a block, the empty one after it included.
func (b whyBlock) height() int {
	n := 1 + len(b.text) + 1
	if b.after != "" {
		n++
	}
	return n
}

// NewWhy gives a pane that knows nothing yet.
func NewWhy() *Why { return &Why{} }

// Show shows what is known, or why nothing is. While the build goes on causes
// overtake each other: the cursor stays on its cause, or at the top if it is there.
func (p *Why) Show(facts *model.WhySlowPayload, live bool, empty string) {
	p.live, p.empty = live, empty
	if facts == p.facts {
		return
	}
	was, had := p.Current()
	p.facts, p.blocks = facts, nil
	for i, c := range p.causes() {
		if had && p.at > 0 && c.Kind == was.Kind && c.Node == was.Node && c.Setting == was.Setting {
			p.at = i
			break
		}
	}
	p.Move(0)
}

func (p *Why) causes() []model.Cause {
	if p.facts == nil {
		return nil
	}
	return p.facts.Causes
}

// Current is the selected cause.
func (p *Why) Current() (model.Cause, bool) {
	if list := p.causes(); p.at < len(list) {
		return list[p.at], true
	}
	return model.Cause{}, false
}

// whyNames are the kinds of causes in plain words.
var whyNames = map[model.CauseKind]string{
	model.CausePath:        "on the critical path",
	model.CauseSlower:      "slower than usual",
	model.CauseSkew:        "one part is left over",
	model.CauseParallelism: "CPUs not used",
	model.CauseWorkers:     "waiting for a worker",
	model.CauseSpill:       "memory was too small",
	model.CauseStatistics:  "files not looked into",
	model.CauseEngineCache: "cache limit",
	model.CauseResultCache: "result cache off",
	model.CauseCapture:     "statistics of tables",
	model.CauseTelemetry:   "sending telemetry",
}

func whyName(c model.Cause) string {
	if name, ok := whyNames[c.Kind]; ok {
		return name
	}
	return ui.Clean(string(c.Kind)) // of another version
}

// lay breaks the texts to the width. Causes may be many, and their texts long: that
// is done once for each change, not for each frame.
func (p *Why) lay() []whyBlock {
	if p.blocks != nil || p.facts == nil {
		return p.blocks
	}
	p.blocks = []whyBlock{}
	line := 0
	add := func(b whyBlock) {
		b.first = line
		line += b.height()
		p.blocks = append(p.blocks, b)
	}
	for _, c := range p.facts.Causes {
		b := whyBlock{text: ui.Wrap(ui.Clean(c.Text), max(p.w-whyIndent-1, 8))}
		if c.Node != "" && ui.Width(whyName(c))+ui.Width(ui.Clean(c.Node))+3 > p.w-whyName0 { // the head has no room for it
			b.after = "node: " + ui.Clean(c.Node) + "  "
		}
		if c.Setting != "" {
			b.after += "setting: " + ui.Clean(c.Setting)
		}
		add(b)
	}
	if len(p.facts.NotMeasured) > 0 {
		b := whyBlock{}
		for _, s := range p.facts.NotMeasured {
			b.text = append(b.text, ui.Wrap(ui.Clean(s), max(p.w-whyIndent-1, 8))...)
		}
		add(b)
	}
	return p.blocks
}

// whyIndent is where the text of a cause begins: under its time.
const whyIndent = 5

// Title names the pane.
func (p *Why) Title() string {
	if p.live {
		return "Why slow, so far"
	}
	return "Why slow"
}

// Status tells which cause is selected.
func (p *Why) Status() string {
	n := len(p.causes())
	switch {
	case n == 0:
		return ""
	case p.at >= n:
		return strconv.Itoa(n) + " causes"
	}
	return strconv.Itoa(p.at+1) + " of " + strconv.Itoa(n) + " causes; costs overlap"
}

// SetSize gives the size of the inside.
func (p *Why) SetSize(w, h int) {
	if w != p.w {
		p.blocks = nil
	}
	p.box.SetSize(w, h)
	p.Move(0)
}

// Move moves the cursor by a number of causes, and brings the selected one into view:
// from its beginning on, when it is higher than the pane.
func (p *Why) Move(n int) {
	blocks := p.lay()
	if len(blocks) == 0 {
		p.at, p.top = 0, 0
		return
	}
	p.at = min(max(p.at+n, 0), len(blocks)-1)
	b, last := blocks[p.at], blocks[len(blocks)-1]
	p.top = max(p.top, b.first+b.height()-1-p.h)
	p.top = min(p.top, b.first, max(last.first+last.height()-1-p.h, 0))
}

// Click selects the cause on a line of the inside.
func (p *Why) Click(line int) {
	for i, b := range p.lay() {
		if at := p.top + line; at >= b.first && at < b.first+b.height() {
			p.at = i
			p.Move(0)
			return
		}
	}
}

// Side does nothing: all of the text is broken to the width.
func (p *Why) Side(int) {}

// Lines draws the visible part of the list.
func (p *Why) Lines(k Look) []string {
	if p.facts == nil {
		return p.note(k.Theme.Dim, p.empty)
	}
	lines := make([]string, 0, p.h)
	if len(p.causes()) == 0 {
		lines = append(lines, ui.NewLine(p.w, 0).Gap(1).Text("Nothing stands out.").String(), ui.Blank(p.w))
	}
	blocks := p.lay()
	for i := 0; i < len(blocks) && len(lines) < p.h; i++ {
		if blocks[i].first+blocks[i].height() > p.top {
			lines = p.block(k, lines, i, blocks[i])
		}
	}
	return p.fill(lines)
}

// block appends those lines of a block that are below the top of the view.
func (p *Why) block(k Look, lines []string, i int, b whyBlock) []string {
	line := func(at int, draw func(*ui.Line)) {
		if b.first+at < p.top || len(lines) >= p.h {
			return
		}
		l := ui.NewLine(p.w, 0).Text(k.marker(i == p.at))
		draw(l)
		lines = append(lines, l.String())
	}
	if i < len(p.causes()) {
		line(0, func(l *ui.Line) { p.head(k, l, i) })
	} else {
		line(0, func(l *ui.Line) { l.Gap(whyIndent-1).Add(k.Theme.Dim, "Not measured") })
	}
	for n, s := range b.text {
		line(1+n, func(l *ui.Line) { l.Gap(whyIndent-1).Add(k.Theme.Text, s) })
	}
	if b.after != "" {
		line(1+len(b.text), func(l *ui.Line) { l.Gap(whyIndent-1).Add(k.Theme.Accent, b.after) })
	}
	if b.first+b.height()-1 >= p.top && len(lines) < p.h {
		lines = append(lines, ui.Blank(p.w))
	}
	return lines
}

// whyBar is the width of the bar that shows the share of a cause, and whyName0 the
// cell in which its name begins.
const (
	whyBar   = 10
	whyName0 = whyIndent + 7 + 1 + whyBar + 1 + 4 + 2
)

// head draws the first line of a cause: rank, cost, its share of the build, what it
// is, and where.
func (p *Why) head(k Look, l *ui.Line, i int) {
	c, th := p.facts.Causes[i], k.Theme
	if i == p.at {
		l.Over(k.selected())
	}
	cost, bar, share := "-", ui.Blank(whyBar), "   -"
	if c.CostNS > 0 {
		cost, share = durationText(c.CostNS), ui.FitRight(ui.Percent(c.CostNS, p.facts.WallNS), 4)
		bar = ui.Gantt(&th.Glyphs, 0, min(c.CostNS, p.facts.WallNS), p.facts.WallNS, whyBar)
	}
	l.Add(th.Dim, ui.FitRight(strconv.Itoa(i+1), whyIndent-2)).Gap(1)
	l.Add(th.Strong, ui.Fit(cost, 7)).Gap(1).Add(th.Bar, bar).Gap(1).Text(share).Gap(2)
	l.Add(th.Strong, whyName(c))
	if c.Node != "" && l.Left() >= ui.Width(ui.Clean(c.Node))+3 {
		l.Add(th.Dim, " "+th.Glyphs.Dot+" ").Add(th.Accent, ui.Clean(c.Node))
	}
}
