package jsondiff

import (
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"reflect"
	"strings"
	"testing"
)

func parse(t testing.TB, text string) any {
	t.Helper()
	v, err := Parse([]byte(text))
	if err != nil {
		t.Fatal(err)
	}
	return v
}

func TestDiff(t *testing.T) {
	for _, tc := range []struct{ name, a, b, want string }{
		{"same", `{"a": 1, "b": [1, {"x": null}]}`, `{"b": [1, {"x": null}], "a": 1}`, ""},
		{"object", `{"a": 1, "gone": {"x": 1}}`, `{"a": 2, "new": []}`, `changed .a 1 2; removed .gone {"x":1} ; added .new  []`},
		{"whole", `1`, `{"a": 1}`, `changed . 1 {"a":1}`},
		{"null is not absent", `{"a": null}`, `{}`, "removed .a null "},
		{"array", `[1, 2, 3, 4]`, `[1, 3, 4]`, "removed [1] 2 "},
		{"array grows", `["x", "z"]`, `["x", "y", "z"]`, `added [1]  "y"`},
		{"array changes", `[1, 2, 3]`, `[1, 9, 8, 7, 3]`, "changed [1] 2 9; added [2]  8; added [3]  7"},
		{"by name", `{"nodes": [{"name": "a", "rows": 1}, {"name": "b"}]}`, `{"nodes": [{"name": "c"}, {"name": "a", "rows": 5}]}`,
			`removed .nodes[b] {"name":"b"} ; added .nodes[c]  {"name":"c"}; changed .nodes[a].rows 1 5`},
		{"order", `[{"key": "a"}, {"key": "b"}]`, `[{"key": "b"}, {"key": "a"}]`, `moved [] ["a","b"] ["b","a"]`},
		{"a name twice is no name", `[{"name": "a", "n": 1}, {"name": "a"}]`, `[{"name": "a", "n": 2}, {"name": "a"}]`, "changed [0].n 1 2"},
		{"keys that need quotes", `{"a.b": {"": 1}}`, `{"a.b": {"": 2}}`, `changed ["a.b"][""] 1 2`},
	} {
		var got []string
		for _, c := range Diff(parse(t, tc.a), parse(t, tc.b), Options{}) {
			x, y := c.Sides()
			got = append(got, fmt.Sprintf("%s %s %s %s", c.Op, c.Path, x, y))
		}
		if text := strings.Join(got, "; "); text != tc.want {
			t.Errorf("%s: %s\nwant %s", tc.name, text, tc.want)
		}
	}
}

// Quiet leaves out what any two runs have different, and nothing else.
func TestQuiet(t *testing.T) {
	a := parse(t, `{"run_id": "r1", "created_at": "x", "start_unix_ns": 1, "dir": "/out/r1/t", "rows": 1, "list": [{"time": 1, "v": "r1"}, 5]}`)
	b := parse(t, `{"run_id": "r2", "created_at": "y", "start_unix_ns": 2, "dir": "/out/r2/t", "rows": 2, "list": [{"time": 2, "v": "r2"}, 6], "ended": "z"}`)
	o := Options{Quiet: true, RunA: "r1", RunB: "r2"}
	var got []string
	for _, c := range Diff(a, b, o) {
		got = append(got, c.Path.String()+" "+c.Delta())
	}
	if text := strings.Join(got, "; "); text != ".list[1] +1, +20.0 %; .rows +1, +100.0 %" {
		t.Errorf("quiet: %s", text)
	}
	if all := Diff(a, b, Options{}); len(all) != 9 {
		t.Errorf("not quiet: %d changes", len(all))
	}
	if none := Diff(a, a, o); len(none) != 0 {
		t.Errorf("with itself: %v", none)
	}
}

