package theme

import "strings"

// NoColor reports whether the environment asks for no colour: NO_COLOR with any
// non-empty value (no-color.org), or a terminal that calls itself dumb.
func NoColor(environ []string) bool {
	return lookup(environ, "NO_COLOR") != "" || lookup(environ, "TERM") == "dumb"
}

// ASCIILocale reports whether the locale of the environment rules UTF-8 out.
// Without any locale, as over most SSH connections, UTF-8 is assumed.
func ASCIILocale(environ []string) bool {
	for _, name := range []string{"LC_ALL", "LC_CTYPE", "LANG"} {
		if v := strings.ToLower(lookup(environ, name)); v != "" {
			return !strings.Contains(v, "utf-8") && !strings.Contains(v, "utf8")
		}
	}
	return false
}

// lookup gives the last value of a variable, as a process would see it.
func lookup(environ []string, name string) string {
	value := ""
	for _, pair := range environ {
		if k, v, ok := strings.Cut(pair, "="); ok && k == name {
			value = v
		}
	}
	return value
}
