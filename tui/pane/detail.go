package pane

import (
	"strings"

	"github.com/charmbracelet/x/ansi"

	"github.com/buildscope/buildscope/otel/runview"
	"github.com/buildscope/buildscope/tui/theme"
	"github.com/buildscope/buildscope/tui/ui"
)

// DetailSource is what the details read of a run.
type DetailSource interface {
	Detail(runview.RowID) (runview.Detail, bool)
	Failure(runview.RowID) (runview.Failure, bool)
}

// Tab is one view of a row's details.
type Tab int

const (
	TabStats    Tab = iota // statistics of the tables that a node produced
	TabSpan                // times, attributes, events
	TabSQL                 // statement and the engine's profile of it
	TabError               // what failed, where and why; only where something did
	TabLogs                // log lines of the row
	TabTimeline            // the node over earlier runs
)

var tabNames = [...]string{TabStats: "Stats", TabSpan: "Span", TabSQL: "SQL", TabError: "Error", TabLogs: "Logs", TabTimeline: "Timeline"}

// String is the name of the tab.
func (t Tab) String() string { return tabNames[t] }

// Detail shows everything that is known about one row, in tabs. The log lines
// are those of a Logs pane, which may also stand beside it; then there is no tab
// for them.
type Detail struct {
	box
	logs     *Logs
	stats    *Statistics // of the row's tables
	query    *Operators  // of the row's statement
	past     *Timeline   // of the row's node
	withLogs bool
	tab      Tab
	before   Tab // in front before TabError, and again for a row that did not fail
	detail   runview.Detail
	known    bool
	failure  runview.Failure
	failed   bool // failure is known: the row did not come to a good end, or one below it
	top      [len(tabNames)]ui.Scroll
	left     [len(tabNames)]int // cells scrolled sideways

	text   textCache
	search string // looked for in the text of a tab
	hit    int    // line of the last hit, -1 when there is none
}

// textCache keeps the drawn text of one tab.
type textCache struct {
	lines []string
	key   textKey
}

type textKey struct {
	id      runview.RowID
	version uint64
	origin  uint64 // version of the row where a failure began
	blocked int    // nodes that it keeps from running: they come after it
	tab     Tab
	w, left int
	theme   *theme.Theme
	seconds int64 // of a running row, whose times move
}

// NewDetail gives empty details that show the lines of logs in their last tab.
func NewDetail(logs *Logs) *Detail {
	return &Detail{logs: logs, stats: NewStatistics(), query: NewOperators(), past: NewTimeline(), withLogs: true, hit: -1}
}

// Clear forgets the row.
func (p *Detail) Clear() {
	p.detail, p.known, p.failed, p.text = runview.Detail{}, false, false, textCache{}
	p.leave()
	p.stats.SetTables("", nil)
	p.query.SetQuery(runview.Statement{}, "", true)
	p.top, p.left = [len(tabNames)]ui.Scroll{}, [len(tabNames)]int{}
}

// Refresh reads the details of a row. For another row than before, the text
// starts at its beginning.
func (p *Detail) Refresh(src DetailSource, id runview.RowID) {
	before := p.detail.Row.ID
	version := p.detail.Row.Version
	p.detail, p.known = src.Detail(id)
	p.failure, p.failed = src.Failure(id)
	p.past.row = p.detail.Row
	p.leave()
	if p.detail.Row.ID != before || p.detail.Row.Version != version {
		p.stats.SetTables(p.detail.Row.Name, p.detail.Tables)
		p.stats.SetOrigins(nil)
		if q := p.detail.Query.Profile; q != nil {
			p.stats.SetOrigins(q.Origins)
		}
	}
	p.query.SetQuery(p.detail.Query, noOperators(p.detail), p.detail.Row.ID != before)
	if p.detail.Row.ID != before {
		p.hit = -1
		p.top, p.left = [len(tabNames)]ui.Scroll{}, [len(tabNames)]int{}
	}
}

// WithLogs says whether the log lines are one of the tabs.
func (p *Detail) WithLogs(on bool) {
	p.withLogs = on
	if !on && p.tab == TabLogs {
		p.tab = TabStats
	}
}

// Tab is the tab that shows.
func (p *Detail) Tab() Tab { return p.tab }

