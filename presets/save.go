package presets

import (
	"errors"
	"fmt"
	"os"
	"sort"
	"strings"
	"unicode"

	"github.com/buildscope/buildscope/model/wholefile"
)

// Save writes edits, setting name to text, into a config file and keeps its
// comments and order. A new file is readable by its owner only, because it may
// come to hold secrets. The result is parsed before anything is written.
func Save(path string, edits map[string]string) error {
	data, err := os.ReadFile(path)
	if err != nil && !errors.Is(err, os.ErrNotExist) {
		return fmt.Errorf("save settings: %w", err)
	}
	text, err := Edit(string(data), edits)
	if err != nil {
		return fmt.Errorf("save settings: %w", err)
	}
	if err := wholefile.Write(path, []byte(text), 0o600); err != nil {
		return fmt.Errorf("save settings: %w", err)
	}
	return nil
}

// Edit is the text of a config file after edits, setting name to text.
func Edit(text string, edits map[string]string) (string, error) {
	names := make([]string, 0, len(edits))
	for name := range edits {
		names = append(names, name)
	}
	sort.Strings(names)
	for _, name := range names {
		s, ok := Lookup(name)
		if !ok {
			return "", fmt.Errorf("unknown setting %s%s", name, nearestName(name))
		}
		text = putLine(text, s, TOMLLine(s, edits[name]))
	}
	if _, errs := parseFile(FileName, []byte(text)); len(errs) > 0 {
		return "", fmt.Errorf("the file would not be valid, so it was left alone: %w", errors.Join(errs...))
	}
	return text, nil
}

// TOMLLine is the line that gives a setting inside its section.
func TOMLLine(s Setting, text string) string { return s.Key + " = " + tomlValue(s, text) }

// putLine replaces the setting's line, or adds one to its section.
func putLine(text string, s Setting, line string) string {
	at := positions([]byte(text))
	lines := strings.SplitAfter(text, "\n")
	if p, ok := at[s.Name()]; ok {
		old := strings.TrimSuffix(lines[p.line-1], "\n")
		if key, value, ok := strings.Cut(old, "="); ok { // else it is a table of its own
			line = key + strings.TrimPrefix(line, s.Key+" ") + comment(value)
		}
		lines[p.line-1] = line + "\n"
		return strings.Join(lines, "")
	}
	if s.Section == "" {
		return line + "\n" + text
	}
	for i, l := range lines {
		if strings.TrimSpace(strings.SplitN(l, "#", 2)[0]) == "["+s.Section+"]" {
			lines[i] = strings.TrimSuffix(l, "\n") + "\n" + line + "\n"
			return strings.Join(lines, "")
		}
	}
	if text != "" && !strings.HasSuffix(text, "\n") {
		text += "\n"
	}
	return text + "\n[" + s.Section + "]\n" + line + "\n"
}

// comment is the comment behind a value, with the space before it.
func comment(value string) string {
	quote := rune(0)
	for i, r := range value {
		switch {
		case quote == 0 && r == '#':
			return value[len(strings.TrimRight(value[:i], " \t")):]
		case quote == 0 && (r == '"' || r == '\''):
			quote = r
		case r == quote && (r == '\'' || value[i-1] != '\\'):
			quote = 0
		}
	}
	return ""
}

// tomlValue writes a text in the TOML form of its kind. Numbers are spelled anew:
// TOML knows neither .5 nor 007, which flags and variables take.
func tomlValue(s Setting, text string) string {
	switch v, err := parseKind(s, text); {
	case err != nil && (s.Kind == Bool || s.Kind == Int || s.Kind == Float):
		return text // the file is parsed before it is written, so this is refused
	case s.Kind == Bool || s.Kind == Int || s.Kind == Float:
		return fmt.Sprint(v)
	}
	return tomlString(text)
}

// tomlString quotes a text. It is not strconv.Quote, because TOML does not know
// Go's escapes \a, \v and \x.
func tomlString(text string) string {
	var b strings.Builder
	b.WriteByte('"')
	for _, r := range text {
		switch {
		case r == '"' || r == '\\':
			b.WriteByte('\\')
			b.WriteRune(r)
		case r == '\n':
			b.WriteString(`\n`)
		case r == '\t':
			b.WriteString(`\t`)
		case !unicode.IsPrint(r) && r > 0xffff:
			fmt.Fprintf(&b, `\U%08x`, r)
		case !unicode.IsPrint(r):
			fmt.Fprintf(&b, `\u%04x`, r)
		default:
			b.WriteRune(r)
		}
	}
	b.WriteByte('"')
	return b.String()
}
