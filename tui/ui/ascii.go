package ui

import (
	"strings"
	"unicode/utf8"

	"github.com/charmbracelet/x/ansi"
)

// asciiForms replaces characters that the program itself likes to use.
var asciiForms = map[rune]string{
	'…': "~", '—': "-", '–': "-", '•': "*", '·': ".", '×': "x", '≤': "<", '≥': ">", '→': ">", '←': "<",
	'↑': "^", '↓': "v", '│': "|", '─': "-", '┼': "+", '▌': ">", '“': "\"", '”': "\"", '‘': "'", '’': "'",
	'µ': "u", '±': "~", '∞': "8", '✔': "+", '✓': "+", '✘': "x", '✗': "x", '█': "#", '░': ".",
}

// ToASCII rewrites a finished line, colours included, for a terminal that does
// not read UTF-8. The width in cells stays the same.
func ToASCII(line string) string {
	i := 0
	for i < len(line) && line[i] < utf8.RuneSelf {
		i++
	}
	if i == len(line) {
		return line
	}
	var b strings.Builder
	b.Grow(len(line))
	b.WriteString(line[:i])
	for rest := line[i:]; len(rest) > 0; {
		if rest[0] < utf8.RuneSelf {
			b.WriteByte(rest[0])
			rest = rest[1:]
			continue
		}
		cluster, width := ansi.FirstGraphemeCluster(rest, ansi.GraphemeWidth)
		if cluster == "" {
			break
		}
		r, _ := utf8.DecodeRuneInString(cluster)
		if form, ok := asciiForms[r]; ok && width == 1 {
			b.WriteString(form)
		} else {
			b.WriteString(strings.Repeat("?", width))
		}
		rest = rest[len(cluster):]
	}
	return b.String()
}
