package doctor

import (
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode"

	"github.com/buildscope/buildscope/model"
	"github.com/buildscope/buildscope/presets"
)

// Severity says how bad a finding is.
type Severity string

const (
	Fail    Severity = "fail"    // telemetry does not arrive, or a run would not start
	Warn    Severity = "warn"    // it arrives in part, late, or not as somebody may think
	OK      Severity = "ok"      // nothing to do
	Skipped Severity = "skipped" // not checked; Means says why
)

var rank = map[Severity]int{Fail: 0, Warn: 1, OK: 2, Skipped: 3}

// Finding is what one check found.
type Finding struct {
	ID       string   `json:"id"`
	Severity Severity `json:"severity"`
	Signals  []string `json:"signals,omitempty"` // those that are concerned
	Key      string   `json:"key,omitempty"`     // setting that is responsible
	Value    string   `json:"value,omitempty"`   // of it, redacted
	Source   string   `json:"source,omitempty"`  // layer that gave it, as in model.Value
	Seen     string   `json:"seen,omitempty"`    // raw error or answer, made safe to show and redacted
	Means    string   `json:"means,omitempty"`   // what follows from it, as the rest of "because"
	Advice   string   `json:"advice,omitempty"`  // what to do, when no value of the setting alone can be named
	Fix      *Fix     `json:"fix,omitempty"`     // value of the setting that would help
}

// Fix is a new value in the forms that can be copied. Only the forms that would
// win over what is in force are there.
type Fix struct {
	Value string `json:"value"`          // in the text form of the setting
	Flag  string `json:"flag,omitempty"` // --otel-endpoint=http://localhost:4317
	Env   string `json:"env,omitempty"`  // NAME=value; only if a variable is in force
	File  string `json:"file,omitempty"` // lines of buildscope.toml
	Note  string `json:"note,omitempty"` // why the file cannot help
}

// Forms are the forms that are there, each with its name.
func (x *Fix) Forms() [][2]string {
	if x == nil {
		return nil
	}
	all := [][2]string{{"flag", x.Flag}, {"env", x.Env}, {"file", x.File}, {"note", x.Note}}
	return slices.DeleteFunc(all, func(form [2]string) bool { return form[1] == "" })
}

// to is a fix that is completed when the finding is reported.
func to(value string) *Fix { return &Fix{Value: value} }

// Problem reports whether there is something to do.
func (f Finding) Problem() bool { return f.Severity == Fail || f.Severity == Warn }

// Text is the finding in words, without the forms of its fix: one line, and a
// second one with what was seen.
func (f Finding) Text() string {
	var b strings.Builder
	fmt.Fprintf(&b, "%s %s ", strings.ToUpper(string(f.Severity)), f.ID)
	if f.Key != "" {
		value := f.Value
		if value == "" {
			value = "not set"
		}
		fmt.Fprintf(&b, "%s (%s) is %s", f.Key, f.origin(), value)
		if f.Fix != nil {
			value = f.Fix.Value
			if value == "" {
				value = "nothing"
			}
			fmt.Fprintf(&b, "; set it to %s because ", value)
		} else {
			b.WriteString(": ")
		}
	}
	b.WriteString(f.Means)
	if len(f.Signals) > 0 && f.Problem() {
		fmt.Fprintf(&b, " (%s)", strings.Join(f.Signals, ", "))
	}
	if f.Advice != "" {
		b.WriteString("; " + f.Advice)
	}
	if f.Seen != "" {
		b.WriteString("\n     seen  " + f.Seen)
	}
	return b.String()
}

func (f Finding) origin() string {
	if f.Source == "default" || strings.HasPrefix(f.Source, "implied ") {
		return f.Source
	}
	return "from " + f.Source
}

// complete fills in the forms of the fix and makes everything safe to show.
func (d *doctor) complete(f Finding) Finding {
	f.Value, f.Seen, f.Means = d.clean(f.Value), d.clean(f.Seen), d.clean(f.Means)
	if f.Fix == nil {
		return f
	}
	fix := *f.Fix
	s, ok := presets.Lookup(f.Key)
	if !ok {
		f.Fix = nil
		return f
	}
	layer := f.Source
	if s.Base != "" {
		layer = strings.TrimPrefix(layer, s.Base+", ")
	}
	fix.Flag = "--" + s.Flag + "=" + shellWord(fix.Value)
	switch kind, name, _ := strings.Cut(layer, " "); kind {
	case "flag":
		fix.Note = "the file cannot help: the flag wins over it"
	case "env":
		fix.Env = name + "=" + shellWord(envText(s, name, fix.Value))
		fix.Note = "the file cannot help: the variable wins over it"
	default:
		fix.File = presets.TOMLLine(s, fix.Value)
		if s.Section != "" {
			fix.File = "[" + s.Section + "]\n" + fix.File
		}
	}
	f.Fix = &fix
	return f
}

// envText writes a value as a variable has it: the standard ones count times in
// milliseconds.
func envText(s presets.Setting, name, text string) string {
	if s.Kind == presets.Duration && strings.HasPrefix(name, "OTEL_") {
		if v, err := time.ParseDuration(text); err == nil {
			return strconv.FormatInt(v.Milliseconds(), 10)
		}
	}
	return text
}

// shellWord quotes a text for a shell where that is needed.
func shellWord(text string) string {
	if strings.ContainsFunc(text, func(r rune) bool {
		return !unicode.IsLetter(r) && !unicode.IsDigit(r) && !strings.ContainsRune("-_./:=,@%+", r)
	}) {
		return "'" + strings.ReplaceAll(text, "'", `'\''`) + "'"
	}
	return text
}

// seenLimit is how much of an error or an answer is shown, in characters.
const seenLimit = 300

// clean makes a text from outside safe: one line, nothing that steers a terminal,
// no secrets.
func (d *doctor) clean(s string) string {
	for _, secret := range d.secrets {
		if len(secret) > 3 { // shorter ones would take common words away
			s = strings.ReplaceAll(s, secret, model.Redacted)
		}
	}
	s = strings.Map(func(r rune) rune {
		if !unicode.IsPrint(r) {
			return ' '
		}
		return r
	}, s)
	s = strings.Join(strings.Fields(d.redact.Text(s)), " ")
	if r := []rune(s); len(r) > seenLimit {
		s = string(r[:seenLimit-1]) + "…"
	}
	return s
}

// merge joins findings that differ in their signals only.
func merge(list []Finding) []Finding {
	type same struct {
		id, key, value, means, advice, fix string
		severity                           Severity
	}
	joined := map[same]Finding{}
	var order []same
	for _, f := range list {
		k := same{f.ID, f.Key, f.Value, f.Means, f.Advice, "", f.Severity}
		if f.Fix != nil {
			k.fix = "=" + f.Fix.Value
		}
		first, ok := joined[k]
		if !ok {
			order, first = append(order, k), f
			first.Signals = nil
		}
		for _, s := range f.Signals {
			if !slices.Contains(first.Signals, s) {
				first.Signals = append(first.Signals, s)
			}
		}
		joined[k] = first
	}
	out := make([]Finding, len(order))
	for i, k := range order {
		out[i] = joined[k]
	}
	return out
}

// sortedKeys lists the keys of a map in order.
func sortedKeys[V any](m map[string]V) []string { return slices.Sorted(maps.Keys(m)) }
