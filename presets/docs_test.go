package presets

import (
	"bytes"
	"encoding/json"
	"reflect"
	"regexp"
	"slices"
	"strings"
	"testing"
)

func written(t *testing.T, write func(*bytes.Buffer) error) string {
	t.Helper()
	var b bytes.Buffer
	if err := write(&b); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

// The file of config init changes nothing, and still changes nothing when every
// line in it is brought to life: it shows the defaults.
func TestExampleIsTheDefaults(t *testing.T) {
	text := written(t, func(b *bytes.Buffer) error { return WriteExample(b) })
	plain, err := Resolve(Input{Dir: t.TempDir()})
	if err != nil {
		t.Fatal(err)
	}
	commented, err := Resolve(Input{Dir: write(t, text)})
	if err != nil {
		t.Fatal(err)
	}
	if !reflect.DeepEqual(commented.Values, plain.Values) {
		t.Error("the file as it is written changes a value or its source")
	}
	alive := regexp.MustCompile(`(?m)^#(\w|\[)`).ReplaceAllString(text, "$1")
	f, errs := parseFile(FileName, []byte(alive))
	if len(errs) > 0 {
		t.Fatal(errs)
	}
	for _, s := range table {
		v, ok := f.values[s.Name()]
		if !ok {
			t.Errorf("%s is missing", s.Name())
			continue
		}
		got, err := s.parse(v.text)
		want, _ := s.parse(s.Default)
		if err != nil || !reflect.DeepEqual(got, want) {
			t.Errorf("%s = %v, want the default %v (%v)", s.Name(), got, want, err)
		}
	}
	if f.profiles["nightly"] == nil {
		t.Error("the example of a profile is missing")
	}
}

// schemaNode is the part of JSON schema that these tests look at.
type schemaNode struct {
	Properties           map[string]schemaNode `json:"properties"`
	AdditionalProperties any                   `json:"additionalProperties"`
	Description          string                `json:"description"`
	Pattern              string                `json:"pattern"`
	AnyOf                []schemaNode          `json:"anyOf"`
	Default              any                   `json:"default"`
}

func readSchema(t *testing.T, text string) schemaNode {
	t.Helper()
	var n schemaNode
	if err := json.Unmarshal([]byte(text), &n); err != nil {
		t.Fatal(err)
	}
	return n
}

// keysOf lists the settings that a schema of sections allows, and finds tables
// that would let a misspelt key pass.
func keysOf(t *testing.T, properties map[string]schemaNode) []string {
	t.Helper()
	var out []string
	for name, n := range properties {
		if n.Properties == nil {
			out = append(out, name)
			continue
		}
		if n.AdditionalProperties != false {
			t.Errorf("[%s] accepts unknown keys", name)
		}
		for key := range n.Properties {
			out = append(out, name+"."+key)
		}
	}
	slices.Sort(out)
	return out
}

func TestSchemaHasExactlyTheTable(t *testing.T) {
	text := written(t, func(b *bytes.Buffer) error { return WriteSchema(b) })
	root := readSchema(t, text)
	if root.AdditionalProperties != false {
		t.Error("the schema accepts unknown sections")
	}
	inProfile, err := json.Marshal(root.Properties["profiles"].AdditionalProperties)
	if err != nil {
		t.Fatal(err)
	}
	delete(root.Properties, "profiles")

	var all, profile []string
	for _, s := range table {
		all = append(all, s.Name())
		if s.Profile {
			profile = append(profile, s.Name())
		}
	}
	profile = append(profile, "extends")
	slices.Sort(all)
	slices.Sort(profile)
	if got := keysOf(t, root.Properties); !slices.Equal(got, all) {
		t.Errorf("keys\n%v, want\n%v", got, all)
	}
	if got := keysOf(t, readSchema(t, string(inProfile)).Properties); !slices.Equal(got, profile) {
		t.Errorf("keys of a profile\n%v, want\n%v", got, profile)
	}
}

// The patterns of the schema agree with the parsers, so that an editor does not
// mark what the program takes, nor the reverse.
func TestSchemaPatternsAgreeWithParsers(t *testing.T) {
	texts := []string{
		"0", "1", "50M", "1.5G", ".5K", "5.K", "1e3K", "50MB", "50m", "50 M", "-1M", "M", "", "134217728",
		"none", "90s", "2m", "1m30s", "1h", "30s1m", "1m1m", "500ms", "1.5s", "10", "0s", "1h2m3.5s", "1µs",
	}
	for _, kind := range []Kind{Capacity, TTL, Duration} {
		s := Setting{Kind: kind}
		data, err := json.Marshal(s.valueSchema())
		if err != nil {
			t.Fatal(err)
		}
		n := readSchema(t, string(data))
		pattern := n.Pattern
		if len(n.AnyOf) > 0 {
			pattern = n.AnyOf[0].Pattern
		}
		re := regexp.MustCompile(pattern)
		for _, text := range texts {
			_, err := s.parse(text)
			if kind == TTL && text == "0s" {
				continue // zero is refused by value, not by form
			}
			if got := re.MatchString(text); got != (err == nil) {
				t.Errorf("%s %q: the pattern says %v, the parser %v", kind, text, got, err)
			}
		}
	}
}

// The reference page has a row for every setting with its flag and all its
// variables, and a row of the profile table for every key that one sets.
func TestMarkdownHasEverySetting(t *testing.T) {
	text := written(t, func(b *bytes.Buffer) error { return WriteMarkdown(b) })
	section := ""
	rows := map[string]string{}
	for _, line := range strings.Split(text, "\n") {
		if title, ok := strings.CutPrefix(line, "## "); ok {
			section = strings.Trim(title, "[]")
		}
		cells := strings.Split(strings.ReplaceAll(line, `\|`, ""), " | ")
		if key, ok := strings.CutPrefix(cells[0], "| `"); ok {
			rows[section+"."+strings.TrimSuffix(key, "`")] = line
			if section != "Profiles" && len(cells) != 6 {
				t.Errorf("%d cells in %s", len(cells), line)
			}
		}
	}
	for _, s := range table {
		key := s.Name()
		if s.Section == "" {
			key = "Top level." + s.Key
		}
		row := rows[key]
		for _, want := range append(s.EnvNames(), "`--"+s.Flag+"`", s.Bounds()) {
			if !strings.Contains(row, want) {
				t.Errorf("the row of %s lacks %s: %q", s.Name(), want, row)
			}
		}
	}
	if row := rows["Profiles.otel.bsp_schedule_delay"]; !strings.Contains(row, "200ms") {
		t.Errorf("the profile table lacks the delay of debug: %q", row)
	}
}
