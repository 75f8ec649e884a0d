package sqlproject

import (
	"reflect"
	"strings"
	"testing"
	"time"
)

func TestHeader(t *testing.T) {
	got, err := ParseHeader(`
-- Orders with
-- their customer.
-- @materialized view
-- @tags core, nightly, core
-- @column order_id Number of the order.
--@column note

SELECT 1 -- @tags late
`)
	want := Header{Doc: "Orders with their customer.", Materialized: View, Tags: []string{"core", "nightly"},
		Columns: []Column{{"order_id", "Number of the order."}, {"note", ""}}}
	if err != nil || !reflect.DeepEqual(got, want) {
		t.Errorf("%+v, %v\nwant %+v", got, err, want)
	}
	got, err = ParseHeader("-- @materialized incremental\n-- @key order_id, line no\n-- @time ordered_at: 72h\nSELECT 1")
	want = Header{Materialized: Incremental, Key: []Name{{"order_id", 2}, {"line no", 2}}, Time: Name{"ordered_at", 3}, Late: 72 * time.Hour}
	if err != nil || !reflect.DeepEqual(got, want) {
		t.Errorf("%+v, %v\nwant %+v", got, err, want)
	}
	for text, want := range map[string]string{
		"-- a\n-- @tag x\nSELECT 1":              "line 2: unknown directive @tag; did you mean @tags?",
		"-- @materialized tabel\nSELECT 1":       `line 1: @materialized is "tabel"; it must be table, view or incremental`,
		"-- @tags":                               "line 1: @tags says nothing",
		"-- @column a x\n-- @column A y\nSELECT": "line 2: @column describes A twice",
	} {
		if _, err := ParseHeader(text); err == nil || err.Error() != want {
			t.Errorf("%q: %v, want %s", text, err, want)
		}
	}
}

// What the header parser takes it takes whole, whatever stands in the text, and a
// second reading says the same.
func FuzzHeader(f *testing.F) {
	f.Add("-- Doc.\n-- @tags a, b\n-- @column x y z\nSELECT 1")
	f.Add("-- @materialized view\r\n--\r\n\r\n-- more\r\nSELECT 1")
	f.Add("-- @materialized incremental\n-- @key a, b c\n-- @time d: 72h\nSELECT 1")
	f.Add("-- @time d:1h\n-- @materialized incremental")
	f.Add("-- @")
	f.Add("--@column\u00a0x")
	f.Fuzz(func(t *testing.T, text string) {
		h, err := ParseHeader(text)
		again, againErr := ParseHeader(text + "\nSELECT '-- @nothing'")
		if (err == nil) != (againErr == nil) || err == nil && !reflect.DeepEqual(h, again) {
			t.Errorf("%+v, %v\nbut with more text %+v, %v", h, err, again, againErr)
		}
		if err != nil {
			return
		}
		if h.Materialized != Table && h.Materialized != View && (h.Materialized != Incremental || h.Key == nil && h.Time.Column == "") || strings.ContainsAny(h.Doc, "\n") {
			t.Errorf("%+v", h)
		}
		seen := map[string]bool{}
		for _, k := range h.Key {
			if k.Column == "" || k.Line == 0 || k.Column != strings.TrimSpace(k.Column) || seen[strings.ToLower(k.Column)] {
				t.Errorf("key %+v", h.Key)
			}
			seen[strings.ToLower(k.Column)] = true
		}
		if (h.Time.Line == 0) != (h.Time.Column == "") || h.Late < 0 || h.Late > 0 && h.Time.Line == 0 {
			t.Errorf("time %+v, %s", h.Time, h.Late)
		}
		for _, tag := range h.Tags {
			if tag == "" || strings.Contains(tag, ",") || tag != strings.TrimSpace(tag) {
				t.Errorf("tag %q", tag)
			}
		}
	})
}
