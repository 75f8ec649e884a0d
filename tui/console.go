package tui

import (
	"context"
	"errors"
	"io/fs"
	"slices"
	"strings"
	"time"

	tea "charm.land/bubbletea/v2"

	"github.com/buildscope/buildscope/tui/pane"
	"github.com/buildscope/buildscope/tui/ui"
)

// console is the box in which runs are asked by SQL: an editor above a result, which
// is read as far as the viewer scrolls. What was typed stays when the box is left.
type console struct {
	of      string        // what the session is over: runs and their states
	session *sqlSession   // nil before the box was opened
	all     []*sqlSession // those to be closed with the program
	tables  []SQLTable
	edit    *ui.Area

	asked  int    // counts what the session was told to do, so that late answers are ignored
	doing  string // running, reading or writing; "" when nothing is
	began  time.Time
	cancel context.CancelFunc // ends the query, the reading of its result included
	stop   context.CancelFunc // ends the export

	ran    string      // text whose result is shown
	result *pane.Table // nil before the first row of columns
	more   bool        // the session has a result that may have more rows
	held   int         // bytes of the rows that were read
	full   bool        // there are more rows than are kept
	note   string      // what became of the last query
	err    error       // of the last query

	history history
	path    string // that was exported to last
}

// The rows that are kept: whoever wants more of them wants a file.
const (
	maxResultRows  = 100_000
	maxResultBytes = 64 << 20
)

type (
	sqlTablesMsg struct {
		of     *sqlSession
		tables []SQLTable
		err    error
	}
	sqlPageMsg struct {
		asked int
		text  string // "" when it is not the first page
		page  sqlPage
		err   error
	}
	sqlExportMsg struct {
		asked int
		path  string
		err   error
	}
	sqlTickMsg   struct{ asked int }
	sqlClosedMsg struct {
		of  *sqlSession
		err error
	}
)

// consoleRuns are the runs that the console would be over here, oldest first: the
// one whose artifacts are shown, or on the Runs screen the selected and the marked one.
func (m *Model) consoleRuns() []string {
	if m.screen != screenRuns {
		if m.shelf.bundle == nil {
			return nil
		}
		return []string{m.shelf.runID}
	}
	r, ok := m.runs.Current()
	if !ok {
		return nil
	}
	ids := []string{r.ID}
	if marked := m.runs.Marked(); marked != "" && marked != r.ID {
		ids = append(ids, marked)
	}
	slices.Sort(ids)
	return ids
}

// openConsole shows the console. It keeps its result unless the runs are others, or
// one of them has ended meanwhile.
func (m *Model) openConsole() tea.Cmd {
	c, ids := &m.console, m.consoleRuns()
	of := strings.Join(ids, " ")
	for _, b := range m.shelf.runs {
		if slices.Contains(ids, b.RunID) {
			of += " " + b.State.String()
		}
	}
	if c.edit == nil {
		c.edit = ui.NewArea()
	}
	m.push(c)
	if c.session != nil && c.of == of {
		return nil
	}
	old := c.session
	c.end()
	c.of, c.tables, c.ran, c.result, c.note, c.err, c.full = of, nil, "", nil, "", nil, false
	c.session = &sqlSession{runs: ids, open: m.opts.SQL.Open}
	c.all = append(c.all, c.session)
	return tea.Batch(closeSession(old), m.listTables(), m.loadSQLHistory())
}

// end ends whatever is being done, without waiting for it.
func (c *console) end() {
	c.asked++
	c.doing, c.more = "", false
	for _, cancel := range []context.CancelFunc{c.cancel, c.stop} {
		if cancel != nil {
			cancel()
		}
	}
}

// close waits until nothing of the console runs any more. It is for the time after
// the program, whose context has ended.
func (c *console) close() {
	c.end()
	for _, s := range c.all {
		_ = s.close() // nobody is there to be told that a temporary directory is left
	}
}

func closeSession(s *sqlSession) tea.Cmd {
	if s == nil {
		return nil
	}
	return func() tea.Msg { return sqlClosedMsg{s, s.close()} }
}

// listTables opens the tables, for the list of them and for completion.
func (m *Model) listTables() tea.Cmd {
	s, ctx := m.console.session, m.ctx
	return func() tea.Msg {
		tables, err := s.list(ctx)
		return sqlTablesMsg{s, tables, err}
	}
}

// begin notes what is being done now, and starts the clock of it.
func (m *Model) begin(doing string) tea.Cmd {
	c := &m.console
	c.asked++
	c.doing, c.began = doing, m.clock()
	return m.tickConsole()
}

// consoleTick is how often the elapsed time is drawn.
const consoleTick = 100 * time.Millisecond

func (m *Model) tickConsole() tea.Cmd {
	ctx, asked := m.ctx, m.console.asked
	return func() tea.Msg {
		if !sleep(ctx, consoleTick) {
			return nil
		}
		return sqlTickMsg{asked}
	}
}

// runQuery runs what is typed.
func (m *Model) runQuery() tea.Cmd {
	c := &m.console
	text := c.edit.Value()
	switch {
	case strings.TrimSpace(text) == "":
		return m.say("type a SELECT first, or choose a saved query with ctrl+o")
	case c.doing != "":
		return m.say("the console is " + c.doing + "; esc cancels that")
	}
	c.end()
	ctx, cancel := context.WithCancel(m.ctx)
	c.cancel = cancel
	tick, s := m.begin("running"), c.session
	c.err, c.note = nil, ""
	asked := c.asked
	run := func() tea.Msg {
		page, err := s.query(ctx, text)
		return sqlPageMsg{asked, text, page, err}
	}
	return tea.Batch(run, tick, m.remember(text))
}

