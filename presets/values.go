package presets

import (
	"errors"
	"fmt"
	"math"
	"net/url"
	"path"
	"sort"
	"strconv"
	"strings"
	"time"
)

// parse reads the text form of a setting into the Go value of its kind: bool,
// int64 (int, capacity), float64, string, []string, map[string]string or
// time.Duration. The error says what is allowed.
func (s Setting) parse(text string) (any, error) {
	v, err := parseKind(s, text)
	if err != nil {
		return nil, err
	}
	if err := s.inRange(v); err != nil {
		return nil, err
	}
	if s.check != nil {
		if err := s.check(v); err != nil {
			return nil, err
		}
	}
	return v, nil
}

func parseKind(s Setting, text string) (any, error) {
	switch s.Kind {
	case Bool:
		v, err := strconv.ParseBool(text)
		if err != nil {
			return nil, errors.New("must be true or false")
		}
		return v, nil
	case Int:
		v, err := strconv.ParseInt(text, 10, 64)
		if err != nil {
			return nil, errors.New("must be a whole number")
		}
		return v, nil
	case Float:
		v, err := strconv.ParseFloat(text, 64)
		if err != nil || math.IsNaN(v) || math.IsInf(v, 0) {
			return nil, errors.New("must be a number")
		}
		return v, nil
	case Enum:
		return text, oneOf(text, s.Allowed)
	case List:
		items := splitList(text)
		for _, item := range items {
			if s.Allowed != nil {
				if err := oneOf(item, s.Allowed); err != nil {
					return nil, err
				}
			}
		}
		return items, nil
	case Map:
		return parseMap(text)
	case Duration:
		v, err := time.ParseDuration(text)
		if err != nil {
			return nil, errors.New("must be a duration such as 500ms, 10s or 1m30s")
		}
		return v, nil
	case Capacity:
		return ParseCapacity(text)
	case TTL:
		return parseTTL(text)
	}
	return text, nil
}

func oneOf(text string, allowed []string) error {
	for _, a := range allowed {
		if a == text {
			return nil
		}
	}
	return fmt.Errorf("%q is not one of %s", text, strings.Join(allowed, ", "))
}

func (s Setting) inRange(v any) error {
	bound := func(text string) any {
		if text == "" {
			return nil
		}
		b, err := parseKind(s, text)
		if err != nil {
			return nil // a test checks that every bound of the table parses
		}
		return b
	}
	less := func(a, b any) bool {
		switch a := a.(type) {
		case int64:
			return a < b.(int64)
		case float64:
			return a < b.(float64)
		case time.Duration:
			return a < b.(time.Duration)
		}
		return false
	}
	lo, hi := bound(s.Min), bound(s.Max)
	if lo != nil && less(v, lo) || hi != nil && less(hi, v) {
		return errors.New("must be " + s.Bounds())
	}
	return nil
}

// Bounds says in words what Min and Max allow: "between 0 and 1", "at least
// 1ms"; "" when there is no bound.
func (s Setting) Bounds() string {
	switch {
	case s.Min != "" && s.Max != "":
		return "between " + s.Min + " and " + s.Max
	case s.Min != "":
		return "at least " + s.Min
	case s.Max != "":
		return "at most " + s.Max
	}
	return ""
}

// splitList cuts at commas outside braces and drops empty items.
func splitList(text string) []string {
	var out []string
	depth, start := 0, 0
	for i := 0; i <= len(text); i++ {
		if i == len(text) || text[i] == ',' && depth == 0 {
			if item := strings.TrimSpace(text[start:i]); item != "" {
				out = append(out, item)
			}
			start = i + 1
			continue
		}
		switch text[i] {
		case '{':
			depth++
		case '}':
			depth--
		}
	}
	return out
}

