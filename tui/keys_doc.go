package tui

import (
	"bufio"
	"fmt"
	"io"
	"strings"
)

// WriteKeys writes the page of keys: the same commands as the help shows, by the
// place in which they work.
func WriteKeys(w io.Writer) error {
	b := bufio.NewWriter(w)
	fmt.Fprint(b, "# Keys\n\nGenerated from the commands of the screen by `make docs`. `?` shows those of the present place, and why one cannot be used now. `:` opens a command line for the words of the second column, with completion (`tab`) and history (`↑` `↓`); `ctrl+p` finds a command by what it does.\n")
	var order []string
	byPlace := make(map[string][]Command)
	for _, c := range commands() {
		place := strings.Join(c.places(), ", ")
		if _, known := byPlace[place]; !known {
			order = append(order, place)
		}
		byPlace[place] = append(byPlace[place], c)
	}
	for _, place := range order {
		fmt.Fprintf(b, "\n## %s\n\n| key | command | what it does |\n|---|---|---|\n", place)
		for _, c := range byPlace[place] {
			names := make([]string, len(c.Keys))
			for i, k := range c.Keys {
				names[i] = "`" + keyName(k) + "`"
			}
			command := ""
			if c.onLine() {
				command = "`" + c.usage() + "`"
			}
			fmt.Fprintf(b, "| %s | %s | %s |\n", strings.Join(names, " "), command, strings.ReplaceAll(c.Title, "|", "\\|"))
		}
	}
	fmt.Fprint(b, `
## In a field

| key | what it does |
|---|---|
| `+"`enter`"+` | take the text over |
| `+"`esc`"+` | leave the field, and bring back what was there before |
| `+"`tab` `shift+tab` `↓` `↑`"+` | take the value of a setting over and go on to the next or the previous one |
`)
	return b.Flush()
}

// places names the screens and panes in which a command is available, in the
// order of the screens.
func (c Command) places() []string {
	var names []string
	if c.In&everywhere != 0 {
		return []string{"Everywhere"}
	}
	for s := range screenCount {
		if c.In&(onSetup<<s) != 0 {
			names = append(names, "Screen "+screenNames[s])
		}
	}
	for id := range paneCount {
		if c.In&in(id) != 0 {
			names = append(names, "Pane "+paneNames[id])
		}
	}
	return names
}
