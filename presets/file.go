package presets

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"sort"
	"strconv"
	"strings"
	"time"

	"github.com/pelletier/go-toml/v2"
	"github.com/pelletier/go-toml/v2/unstable"
)

// FileName is the config file that is looked for from the working directory upwards.
const FileName = "buildscope.toml"

// layerText is one value of a layer in text form, with where it stands.
type layerText struct {
	text   string
	source string
	bad    string // what is wrong with a text that its layer writes differently
	based  bool   // the text is that of the setting's base
}

// layer holds what one source gives, by setting name.
type layer map[string]layerText

// tomlFile is a parsed config file or profile.
type tomlFile struct {
	name     string // as shown in sources
	values   layer
	profiles map[string]*profile
}

// profile is a set of values with the profile it extends.
type profile struct {
	name    string
	source  string // "buildscope.toml:12" for a user's own
	extends string
	values  layer
}

// FindFile looks for buildscope.toml from dir upwards; "" when there is none.
func FindFile(dir string) string {
	for {
		path := filepath.Join(dir, FileName)
		if info, err := os.Stat(path); err == nil && !info.IsDir() {
			return path
		}
		up := filepath.Dir(dir)
		if up == dir {
			return ""
		}
		dir = up
	}
}

// parseFile reads a config file strictly. All faults are returned, each with
// line and column.
func parseFile(name string, data []byte) (*tomlFile, []error) {
	f := &tomlFile{name: name, values: layer{}, profiles: map[string]*profile{}}
	var doc map[string]any
	if err := toml.Unmarshal(data, &doc); err != nil {
		var de *toml.DecodeError
		if errors.As(err, &de) {
			row, col := de.Position()
			return f, []error{fmt.Errorf("%s:%d:%d: %s", name, row, col, strings.TrimPrefix(de.Error(), "toml: "))}
		}
		return f, []error{fmt.Errorf("%s: %w", name, err)}
	}
	at := positions(data)
	var errs []error
	flatten("", doc, func(key string, v any) {
		pos := at[key]
		where := fmt.Sprintf("%s:%d", name, pos.line)
		values, setting := f.values, key
		if rest, ok := strings.CutPrefix(key, "profiles."); ok {
			pname, sub, _ := strings.Cut(rest, ".")
			p := f.profiles[pname]
			if p == nil {
				p = &profile{name: pname, source: where, values: layer{}}
				f.profiles[pname] = p
			}
			if sub == "extends" {
				p.extends = fmt.Sprint(v)
				return
			}
			values, setting = p.values, sub
		}
		s, ok := Lookup(setting)
		if !ok {
			errs = append(errs, fmt.Errorf("%s:%d:%d: unknown key %s%s", name, pos.line, pos.col, setting, nearestName(setting)))
			return
		}
		if strings.HasPrefix(key, "profiles.") && !s.Profile {
			errs = append(errs, fmt.Errorf("%s:%d:%d: a profile may not set %s", name, pos.line, pos.col, setting))
			return
		}
		text, err := tomlText(v)
		if err != nil {
			errs = append(errs, fmt.Errorf("%s (file %s): %w", setting, where, err))
			return
		}
		values[setting] = layerText{text: text, source: where}
	})
	if all, ok := doc["profiles"].(map[string]any); ok {
		for name := range all {
			if f.profiles[name] == nil { // an empty table is a profile too
				f.profiles[name] = &profile{name: name, source: fmt.Sprintf("%s:%d", f.name, at["profiles."+name].line), values: layer{}}
			}
		}
	}
	return f, errs
}

// flatten calls f for every value with its dotted key, maps of a setting whole,
// in key order.
func flatten(prefix string, m map[string]any, f func(string, any)) {
	keys := make([]string, 0, len(m))
	for k := range m {
		keys = append(keys, k)
	}
	sort.Strings(keys)
	for _, k := range keys {
		key := strings.TrimPrefix(prefix+"."+k, ".")
		sub, isTable := m[k].(map[string]any)
		name := key
		if rest, ok := strings.CutPrefix(key, "profiles."); ok {
			_, name, _ = strings.Cut(rest, ".")
		}
		if s, ok := Lookup(name); isTable && !(ok && s.Kind == Map) {
			flatten(key, sub, f)
			continue
		}
		f(key, m[k])
	}
}

// tomlText turns a TOML value into the text form of settings.
func tomlText(v any) (string, error) {
	switch v := v.(type) {
	case string:
		return v, nil
	case bool:
		return strconv.FormatBool(v), nil
	case int64:
		return strconv.FormatInt(v, 10), nil
	case float64:
		return strconv.FormatFloat(v, 'g', -1, 64), nil
	case []any:
		items := make([]string, len(v))
		for i, e := range v {
			s, ok := e.(string)
			if !ok {
				return "", errors.New("must be a list of strings")
			}
			items[i] = s
		}
		return strings.Join(items, ","), nil
	case map[string]any:
		m := map[string]string{}
		for k, e := range v {
			s, ok := e.(string)
			if !ok {
				return "", fmt.Errorf("the value of %s must be a string", k)
			}
			m[k] = s
		}
		return formatMap(m), nil
	case time.Time, toml.LocalDate, toml.LocalDateTime, toml.LocalTime:
		return "", errors.New("must not be a date")
	}
	return "", fmt.Errorf("has an unexpected type %T", v)
}

type place struct{ line, col int }

// positions maps every dotted key of a valid TOML text to its line and column.
func positions(data []byte) map[string]place {
	out := map[string]place{}
	var p unstable.Parser
	p.Reset(data)
	prefix := ""
	for p.NextExpression() {
		e := p.Expression()
		var parts []string
		var at place
		for it := e.Key(); it.Next(); {
			n := it.Node()
			if at.line == 0 {
				start := p.Shape(n.Raw).Start
				at = place{start.Line, start.Column}
			}
			parts = append(parts, string(n.Data))
		}
		key := strings.Join(parts, ".")
		switch e.Kind {
		case unstable.Table, unstable.ArrayTable:
			prefix = key + "."
			record(out, key, at)
		case unstable.KeyValue:
			record(out, prefix+key, at)
		}
	}
	return out
}

// Lines maps every dotted key of a valid TOML text to its line.
func Lines(data []byte) map[string]int {
	out := map[string]int{}
	for key, at := range positions(data) {
		out[key] = at.line
	}
	return out
}

// record keeps the first place of a key, and of every table above it.
func record(out map[string]place, key string, at place) {
	for {
		if _, ok := out[key]; !ok {
			out[key] = at
		}
		i := strings.LastIndexByte(key, '.')
		if i < 0 {
			return
		}
		key = key[:i]
	}
}

// bom is the mark that some editors put before a text.
var bom = []byte("\xef\xbb\xbf")

// readFile reads and parses a config file.
func readFile(path, shown string) (*tomlFile, []error) {
	data, err := os.ReadFile(path)
	if err != nil {
		return nil, []error{fmt.Errorf("read the config file: %w", err)}
	}
	return parseFile(shown, bytes.TrimPrefix(data, bom))
}