// parseMap reads key=value pairs with percent-encoded values, the syntax of
// OTEL_RESOURCE_ATTRIBUTES.
func parseMap(text string) (map[string]string, error) {
	out := map[string]string{}
	for _, pair := range splitList(text) {
		k, v, ok := strings.Cut(pair, "=")
		k = strings.TrimSpace(k)
		if !ok || k == "" {
			// The pair itself may hold a secret, so it is not repeated.
			return nil, errors.New("must be key=value pairs separated by commas")
		}
		v, err := url.PathUnescape(strings.TrimSpace(v))
		if err != nil {
			return nil, fmt.Errorf("the value of %s has a bad percent escape", k)
		}
		out[k] = v
	}
	return out, nil
}

// formatMap is the inverse of parseMap, with sorted keys.
func formatMap(m map[string]string) string {
	keys := make([]string, 0, len(m))
	for k := range m {
		keys = append(keys, k)
	}
	sort.Strings(keys)
	for i, k := range keys {
		keys[i] = k + "=" + url.PathEscape(m[k])
	}
	return strings.Join(keys, ",")
}

// ParseCapacity reads a number of bytes as DataFusion's parse_capacity does, its
// error texts included.
func ParseCapacity(text string) (int64, error) {
	if text == "0" {
		return 0, nil
	}
	if text == "" {
		return 0, errors.New("Empty limit value found")
	}
	unit := text[len(text)-1:]
	var factor float64
	switch unit {
	case "K":
		factor = 1 << 10
	case "M":
		factor = 1 << 20
	case "G":
		factor = 1 << 30
	default:
		return 0, fmt.Errorf("Unsupported unit '%s' in limit '%s'. Unit must be one of: 'K', 'M', 'G'", unit, text)
	}
	n, err := strconv.ParseFloat(text[:len(text)-1], 64)
	if err != nil || n < 0 || n*factor >= math.MaxInt64 || math.IsNaN(n) {
		return 0, fmt.Errorf("Failed to parse number from memory limit '%s'", text)
	}
	return int64(n * factor), nil
}

// parseTTL follows DataFusion's parse_ttl: minutes, then seconds, each a whole
// number and at most once. none means that entries never expire.
func parseTTL(text string) (time.Duration, error) {
	if text == "none" {
		return 0, nil
	}
	var d time.Duration
	rest := text
	for _, u := range []struct {
		unit string
		size time.Duration
	}{{"m", time.Minute}, {"s", time.Second}} {
		i := strings.Index(rest, u.unit)
		if i < 0 {
			continue
		}
		n, err := strconv.ParseUint(rest[:i], 10, 31)
		if err != nil {
			return 0, fmt.Errorf("Failed to parse number from duration '%s'", text)
		}
		d += time.Duration(n) * u.size
		rest = rest[i+1:]
	}
	if rest != "" {
		return 0, fmt.Errorf("Invalid duration unit: '%s'. The unit must be either 'm' (minutes), or 's' (seconds), and be in the correct order", rest[len(rest)-1:])
	}
	if d == 0 {
		return 0, errors.New("Duration must be greater than 0 seconds")
	}
	return d, nil
}

func nonEmpty(v any) error {
	if s, ok := v.(string); ok && strings.TrimSpace(s) == "" {
		return errors.New("must not be empty")
	}
	return nil
}

func validGlobs(v any) error {
	for _, g := range v.([]string) {
		if _, err := path.Match(g, ""); err != nil {
			return fmt.Errorf("%q is not a valid glob", g)
		}
	}
	return nil
}

// validColumnGlobs is validGlobs for globs that may have a ! before them.
func validColumnGlobs(v any) error {
	var globs []string
	for _, g := range v.([]string) {
		glob := strings.TrimPrefix(g, "!")
		if glob == "" {
			return fmt.Errorf("%q matches no column", g)
		}
		globs = append(globs, glob)
	}
	return validGlobs(globs)
}

// mask hides a secret but tells whether there is one, and roughly how long.
func mask(text string) string {
	switch n := len(text); {
	case n == 0:
		return ""
	case n < 16:
		return "•••• (short)"
	case n < 64:
		return "•••• (medium)"
	}
	return "•••• (long)"
}
