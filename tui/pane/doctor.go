package pane

import (
	"slices"
	"time"

	"github.com/buildscope/buildscope/model"
	"github.com/buildscope/buildscope/tui/theme"
	"github.com/buildscope/buildscope/tui/ui"
)

// DoctorCheck is one thing that the doctor looks at.
type DoctorCheck struct {
	ID, Title string
	Doc       string // what is looked at, and what a finding means
	Key       string // the first setting that it bears on; "" for all or none
}

// DoctorFinding is what a check has found.
type DoctorFinding struct {
	Word    string   // fail, warn, ok or skipped
	Signals []string // that are concerned; empty means all or none
	Key     string   // setting that is responsible, with its value and the layer that gave it
	Value   string
	Source  string
	Seen    string // raw error or answer
	Means   string
	Advice  string
	Fix     string // value of the setting that would help, if Mends
	Mends   bool
	Forms   [][2]string // the fix to copy: name of the form, text
}

// Problem reports whether there is something to do.
func (f DoctorFinding) Problem() bool { return f.Word == wordFail || f.Word == wordWarn }

// DoctorNews tells that a check has begun, has found something, or is over.
type DoctorNews struct {
	ID    string
	Found *DoctorFinding // nil: it has begun, or is over
	Over  bool
	Took  time.Duration // once it is over
}

// Words for the state of a check, beside the glyph.
const (
	wordFail    = "fail"
	wordWarn    = "warn"
	wordOK      = "ok"
	wordSkipped = "skipped"
	wordRunning = "running"
	wordWaiting = "waiting"
	wordNever   = "not run"
)

// doctorRow is a check with what is known about it.
type doctorRow struct {
	DoctorCheck
	word     string
	findings []DoctorFinding
	took     time.Duration
	stale    bool // settings have changed since
}

// Doctor lists the checks of the doctor and what became of them. A row never moves:
// the order is that of the checks.
type Doctor struct {
	box
	rows   []doctorRow
	scroll ui.Scroll
	asked  int // checks of the examination under way; 0 when none is
	over   int // of them that are over
}

// NewDoctor lists checks that have not been made.
func NewDoctor(checks []DoctorCheck) *Doctor {
	p := &Doctor{}
	for _, c := range checks {
		p.rows = append(p.rows, doctorRow{DoctorCheck: c, word: wordNever})
	}
	return p
}

// Begin forgets what is known of the checks that are about to be made.
func (p *Doctor) Begin(ids []string) {
	p.asked, p.over = len(ids), 0
	for i := range p.rows {
		if slices.Contains(ids, p.rows[i].ID) {
			p.rows[i] = doctorRow{DoctorCheck: p.rows[i].DoctorCheck, word: wordWaiting}
		}
	}
}

// Tell takes news in.
func (p *Doctor) Tell(n DoctorNews) {
	at := slices.IndexFunc(p.rows, func(r doctorRow) bool { return r.ID == n.ID })
	if at < 0 {
		return
	}
	r := &p.rows[at]
	switch {
	case n.Found != nil:
		r.findings = append(r.findings, *n.Found)
		slices.SortStableFunc(r.findings, func(a, b DoctorFinding) int { return rankOf(a.Word) - rankOf(b.Word) })
	case n.Over:
		r.took, r.word = n.Took, wordSkipped
		if len(r.findings) > 0 {
			r.word = r.findings[0].Word
		}
		p.over++
	default:
		r.word = wordRunning
	}
}

// End says that the examination is over. A check that was still waiting was not made.
func (p *Doctor) End() {
	p.asked = 0
	for i := range p.rows {
		if w := p.rows[i].word; w == wordWaiting || w == wordRunning {
			p.rows[i].word = wordNever
		}
	}
}

// rankOf orders findings of one check: what there is to do first, then what is fine.
func rankOf(word string) int {
	return slices.Index([]string{wordFail, wordWarn, wordOK, wordSkipped}, word)
}

// Running reports whether an examination is under way.
func (p *Doctor) Running() bool { return p.asked > 0 }

// Fresh reports whether no check has ever been made.
func (p *Doctor) Fresh() bool {
	return !slices.ContainsFunc(p.rows, func(r doctorRow) bool { return r.word != wordNever })
}

// SetStale marks the results for which changed holds.
func (p *Doctor) SetStale(changed func(id string) bool) {
	for i := range p.rows {
		p.rows[i].stale = len(p.rows[i].findings) > 0 && changed(p.rows[i].ID)
	}
}

// Current is the selected check with its findings, those to act on first.
func (p *Doctor) Current() (DoctorCheck, []DoctorFinding) {
	if len(p.rows) == 0 {
		return DoctorCheck{}, nil
	}
	r := p.rows[p.scroll.Cursor]
	return r.DoctorCheck, r.findings
}

// IDs lists all checks.
func (p *Doctor) IDs() []string {
	ids := make([]string, len(p.rows))
	for i, r := range p.rows {
		ids[i] = r.ID
	}
	return ids
}

// Select moves the cursor to a check.
func (p *Doctor) Select(id string) bool {
	at := slices.IndexFunc(p.rows, func(r doctorRow) bool { return r.ID == id })
	if at >= 0 {
		p.scroll.Set(at, len(p.rows), p.h)
	}
	return at >= 0
}

// Problems is the number of checks with something to do.
func (p *Doctor) Problems() int { return p.count(wordFail) + p.count(wordWarn) }

// NextProblem moves the cursor to the next check with something to do, around the
// end.
func (p *Doctor) NextProblem() {
	for i := 1; i <= len(p.rows); i++ {
		at := (p.scroll.Cursor + i) % len(p.rows)
		if w := p.rows[at].word; w == wordFail || w == wordWarn {
			p.scroll.Set(at, len(p.rows), p.h)
			return
		}
	}
}

// count is the number of rows with a word.
func (p *Doctor) count(word string) (n int) {
	for _, r := range p.rows {
		if r.word == word {
			n++
		}
	}
	return n
}

// Move moves the cursor by a number of checks.
func (p *Doctor) Move(n int) { p.scroll.Move(n, len(p.rows), p.h) }

// Click selects the check on a line of the inside.
func (p *Doctor) Click(line int) {
	if at := p.scroll.Top + line; at < len(p.rows) {
		p.scroll.Set(at, len(p.rows), p.h)
	}
}

// Side does nothing: the details have the whole text.
func (p *Doctor) Side(int) {}

// SetSize gives the size of the inside and keeps the cursor visible.
func (p *Doctor) SetSize(w, h int) {
	p.box.SetSize(w, h)
	p.scroll.Clamp(len(p.rows), p.h)
}

// wordLook is the glyph and the colour of a state.
func wordLook(th *theme.Theme, word string) (string, theme.Paint) {
	switch word {
	case wordFail:
		return th.Glyphs.State(model.NodeFailed), th.Bad
	case wordWarn:
		return "!", th.Warn
	case wordOK:
		return th.Glyphs.State(model.NodeSucceeded), th.Good
	case wordSkipped:
		return th.Glyphs.State(model.NodeCancelled), th.Dim
	case wordRunning:
		return th.Glyphs.State(model.NodeRunning), th.Warn
	}
	return th.Glyphs.State(model.NodePending), th.Dim
}
