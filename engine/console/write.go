package console

import (
	"bufio"
	"fmt"
	"io"
	"strings"
	"unicode/utf8"
)

// writeBuffer is how many bytes are collected for one write.
const writeBuffer = 64 << 10

// WriteCSV writes the rows as RFC 4180 has it, with a line of names first and \n at
// the ends of lines. NULL is nothing and an empty text is "". It returns the
// number of rows.
func WriteCSV(w io.Writer, rows *Rows) (n int64, err error) {
	out := bufio.NewWriterSize(w, writeBuffer)
	for i, c := range rows.Columns() {
		writeCSVCell(out, i, Cell{Text: c.Name})
	}
	out.WriteByte('\n') // errors of a bufio.Writer stay until its Flush
	return each(rows, out, func(_ int64, cells []Cell) {
		for i, c := range cells {
			writeCSVCell(out, i, c)
		}
		out.WriteByte('\n')
	})
}

func writeCSVCell(out *bufio.Writer, i int, c Cell) {
	if i > 0 {
		out.WriteByte(',')
	}
	switch {
	case c.Null:
	case c.Text == "" || strings.ContainsAny(c.Text, ",\"\r\n") || c.Text[0] == ' ' || c.Text[len(c.Text)-1] == ' ':
		out.WriteByte('"')
		out.WriteString(strings.ReplaceAll(c.Text, `"`, `""`))
		out.WriteByte('"')
	default:
		out.WriteString(c.Text)
	}
}

// WriteJSON writes the rows of JSONRows as one JSON array, a row on each line.
func WriteJSON(w io.Writer, rows *Rows) (n int64, err error) {
	out := bufio.NewWriterSize(w, writeBuffer)
	out.WriteByte('[')
	n, err = each(rows, out, func(n int64, cells []Cell) {
		if n > 0 {
			out.WriteByte(',')
		}
		out.WriteByte('\n')
		out.WriteString(cells[0].Text)
	})
	if err != nil {
		return n, err // what is written is no whole array, and shows it
	}
	if n > 0 {
		out.WriteByte('\n')
	}
	out.WriteString("]\n")
	return n, out.Flush()
}

// tableSample is how many rows the widths of WriteTable are taken from.
const tableSample = 1000

// WriteTable writes the rows in columns for people. Widths are those of the first
// thousand rows; a longer value moves the rest of its line. clean takes out what a
// terminal must not get, line ends included.
func WriteTable(w io.Writer, rows *Rows, clean func(string) string) (n int64, err error) {
	t := tableWriter{out: bufio.NewWriterSize(w, writeBuffer), clean: clean, columns: rows.Columns(), widths: make([]int, len(rows.Columns()))}
	for i, c := range t.columns {
		t.widths[i] = utf8.RuneCountInString(clean(c.Name))
	}
	n, err = each(rows, t.out, func(n int64, cells []Cell) {
		if n < tableSample {
			t.held = append(t.held, cells)
			for i, c := range cells {
				t.widths[i] = max(t.widths[i], utf8.RuneCountInString(t.text(c)))
			}
			return
		}
		t.begin()
		t.row(cells)
	})
	t.begin()
	if flushErr := t.out.Flush(); err == nil {
		err = flushErr
	}
	return n, err
}

type tableWriter struct {
	out     *bufio.Writer
	clean   func(string) string
	columns []Column
	widths  []int
	held    [][]Cell // rows that wait for the widths
	begun   bool
}

func (t *tableWriter) text(c Cell) string {
	if c.Null {
		return "NULL"
	}
	return t.clean(c.Text)
}

// begin writes the heads and the rows that were held, once.
func (t *tableWriter) begin() {
	if t.begun {
		return
	}
	t.begun = true
	heads := make([]Cell, len(t.columns))
	for i, c := range t.columns {
		heads[i].Text = c.Name
	}
	t.row(heads)
	for i, w := range t.widths {
		heads[i].Text = strings.Repeat("-", w)
	}
	t.row(heads)
	for _, cells := range t.held {
		t.row(cells)
	}
	t.held = nil
}

func (t *tableWriter) row(cells []Cell) {
	for i, c := range cells {
		text := t.text(c)
		pad := strings.Repeat(" ", max(t.widths[i]-utf8.RuneCountInString(text), 0))
		if i > 0 {
			t.out.WriteString("  ")
		}
		switch {
		case Numeric(t.columns[i].Type):
			t.out.WriteString(pad)
			t.out.WriteString(text)
		case i == len(cells)-1: // no blanks at the ends of lines
			t.out.WriteString(text)
		default:
			t.out.WriteString(text)
			t.out.WriteString(pad)
		}
	}
	t.out.WriteByte('\n')
}

// Numeric reports whether a DuckDB type is one of numbers.
func Numeric(kind string) bool {
	switch kind {
	case "TINYINT", "SMALLINT", "INTEGER", "BIGINT", "HUGEINT", "UTINYINT", "USMALLINT", "UINTEGER", "UBIGINT", "UHUGEINT", "FLOAT", "DOUBLE":
		return true
	}
	return strings.HasPrefix(kind, "DECIMAL(") && !strings.HasSuffix(kind, "]")
}

// each hands every row to write, with its number from 0, and flushes. What came
// before an error is written, too.
func each(rows *Rows, out *bufio.Writer, write func(n int64, cells []Cell)) (n int64, err error) {
	var failed error
	for more := true; more && err == nil; {
		more, err = rows.Next(func(cells []Cell) {
			write(n, cells)
			n++
		})
		if _, failed = out.Write(nil); failed != nil { // the reader has gone
			break
		}
	}
	if failed == nil {
		failed = out.Flush()
	}
	if failed != nil {
		return n, fmt.Errorf("write row %d: %w", n, failed)
	}
	return n, err
}