func TestDelta(t *testing.T) {
	for _, tc := range []struct{ a, b, want string }{
		{"3235783172", "496121645", "-2739661527, -84.7 %"}, {"0", "5", "+5"}, {"1.5", "1.25", "-0.25, -16.7 %"}, {"-2", "-1", "+1, -50.0 %"}, {`"1"`, "2", ""},
	} {
		if got := (Change{Op: Changed, A: parse(t, tc.a), B: parse(t, tc.b)}).Delta(); got != tc.want {
			t.Errorf("%s to %s: %q, not %q", tc.a, tc.b, got, tc.want)
		}
	}
}

// value makes a random JSON value; few keys, names and numbers, so that two have much
// in common.
func value(rng *rand.Rand, depth int) any {
	number := func() any { return json.Number(fmt.Sprint(rng.IntN(4))) }
	kind := rng.IntN(8)
	if depth > 4 {
		kind = rng.IntN(4)
	}
	switch kind {
	case 0:
		return nil
	case 1:
		return rng.IntN(2) == 0
	case 2:
		return string(rune('a' + rng.IntN(4)))
	case 3:
		return number()
	case 4, 5:
		m := map[string]any{}
		for range rng.IntN(4) {
			m[[]string{"a", "b", "name", "x.y"}[rng.IntN(4)]] = value(rng, depth+1)
		}
		return m
	case 6:
		list := make([]any, rng.IntN(6))
		for i := range list {
			list[i] = value(rng, depth+1)
		}
		return list
	}
	list := []any{} // elements with names, now and then one twice
	for range rng.IntN(6) {
		list = append(list, map[string]any{"name": string(rune('a' + rng.IntN(12))), "v": value(rng, depth+1)})
	}
	return list
}

// mutate changes a copy of a value in a few places.
func mutate(rng *rand.Rand, v any) any {
	v = clone(v)
	switch x := v.(type) {
	case map[string]any:
		for k := range x {
			if rng.IntN(3) == 0 {
				x[k] = mutate(rng, x[k])
			}
		}
		return x
	case []any:
		for i := range x {
			if rng.IntN(4) == 0 {
				x[i] = mutate(rng, x[i])
			}
		}
		rng.Shuffle(len(x), func(i, j int) {
			if rng.IntN(4) == 0 {
				x[i], x[j] = x[j], x[i]
			}
		})
		return x
	}
	return value(rng, 3)
}

// The changes turn one value into the other, both ways, and there are none exactly
// when the values are the same.
func TestApplyGivesTheOther(t *testing.T) {
	rng := rand.New(rand.NewPCG(7, 8))
	for i := range 20_000 {
		a := value(rng, 0)
		b := mutate(rng, a)
		if i%4 == 0 {
			b = value(rng, 0)
		}
		before := Text(a)
		changes := Diff(a, b, Options{})
		got, err := Apply(a, changes)
		if err != nil || Text(got) != Text(b) {
			t.Fatalf("%s\nto %s\ngave %s, %v\nby %s", Text(a), Text(b), Text(got), err, Text(changes))
		}
		if Text(a) != before {
			t.Fatalf("the value was changed: %s, now %s", before, Text(a))
		}
		if same := reflect.DeepEqual(a, b); same != (len(changes) == 0) {
			t.Fatalf("%d changes from %s to %s", len(changes), Text(a), Text(b))
		}
	}
}

// A deep value takes no more than its length.
func TestDeepValues(t *testing.T) {
	deep := func(leaf string) any { return parse(t, strings.Repeat("[", 3000)+leaf+strings.Repeat("]", 3000)) }
	if got := Diff(deep("1"), deep("2"), Options{}); len(got) != 1 || len(got[0].Path) != 3000 {
		t.Errorf("%d changes", len(got))
	}
}

func FuzzParse(f *testing.F) {
	f.Add([]byte(`{"a": [1, {"name": "x"}]}`), []byte(`{"a": []}`))
	f.Fuzz(func(t *testing.T, x, y []byte) {
		a, errA := Parse(x)
		b, errB := Parse(y)
		if errA != nil || errB != nil {
			return
		}
		if got, err := Apply(a, Diff(a, b, Options{})); err != nil || Text(got) != Text(b) {
			t.Fatalf("%s to %s: %s, %v", x, y, Text(got), err)
		}
	})
}
