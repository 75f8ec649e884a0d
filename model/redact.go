package model

import (
	"path"
	"regexp"
	"slices"
	"strings"
)

// Redacted stands for a value that was hidden.
const Redacted = "••••"

// Redactor says which keys carry values that must not leave the process. The
// zero value hides nothing.
type Redactor struct {
	globs []string
	cores []string // one text for each glob that every match holds; nil when a glob has none
}

// NewRedactor takes globs over keys, in the syntax of path.Match without regard
// to case. A glob that cannot be read matches the key it spells.
func NewRedactor(globs []string) *Redactor {
	r := &Redactor{}
	for _, g := range globs {
		g = strings.ReplaceAll(strings.ToLower(g), "/", ".")
		r.globs = append(r.globs, g)
		r.cores = append(r.cores, core(g))
	}
	if slices.Contains(r.cores, "") {
		r.cores = nil
	}
	return r
}

// core is the longest text that every key holds which a glob matches; "" when that
// cannot be said.
func core(glob string) string {
	if strings.ContainsAny(glob, `[\`) {
		return ""
	}
	best := ""
	for part := range strings.FieldsFuncSeq(glob, func(r rune) bool { return r == '*' || r == '?' || r == '.' }) {
		if len(part) > len(best) {
			best = part
		}
	}
	return best
}

// Empty reports whether nothing is hidden.
func (r *Redactor) Empty() bool { return len(r.globs) == 0 }

// Match reports whether the value under key is hidden.
func (r *Redactor) Match(key string) bool {
	// A slash is an ordinary character of a key, not the end of what * covers.
	key = strings.ReplaceAll(strings.ToLower(key), "/", ".")
	for _, g := range r.globs {
		if ok, err := path.Match(g, key); ok || err != nil && g == key {
			return true
		}
	}
	return false
}

var (
	// keyed is a word that a value may follow: key=value, key: value or --key value,
	// as they stand in log lines, command lines, URLs and JSON.
	keyed = regexp.MustCompile(`([\w.\-]+)((?:\\?["'])?\s{0,8}[:=]\s{0,8}|\s{1,8})`)
	// value is one word, or everything in its quotes, which may be those of JSON
	// within a text.
	value = regexp.MustCompile(`^(?i:(?:bearer|basic|token)\s+)?(?:\\"((?:[^"\\]|\\[^"])*)\\"|"((?:[^"\\]|\\.)*)"|'([^']*)'|([^\s,;&"'\\]+))`)
	// userinfo are the name and password of a URL.
	userinfo = regexp.MustCompile(`://[^/\s@]+@`)
)

// HideUser hides the user and password of URLs inside a text.
func HideUser(s string) string {
	if !strings.Contains(s, "@") {
		return s
	}
	return userinfo.ReplaceAllString(s, "://"+Redacted+"@")
}

// Text hides the values of matching keys inside a text, and the user and password
// of URLs. A word is a key when = or : follows it, or when it is a flag (--key).
// JSON stays JSON.
func (r *Redactor) Text(s string) string {
	if r.Empty() || !strings.ContainsAny(s, ":=") && !strings.Contains(s, "--") {
		return s
	}
	s = HideUser(s)
	if !r.mayHide(s) {
		return s
	}
	var b strings.Builder
	// Keys are looked for without their values: a value may hold the next key, and
	// matching it each time would cost the square of the length.
	for {
		m := keyed.FindStringSubmatchIndex(s)
		if m == nil {
			break
		}
		key, between := s[m[2]:m[3]], s[m[4]:m[5]]
		b.WriteString(s[:m[5]])
		s = s[m[5]:]
		if !strings.ContainsAny(between, ":=") && !strings.HasPrefix(key, "--") || !r.Match(strings.TrimLeft(key, "-")) {
			continue
		}
		v := value.FindStringSubmatchIndex(s)
		for i := 2; i < len(v); i += 2 {
			if v[i] >= 0 {
				b.WriteString(s[:v[i]])
				b.WriteString(Redacted)
				s = s[v[i+1]:]
				break
			}
		}
	}
	return b.String() + s
}

// mayHide is a quick no: most texts hold nothing that a key could be made of.
func (r *Redactor) mayHide(s string) bool {
	if r.cores == nil {
		return true
	}
	s = strings.ToLower(s)
	for _, c := range r.cores {
		if strings.Contains(s, c) {
			return true
		}
	}
	return false
}
