package tui

import (
	"fmt"
	"regexp"
	"strings"

	"github.com/charmbracelet/x/ansi"
)

var sgr = regexp.MustCompile("\x1b\\[([0-9;]*)m")

// styled writes a frame with colours so that a person can read and compare it: the
// text, then a letter for the style of every cell, then what the letters mean. Cells
// in the terminal's own colours are spaces.
func styled(frame string) string {
	letters := map[string]byte{"": ' '}
	var order []string
	var text, paint strings.Builder
	for line := range strings.SplitSeq(frame, "\n") {
		var letterLine strings.Builder
		style := ""
		cells := func(s string) {
			if _, known := letters[style]; !known {
				letters[style] = byte('a' + len(order))
				order = append(order, style)
			}
			letterLine.WriteString(strings.Repeat(string(letters[style]), ansi.StringWidth(s)))
		}
		at := 0
		for _, m := range sgr.FindAllStringSubmatchIndex(line, -1) {
			cells(line[at:m[0]])
			if codes := line[m[2]:m[3]]; codes == "" || codes == "0" {
				style = ""
			} else {
				style = strings.TrimPrefix(style+";"+codes, ";")
			}
			at = m[1]
		}
		cells(line[at:])
		text.WriteString(strings.TrimRight(ansi.Strip(line), " ") + "\n")
		paint.WriteString(strings.TrimRight(letterLine.String(), " ") + "\n")
	}
	out := text.String() + "\n" + paint.String() + "\n"
	for i, codes := range order {
		out += fmt.Sprintf("%c %s\n", 'a'+i, styleWords(codes))
	}
	return out
}

// styleWords are the codes of a style in words: "bold fg #8ab8ff".
func styleWords(codes string) string {
	words := map[string]string{"1": "bold", "2": "faint", "3": "italic", "4": "underline", "7": "reverse", "9": "struck"}
	var out []string
	list := strings.Split(codes, ";")
	for i := 0; i < len(list); i++ {
		what := map[string]string{"38": "fg", "48": "bg"}[list[i]]
		switch {
		case what != "" && i+4 < len(list) && list[i+1] == "2":
			var r, g, b int
			fmt.Sscan(strings.Join(list[i+2:i+5], " "), &r, &g, &b)
			out = append(out, fmt.Sprintf("%s #%02x%02x%02x", what, r, g, b))
			i += 4
		case words[list[i]] != "":
			out = append(out, words[list[i]])
		default:
			out = append(out, list[i])
		}
	}
	return strings.Join(out, " ")
}