// readOn reads the rows that the viewer is close to.
func (m *Model) readOn() tea.Cmd {
	c := &m.console
	if c.doing != "" || !c.more || c.result == nil || !c.result.Behind() {
		return nil
	}
	tick, s := m.begin("reading"), c.session
	asked := c.asked
	return tea.Batch(tick, func() tea.Msg {
		page, err := s.next()
		return sqlPageMsg{asked: asked, page: page, err: err}
	})
}

// updateConsole takes in what was done.
func (m *Model) updateConsole(msg tea.Msg) tea.Cmd {
	c := &m.console
	m.dirty = true
	switch msg := msg.(type) {
	case sqlTablesMsg:
		if msg.of != c.session {
			return nil
		}
		c.tables = msg.tables
		if msg.err != nil && c.err == nil {
			c.err = msg.err
		}
	case sqlPageMsg:
		if msg.asked == c.asked {
			return m.turnPage(msg)
		}
	case sqlTickMsg:
		if msg.asked == c.asked && c.doing != "" {
			return m.tickConsole()
		}
	case sqlExportMsg:
		if msg.asked == c.asked {
			return m.exported(msg)
		}
	case sqlClosedMsg:
		c.all = slices.DeleteFunc(c.all, func(s *sqlSession) bool { return s == msg.of })
		if msg.err != nil {
			return m.say("close the console: " + msg.err.Error())
		}
	case sqlHistoryMsg:
		c.history.set(msg.lines)
		if msg.err != nil {
			return m.say("history of the console: " + msg.err.Error())
		}
	}
	return nil
}

// turnPage shows rows that were read.
func (m *Model) turnPage(msg sqlPageMsg) tea.Cmd {
	c := &m.console
	took := m.clock().Sub(c.began)
	cancelled := c.doing == doingCancel
	c.doing = ""
	if msg.text != "" { // a new result, or none
		c.ran, c.result, c.held, c.full = msg.text, nil, 0, false
		if msg.err == nil {
			c.result = pane.NewTable()
			c.result.SetTable("Result")
			c.result.SetSize(m.w-2, m.h-4) // about: drawing settles it, reading on needs it now
			c.result.SetPart(Preview{Columns: msg.page.names, Types: msg.page.types})
			c.note = "in " + ui.Duration(took)
		}
	}
	if msg.err != nil {
		c.more = false
		if c.result != nil {
			c.result.Append(nil, nil, false)
		}
		if cancelled {
			c.note = "cancelled after " + ui.Duration(took)
			return nil
		}
		c.err = msg.err
		return nil
	}
	for _, row := range msg.page.rows {
		for _, cell := range row {
			c.held += len(cell)
		}
	}
	c.more = len(msg.page.rows) > 0
	c.result.Append(msg.page.rows, msg.page.nulls, c.more)
	if _, n := c.result.At(); c.more && (n >= maxResultRows || c.held >= maxResultBytes) {
		c.more, c.full = false, true
		c.result.Append(nil, nil, false)
		s := c.session
		return func() tea.Msg { s.stop(); return nil }
	}
	if cancelled { // it had the rows already
		return nil
	}
	return m.readOn()
}

const (
	doingWrite  = "writing"
	doingCancel = "cancelling" // between esc and the end of what was being done
)

// halt cancels what is being done, and reports whether there was anything.
func (c *console) halt() bool {
	if c.doing == "" {
		return false
	}
	if c.doing == doingWrite {
		c.stop() // the result stays as it is
	} else {
		c.cancel()
	}
	c.doing = doingCancel
	return true
}

// askExport asks for a file for the result.
func (m *Model) askExport() tea.Cmd {
	c := &m.console
	switch {
	case m.opts.SQL.Export == nil:
		return m.say("this viewer may not write files")
	case c.result == nil:
		return m.say("run a query first: its whole result is written")
	case c.doing != "":
		return m.say("the console is " + c.doing + "; esc cancels that")
	}
	if c.path == "" {
		c.path = "result.csv"
	}
	m.push(newField("Write the whole result", "File (.csv .json .parquet)", c.path, func(m *Model, path string) tea.Cmd {
		if path == "" {
			return m.say("no file was named")
		}
		return m.export(path, false)
	}))
	return nil
}

// export writes the whole result of the query that is shown, which runs once more
// for it.
func (m *Model) export(path string, replace bool) tea.Cmd {
	c := &m.console
	c.path = path
	ctx, stop := context.WithCancel(m.ctx)
	c.stop = stop
	tick := m.begin(doingWrite)
	asked, runs, text, export := c.asked, c.session.runs, c.ran, m.opts.SQL.Export
	return tea.Batch(tick, func() tea.Msg {
		defer stop()
		return sqlExportMsg{asked, path, export(ctx, runs, text, path, replace)}
	})
}

func (m *Model) exported(msg sqlExportMsg) tea.Cmd {
	c := &m.console
	took, cancelled := m.clock().Sub(c.began), c.doing == doingCancel
	c.doing = ""
	switch {
	case errors.Is(msg.err, fs.ErrExist):
		m.push(&confirm{head: "Replace the file?", text: msg.path + " is there already.", yes: func(m *Model) tea.Cmd { return m.export(msg.path, true) }})
		return nil
	case cancelled && msg.err != nil:
		return m.say("cancelled, nothing was written")
	case msg.err != nil:
		m.push(&message{head: "Not written", text: msg.err.Error()})
		return nil
	}
	return m.say("wrote " + msg.path + " in " + ui.Duration(took))
}
