package cli

import (
	"bufio"
	"fmt"
	"io"
	"strings"

	"github.com/buildscope/buildscope/model"
	"github.com/buildscope/buildscope/presets"
)

// pick keeps the values whose key or section is named; no names keep all.
func pick(values []model.Value, names []string) ([]model.Value, error) {
	if len(names) == 0 {
		return values, nil
	}
	wanted := map[string]bool{}
	known := presets.Sections()
	for _, v := range values {
		known = append(known, v.Key)
	}
	for _, name := range names {
		wanted[name] = false
	}
	var out []model.Value
	for _, v := range values {
		section, _, _ := strings.Cut(v.Key, ".")
		for _, name := range []string{v.Key, section} {
			if _, ok := wanted[name]; ok {
				wanted[name] = true
				out = append(out, v)
				break
			}
		}
	}
	for _, name := range names {
		if wanted[name] {
			continue
		}
		if near := model.Nearest(name, known); near != "" {
			return nil, fmt.Errorf("unknown setting %s; did you mean %s?", name, near)
		}
		return nil, fmt.Errorf("unknown setting %s; `buildscope config show` lists all", name)
	}
	return out, nil
}

// widestValue is the widest value that sources are aligned behind. A list of
// twenty globs must not push the source of every other value off the screen.
const widestValue = 32

// printValues writes a line per value, aligned: key, value and, when asked for,
// source, with the lower layers indented below.
func printValues(out io.Writer, values []model.Value, sources bool) error {
	w := bufio.NewWriter(out)
	keys, texts := 0, 0
	for _, v := range values {
		keys, texts = max(keys, len(v.Key)), max(texts, min(len([]rune(v.Text)), widestValue))
	}
	line := func(key, text, source string) {
		row := fmt.Sprintf("%-*s  %s", keys, key, text)
		if sources {
			row = fmt.Sprintf("%-*s  %-*s  %s", keys, key, texts, text, source)
		}
		fmt.Fprintln(w, strings.TrimRight(row, " "))
	}
	for _, v := range values {
		line(v.Key, v.Text, v.Source)
		if !sources {
			continue
		}
		for _, l := range v.Lower {
			line("  otherwise", l.Text, l.Source)
		}
	}
	return w.Flush()
}
