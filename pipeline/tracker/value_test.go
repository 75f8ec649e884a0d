package tracker

import (
	"encoding/json"
	"math"
	"strings"
	"testing"
	"time"

	"github.com/buildscope/buildscope/model"
)

type embedded struct {
	Rows int `json:"rows"`
}

type report struct {
	embedded
	*json.Decoder // nil
	State         model.RunState
	APIToken      string `json:"api_token"`
	Skipped       string `json:"-"`
	private       int
}

type badText struct{}

func (badText) MarshalText() ([]byte, error) { panic("no text") }

func TestValueAttribute(t *testing.T) {
	loop := map[string]any{}
	loop["self"] = loop
	type ring struct{ Next *ring }
	r := &ring{}
	r.Next = r
	for _, c := range []struct {
		about string
		value any
		want  string // type, version and value as JSON
	}{
		{"int", 42, `primitive 1 {"type":"int","value":42}`},
		{"bool", true, `primitive 1 {"type":"bool","value":true}`},
		{"text", "a", `primitive 1 {"type":"string","value":"a"}`},
		{"text that is no UTF-8", "a\xff", `primitive 1 {"type":"string","value":"a�"}`},
		{"secret in a text", "token=abc", `primitive 1 {"type":"string","value":"token=••••"}`},
		{"nothing", nil, `primitive 1 {"type":"\u003cnil\u003e","value":"None"}`},
		{"nil pointer", (*report)(nil), `primitive 1 {"type":"*tracker.report","value":"None"}`},
		{"not a number", math.NaN(), `primitive 1 {"type":"float64","value":"NaN"}`},
		{"time", time.Unix(0, 0).UTC(), `primitive 1 {"type":"time.Time","value":"1970-01-01T00:00:00Z"}`},
		{"bytes", []byte("abc"), `primitive 1 {"type":"[]uint8","value":"3 bytes"}`},
		{"function", strings.ToLower, `primitive 1 {"type":"func(string) string","value":"func(string) string"}`},
		{"panic", badText{}, `primitive 1 {"type":"tracker.badText","value":"cannot be shown: no text"}`},
		{"short list", []int{1, 2, 3}, `dict 2 {"type":"[]int","value":[1,2,3]}`},
		{"long list", []int{1, 2, 3, 4}, `dict 2 {"type":"[]int","value":[1,2,3,"... truncated ..."]}`},
		{"dict", map[string]int{"a": 1, "b": 2}, `dict 2 {"type":"map[string]int","value":{"a":1,"b":2}}`},
		{"long dict", map[string]int{"a": 1, "b": 2, "c": 3}, `dict 2 {"type":"map[string]int","value":{"__truncated__":"... values truncated ...","a":1,"b":2}}`},
		{"dict within", map[int][]string{7: {"a", "b", "c", "d"}}, `dict 2 {"type":"map[int][]string","value":{"7":["a","b","c","... truncated ..."]}}`},
		{"struct", report{embedded: embedded{5}, private: 1, State: model.RunFailed, APIToken: "abc"}, `dict 2 {"type":"tracker.report","value":{"State":"failed","__truncated__":"... values truncated ...","rows":5}}`},
		{"secret field", struct {
			Token string `json:"api_token"`
		}{"abc"}, `dict 2 {"type":"struct { Token string \"json:\\\"api_token\\\"\" }","value":{"api_token":"••••"}}`},
	} {
		typ, version, value := valueAttribute(c.value, Limits{List: 3, Dict: 2}, model.NewRedactor([]string{"*token*"}))
		data, err := json.Marshal(value)
		if err != nil {
			t.Errorf("%s: %v", c.about, err)
		}
		if got := typ + " " + string('0'+rune(version)) + " " + string(data); got != c.want {
			t.Errorf("%s:\n got %s\nwant %s", c.about, got, c.want)
		}
	}
	for _, endless := range []any{loop, r} {
		_, _, value := valueAttribute(endless, Limits{List: 3, Dict: 2}, nil)
		if data, err := json.Marshal(value); err != nil || len(data) > 1000 {
			t.Errorf("%d bytes, %v", len(data), err)
		}
	}
	_, _, long := valueAttribute(strings.Repeat("é", maxText), Limits{}, nil)
	if s := long.(map[string]any)["value"].(string); len(s) > maxText+len(listMark) || !strings.HasSuffix(s, "é"+listMark) {
		t.Errorf("a long text is %d bytes and ends with %q", len(s), s[len(s)-20:])
	}
	if _, _, none := valueAttribute([]int{1}, Limits{}, nil); none.(map[string]any)["value"].([]any)[0] != listMark {
		t.Errorf("a limit of 0 keeps %v", none)
	}
}