// has reports whether there is such a tab for the row.
func (p *Detail) has(t Tab) bool {
	return (t != TabLogs || p.withLogs) && (t != TabError || p.failed)
}

// leave goes back from the tab Error when the row has none.
func (p *Detail) leave() {
	if p.tab == TabError && !p.failed {
		p.Show(p.before)
	}
}

// Turn shows the next (+1) or the previous (-1) tab.
func (p *Detail) Turn(step int) {
	n := len(tabNames)
	t := Tab((int(p.tab) + step + n) % n)
	for !p.has(t) {
		t = Tab((int(t) + step + n) % n)
	}
	p.Show(t)
}

// Show brings one tab to the front, if the row has it.
func (p *Detail) Show(t Tab) {
	if !p.has(t) {
		return
	}
	if t == TabError && p.tab != TabError {
		p.before = p.tab
	}
	p.tab, p.hit = t, -1
}

// Known gives the details as they were read, if there are any.
func (p *Detail) Known() (runview.Detail, bool) { return p.detail, p.known }

// Title names the row and the tabs.
func (p *Detail) Title() string { return p.TitleIn(p.w - 4) }

// TitleIn is the title in w cells: the row's name and the tabs, the one in front in
// brackets. Tab Error stands there only for rows that have one, and is marked. Where
// there is no room for all of them, the first tabs give way to the one in front.
func (p *Detail) TitleIn(w int) string {
	const name0 = 8 // cells that the name gets before tabs do
	var tabs []string
	all, front := 0, 0
	for t, name := range tabNames {
		if Tab(t) == TabError {
			name += "!"
		}
		if !p.has(Tab(t)) {
			continue
		}
		if Tab(t) == p.tab {
			name, front = "["+name+"]", len(tabs)
		}
		tabs, all = append(tabs, " "+name), all+1+len(name)
	}
	name := ""
	if p.known {
		name = ui.Clean(p.detail.Row.Name)
		if ui.Width(name)+1+all > w {
			name = ui.Fit(name, min(ui.Width(name), max(w-1-all, name0)))
		}
		name += " "
	}
	left := 0
	for cut := 0; left < front && ui.Width(name)+all+cut > w; left++ {
		all -= len(tabs[left])
		cut = 2 // " …"
	}
	row := strings.Join(tabs[left:], "")
	if left > 0 {
		row = " …" + row
	}
	return strings.TrimLeft(name+row, " ")
}

// list is what has the keys and draws the tab in front, if that is not text.
func (p *Detail) list() (Pane, bool) {
	switch {
	case p.tab == TabLogs:
		return p.logs, true
	case p.tab == TabStats && p.known && len(p.detail.Tables) > 0:
		return p.stats, true
	case p.tab == TabTimeline:
		return p.past, true
	case p.tab == TabSQL && p.known && !p.query.Empty():
		return p.query, true
	}
	return nil, false
}

// Click selects the column or operator on a line of the inside, where there are any.
func (p *Detail) Click(line int) {
	switch list, _ := p.list(); list := list.(type) {
	case *Statistics:
		list.Click(line)
	case *Operators:
		list.Click(line)
	case *Timeline:
		list.Click(line)
	}
}

// HasText reports whether the tab in front is searched.
func (p *Detail) HasText() bool {
	_, list := p.list()
	return p.known && (!list || p.ShowsQuery())
}

// SetSearch sets the text that Next looks for in the tab in front.
func (p *Detail) SetSearch(text string) {
	p.search, p.hit = text, -1
	p.query.SetSearch(text)
}

// Search is the text that is looked for.
func (p *Detail) Search() string { return p.search }

// Next scrolls to the next (+1) or the previous (-1) line that contains the search
// text, and reports whether there is one.
func (p *Detail) Next(step int) bool {
	if p.search == "" || !p.HasText() {
		return false
	}
	if p.ShowsQuery() {
		return p.query.Next(step)
	}
	top := &p.top[p.tab]
	bare := make([]string, len(p.text.lines))
	for i, s := range p.text.lines {
		bare[i] = strings.ToLower(ansi.Strip(s))
	}
	at, ok := nextLine(bare, p.search, p.hit, top.Top, step)
	if ok {
		p.hit = at
		top.ScrollBy(at-p.h/3-top.Top, len(bare), p.h)
	}
	return ok
}

