package runview

import (
	"strings"
	"testing"

	"github.com/buildscope/buildscope/model"
)

// What is wrong with a filter is said with the term and what is allowed.
func TestFilterErrors(t *testing.T) {
	for text, want := range map[string]string{
		"status:faild":             `filter status:faild: "faild" is no status; it is one of pending, running, succeeded, cached, failed, blocked, cancelled`,
		"dur>2":                    `filter dur>2: "2" is no length of time; write it with its unit, like 2s or 150ms`,
		"a rows>=many":             `filter rows>=many: "many" is no number; write it like 1000, 1e6, 2.5M or 10MiB`,
		"rows>inf":                 `filter rows>inf: "inf" is no number; write it like 1000, 1e6, 2.5M or 10MiB`,
		"duration>2s":              `filter duration>2s: duration cannot be compared; dur, rows, bytes, errors and attr.KEY can. Text with < or > goes into quotes`,
		"attr.cache":               `filter attr.cache: =VALUE must follow, or < or > and a number`,
		"attr.=1":                  `filter attr.=1: attr. stands before the name of an attribute`,
		"kind:":                    `filter kind:: a kind must follow, like sql or span`,
		"!":                        `filter !: the ! stands before a term`,
		"/mod_(":                   `filter /mod_(: missing closing ): mod_(`,
		`x "two words`:             `filter "two words: the quote is not closed`,
		"attr.n>x":                 `filter attr.n>x: "x" is no number; write it like 1000, 1e6, 2.5M or 10MiB`,
		"!status:running x !dur<-": `filter !dur<-: "-" is no length of time; write it with its unit, like 2s or 150ms`,
	} {
		if _, err := ParseFilter(text); err == nil || err.Error() != want {
			t.Errorf("%q: %v, want %s", text, err, want)
		}
	}
}

func TestFilterTerms(t *testing.T) {
	db := planned()
	db.SetNode(model.NodeExecution{Name: "a", State: model.NodeSucceeded, Start: 1, End: 3e9, Rows: 2_500_000, Bytes: 20 << 20}, nil)
	db.Apply([]model.SpanRecord{{ID: model.SpanID{7}, Name: "a < b = c", Start: 5, End: 9, Attrs: []model.Attr{
		{Key: "cache", Value: "a b"}, {Key: "size", Value: int64(12)}, {Key: "ratio", Value: 0.25}, {Key: "port", Value: "4317"}}}})
	const span = "a < b = c"
	for text, want := range map[string]string{
		"status:ok kind:go": "", "status:OK rows>=2.5M": "a", "rows>2.5M": "", "bytes>10MiB": "a", "bytes<=0": "b," + span,
		`"a <"`: span, `/"^a . b"`: span, `!"< B"`: "a,b", `attr.cache="a b"`: span, "attr.size>11": span, "attr.size<=11.5": "",
		"attr.ratio<0.3": span, "attr.port>=4317": span, "attr.cache>1": "", "!attr.size>1": "a,b", "errors>0": "",
		"state:pending": "b", `a"b`: "", "=": span,
	} {
		f, err := ParseFilter(text)
		if err != nil {
			t.Error(err)
			continue
		}
		var got []string
		for _, r := range db.Window(Query{Filter: f, Height: 9}).Rows {
			got = append(got, r.Name)
		}
		if strings.Join(got, ",") != want {
			t.Errorf("%q: %q, want %q", text, got, want)
		}
	}
}
