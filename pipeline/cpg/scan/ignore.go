package scan

import (
	"bytes"
	"os"
	"path"
	"path/filepath"
	"regexp"
	"strings"
)

// rule is one line of a .gitignore file. It is own code because the library's
// matcher reads [!a] and **/a/b otherwise than git.
type rule struct {
	negate   bool
	dirOnly  bool
	basename bool           // compare the last element only
	exact    string         // the whole pattern, when it has no special characters
	suffix   string         // of *suffix
	re       *regexp.Regexp // everything else; nil when no name can match
}

// rules are the rules of one file; they hold below dir, which is "" or ends in /.
type rules struct {
	dir  string
	list []rule
}

// decide says what the last matching rule of the sets says about a path, the sets
// in ascending priority. What is below an ignored directory is not asked for.
func decide(sets []rules, name string, isDir bool) (ignored, decided bool) {
	for i := len(sets) - 1; i >= 0; i-- {
		rel, below := strings.CutPrefix(name, sets[i].dir)
		if !below {
			continue
		}
		base := path.Base(rel)
		for j := len(sets[i].list) - 1; j >= 0; j-- {
			if r := &sets[i].list[j]; r.matches(rel, base, isDir) {
				return !r.negate, true
			}
		}
	}
	return false, false
}

// ignoredBelow is decide for a path whose directories were not asked for yet.
func ignoredBelow(sets []rules, name string, isDir bool) bool {
	for i := 0; i < len(name); i++ {
		if name[i] == '/' {
			if ignored, _ := decide(sets, name[:i], true); ignored {
				return true
			}
		}
	}
	ignored, _ := decide(sets, name, isDir)
	return ignored
}

func (r *rule) matches(rel, base string, isDir bool) bool {
	if r.dirOnly && !isDir {
		return false
	}
	if r.basename {
		rel = base
	}
	switch {
	case r.exact != "":
		return rel == r.exact
	case r.suffix != "":
		return strings.HasSuffix(rel, r.suffix)
	}
	return r.re != nil && r.re.MatchString(rel)
}

// readRules reads an ignore file. One that is not there, or cannot be read, ignores
// nothing.
func readRules(file, dir string) rules {
	text, err := os.ReadFile(file)
	if err != nil {
		return rules{dir: dir}
	}
	text = bytes.TrimPrefix(text, []byte("\xef\xbb\xbf"))
	return parseRules(dir, strings.Split(string(text), "\n"))
}

func parseRules(dir string, lines []string) rules {
	out := rules{dir: dir}
	for _, line := range lines {
		if r, ok := parseRule(strings.TrimSuffix(line, "\r")); ok {
			out.list = append(out.list, r)
		}
	}
	return out
}

// special are the characters that are more than themselves in a pattern.
const special = `*?[\`

func parseRule(line string) (r rule, ok bool) {
	if strings.HasPrefix(line, "#") {
		return r, false
	}
	line, r.negate = strings.CutPrefix(line, "!")
	line = trimSpaces(line)
	line, r.dirOnly = strings.CutSuffix(line, "/")
	if line == "" {
		return r, false
	}
	r.basename = !strings.Contains(line, "/")
	line = strings.TrimPrefix(line, "/")
	switch {
	case !strings.ContainsAny(line, special):
		r.exact = line
	case r.basename && line[0] == '*' && len(line) > 1 && !strings.ContainsAny(line[1:], special):
		r.suffix = line[1:]
	default:
		if text, ok := expression(line, r.basename); ok {
			r.re, _ = regexp.Compile(`(?s)\A` + text + `\z`) // a range like [z-a] matches nothing
		}
	}
	return r, true
}

// trimSpaces removes the spaces at the end that no backslash protects.
func trimSpaces(s string) string {
	for strings.HasSuffix(s, " ") {
		slashes := 0
		for i := len(s) - 2; i >= 0 && s[i] == '\\'; i-- {
			slashes++
		}
		if slashes%2 == 1 {
			break
		}
		s = s[:len(s)-1]
	}
	return s
}

// expression turns a pattern into a regular expression; ok is false for a pattern
// that is cut off, which matches nothing.
func expression(p string, basename bool) (text string, ok bool) {
	var b strings.Builder
	start := strings.IndexAny(p, special) // git compares what is before by itself: a**/b is like **/b there
	for i := 0; i < len(p); {
		switch c := p[i]; {
		case c == '*' && !basename && strings.HasPrefix(p[i:], "**") && (i == start || p[i-1] == '/') && (i+2 == len(p) || p[i+2] == '/'):
			if i+2 == len(p) {
				b.WriteString(".+")
			} else {
				b.WriteString("(?:.*/)?")
			}
			i += min(3, len(p)-i)
		case c == '*':
			b.WriteString("[^/]*")
			i++
		case c == '?':
			b.WriteString("[^/]")
			i++
		case c == '[':
			n, class, ok := bracket(p[i:])
			if !ok {
				return "", false
			}
			b.WriteString(class)
			i += n
		case c == '\\':
			if i+1 == len(p) {
				return "", false
			}
			b.WriteString(regexp.QuoteMeta(p[i+1 : i+2]))
			i += 2
		default:
			n := strings.IndexAny(p[i:], special)
			if n < 0 {
				n = len(p) - i
			}
			b.WriteString(regexp.QuoteMeta(p[i : i+n]))
			i += n
		}
	}
	return b.String(), true
}

// bracket translates the character class that p starts with and returns its length.
// A class never matches a slash.
func bracket(p string) (length int, class string, ok bool) {
	i, negate := 1, false
	if i < len(p) && (p[i] == '!' || p[i] == '^') {
		negate = true
		i++
	}
	var b strings.Builder
	for first := true; ; first = false {
		if i >= len(p) {
			return 0, "", false
		}
		switch c := p[i]; {
		case c == ']' && !first:
			if negate {
				return i + 1, "[^/" + b.String() + "]", true
			}
			if b.Len() == 0 {
				return i + 1, `[^\x00-\x{10FFFF}]`, true
			}
			return i + 1, "[" + b.String() + "]", true
		case strings.HasPrefix(p[i:], "[:"):
			end := strings.Index(p[i:], ":]")
			if end < 0 {
				return 0, "", false
			}
			b.WriteString(p[i : i+end+2])
			i += end + 2
		case c == '-' && !first && i+1 < len(p) && p[i+1] != ']':
			b.WriteByte('-')
			i++
		default:
			if c == '\\' {
				if i++; i >= len(p) {
					return 0, "", false
				}
			}
			if p[i] != '/' {
				b.WriteString(regexp.QuoteMeta(p[i : i+1]))
				if p[i] == '-' || p[i] == '^' {
					s := b.String()
					b.Reset()
					b.WriteString(s[:len(s)-1] + `\` + s[len(s)-1:])
				}
			}
			i++
		}
	}
}

// globalRules are the user's own ignore rules, in the file that git's configuration
// names, or where git looks without one. Conditional includes are not followed.
func globalRules(commonDir string) rules {
	home, _ := os.UserHomeDir()
	xdg := os.Getenv("XDG_CONFIG_HOME")
	if xdg == "" && home != "" {
		xdg = filepath.Join(home, ".config")
	}
	file := filepath.Join(xdg, "git", "ignore")
	for _, config := range []string{"/etc/gitconfig", filepath.Join(xdg, "git", "config"), filepath.Join(home, ".gitconfig"), filepath.Join(commonDir, "config")} {
		if named := excludesFile(config); named != "" {
			file = named
			if rest, ok := strings.CutPrefix(named, "~/"); ok {
				file = filepath.Join(home, rest)
			}
		}
	}
	return readRules(file, "")
}
