package ui

// Scroll is the cursor of a list and the first line that is shown. The zero
// value stands at the beginning.
type Scroll struct {
	Cursor int // selected line
	Top    int // first visible line
}

// Move moves the cursor by n lines in a list of total lines of which height are
// visible.
func (s *Scroll) Move(n, total, height int) { s.Set(s.Cursor+n, total, height) }

// Set moves the cursor to a line and brings it into view.
func (s *Scroll) Set(line, total, height int) {
	s.Cursor = max(0, min(line, total-1))
	s.Clamp(total, height)
}

// Clamp repairs the position after the list or the height changed.
func (s *Scroll) Clamp(total, height int) {
	height = max(height, 1)
	s.Cursor = max(0, min(s.Cursor, total-1))
	s.Top = min(s.Top, s.Cursor)
	s.Top = max(s.Top, s.Cursor-height+1)
	s.Top = max(0, min(s.Top, total-height))
}

// ScrollBy moves the view without a cursor, as in text: Top is all that counts.
func (s *Scroll) ScrollBy(n, total, height int) {
	s.Top = max(0, min(s.Top+n, total-height))
	s.Cursor = s.Top
}