// Stats are the statistics of the row's tables, in the tab of that name.
func (p *Detail) Stats() *Statistics { return p.stats }

// ShowsColumns reports whether the tab in front lists columns.
func (p *Detail) ShowsColumns() bool {
	list, ok := p.list()
	return ok && list == Pane(p.stats)
}

// OriginElsewhere reports whether the failure of the row began in another one.
func (p *Detail) OriginElsewhere() bool {
	return p.failed && p.failure.Origin.ID != 0 && p.failure.Origin.ID != p.detail.Row.ID
}

// Timeline is the row's node over earlier runs.
func (p *Detail) Timeline() *Timeline { return p.past }

// Query is the statement of the row, in the tab SQL.
func (p *Detail) Query() *Operators { return p.query }

// ShowsQuery reports whether the tab in front is a statement.
func (p *Detail) ShowsQuery() bool {
	list, ok := p.list()
	return ok && list == Pane(p.query)
}

// Status tells how much text there is below.
func (p *Detail) Status() string {
	if list, ok := p.list(); ok {
		return list.Status()
	}
	s := textStatus(p.top[p.tab].Top, p.h, len(p.text.lines))
	if p.search != "" {
		s = strings.TrimPrefix(s+", search: "+ui.Clean(p.search), ", ")
	}
	return s
}

// SetSize gives the size of the inside.
func (p *Detail) SetSize(w, h int) {
	p.box.SetSize(w, h)
	p.stats.SetSize(w, h)
	p.query.SetSize(w, h)
	p.past.SetSize(w, h)
	if p.withLogs {
		p.logs.SetSize(w, h)
	}
}

// Move scrolls the text.
func (p *Detail) Move(n int) {
	if list, ok := p.list(); ok {
		list.Move(n)
		return
	}
	p.top[p.tab].ScrollBy(n, len(p.text.lines), p.h)
}

// Side scrolls sideways.
func (p *Detail) Side(step int) {
	if list, ok := p.list(); ok {
		list.Side(step)
		return
	}
	p.left[p.tab] = max(0, p.left[p.tab]+8*step)
}

// Lines draws the tab in front.
func (p *Detail) Lines(k Look) []string {
	if !p.known {
		return p.note(k.Theme.Dim, "Select a row to see its details.")
	}
	if list, ok := p.list(); ok {
		return list.Lines(k)
	}
	key := textKey{
		id: p.detail.Row.ID, version: p.detail.Row.Version, origin: p.failure.Origin.Version,
		blocked: len(p.failure.Blocked), tab: p.tab, w: p.w, left: p.left[p.tab], theme: k.Theme,
	}
	if p.detail.Row.End == 0 {
		key.seconds = k.Now.Unix()
	}
	if p.text.lines == nil || p.text.key != key {
		doc := document{theme: k.Theme, w: p.w, left: p.left[p.tab]}
		switch p.tab {
		case TabStats:
			statsText(&doc, p.detail)
		case TabSpan:
			spanText(&doc, p.detail, k.Now)
		case TabError:
			failureText(&doc, p.detail, &p.failure)
		case TabSQL:
			doc.wrapped(doc.theme.Dim, "This row runs no SQL.")
		}
		p.text = textCache{lines: doc.lines, key: key}
	}
	p.top[p.tab].ScrollBy(0, len(p.text.lines), p.h)
	lines := p.text.lines[p.top[p.tab].Top:]
	out := append(make([]string, 0, p.h), lines[:min(len(lines), p.h)]...)
	if i := p.hit - p.top[p.tab].Top; p.hit >= 0 && i >= 0 && i < len(out) && p.w > 1 {
		out[i] = k.Theme.Warn.S(k.Theme.Glyphs.Marker) + ui.Window(out[i], 1, p.w-1)
	}
	return p.fill(out)
}

// textStatus tells where in a text the view is.
func textStatus(top, height, total int) string {
	if total <= height {
		return ""
	}
	return ui.Commas(int64(min(top+height, total))) + " of " + ui.Commas(int64(total)) + " lines"
}
