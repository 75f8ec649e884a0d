package runview

import (
	"fmt"
	"math"
	"reflect"
	"strings"
	"testing"

	"github.com/buildscope/buildscope/model"
)

// Whatever a span carries comes back as it was.
func TestAttributesOfAllKinds(t *testing.T) {
	attrs := []model.Attr{
		{Key: "yes", Value: true}, {Key: "no", Value: false}, {Key: "int", Value: int64(math.MinInt64)}, {Key: "float", Value: -0.125},
		{Key: "text", Value: strings.Repeat("long ", 100)}, {Key: "short", Value: "x"}, {Key: "", Value: ""},
		{Key: "bools", Value: []bool{true, false}}, {Key: "ints", Value: []int64{-1, 1 << 40}}, {Key: "floats", Value: []float64{math.Inf(1), 0}},
		{Key: "texts", Value: []string{"", "b"}}, {Key: "none", Value: []string{}},
	}
	for n := range len(attrs) + 1 { // as many are there at the start
		db := New(Options{})
		rec := model.SpanRecord{ID: model.SpanID{1}, Name: "s", Start: 1, Attrs: attrs[:n]}
		db.Apply([]model.SpanRecord{rec})
		if d, _ := db.Detail(1); n > 0 && !reflect.DeepEqual(d.Attrs, attrs[:n]) {
			t.Fatalf("of %d: %v", n, d.Attrs)
		}
		rec.End, rec.Attrs, rec.DroppedAttrs, rec.DroppedEvents = 2, attrs, 3, 4
		rec.Events = []model.SpanEvent{{Name: "e", Time: 7, Attrs: attrs}, {Name: "f", Time: -1}}
		db.Apply([]model.SpanRecord{rec})
		d, _ := db.Detail(1)
		if !reflect.DeepEqual(d.Attrs, attrs) || !reflect.DeepEqual(d.Events, rec.Events) || d.DroppedAttrs != 3 || d.DroppedEvents != 4 {
			t.Fatalf("%d at the start: %+v", n, d)
		}
	}
}

// An end may change and remove attributes of the start.
func TestEndChangesAttributes(t *testing.T) {
	list := func(pairs ...string) (out []model.Attr) {
		for i := 0; i < len(pairs); i += 2 {
			out = append(out, model.Attr{Key: pairs[i], Value: pairs[i+1]})
		}
		return out
	}
	start := list("a", "1", model.AttrFilePath, "x/y.py", "b", "2")
	for _, c := range []struct {
		end  []model.Attr
		name string
	}{
		{start, "y.py"},
		{list("a", "1"), "s"},
		{list("a", "9", model.AttrFilePath, "z.go"), "z.go"},
		{list("a", "1", model.AttrFilePath, "x/y.py", "b", "3", "c", "4"), "y.py"},
		{nil, "s"},
	} {
		db := New(Options{})
		rec := model.SpanRecord{ID: model.SpanID{1}, Name: "s", Start: 1, Attrs: start}
		db.Apply([]model.SpanRecord{rec})
		rec.End, rec.Attrs = 2, c.end
		db.Apply([]model.SpanRecord{rec})
		if d, _ := db.Detail(1); !reflect.DeepEqual(d.Attrs, c.end) || d.Row.Name != c.name {
			t.Errorf("%v named %s, want %v named %s", d.Attrs, d.Row.Name, c.end, c.name)
		}
	}
}

// The statistics in the events of a node's end are tables, not events.
func TestCaptureEventsAreTables(t *testing.T) {
	db := planned()
	tables := []model.TableStats{{Table: "t", Rows: 3, Columns: []model.ColumnStats{{Name: "c", Type: "int64", Count: 3}}}, {Table: "u"}}
	rec := span(1, 9, "a", 5, 0)
	rec.Events = []model.SpanEvent{{Name: model.EventProgress, Time: 2}}
	for _, table := range tables {
		rec.Events = append(rec.Events, table.Events(4)...)
	}
	given := len(rec.Events)
	db.Apply([]model.SpanRecord{span(1, 9, "a", 0, 0), rec})
	id, _ := db.Find("a")
	d, _ := db.Detail(id)
	if !reflect.DeepEqual(d.Tables, tables) {
		t.Errorf("tables %+v", d.Tables)
	}
	if len(d.Events) != 1 || d.Events[0].Name != model.EventProgress {
		t.Errorf("events %+v", d.Events)
	}
	if len(rec.Events) != given || rec.Events[1].Name != model.EventCaptureTable {
		t.Errorf("the record was changed: %+v", rec.Events)
	}
	if other, _ := db.Find("b"); other != 0 {
		if d, _ := db.Detail(other); d.Tables != nil {
			t.Errorf("tables of another node: %+v", d.Tables)
		}
	}
}

// What does not fit into the memory for texts is counted with its row, and the
// row is there all the same.
func TestTextLimit(t *testing.T) {
	db := New(Options{MaxText: 1000})
	long := strings.Repeat("x", 600)
	for i := range 5 {
		rec := model.SpanRecord{ID: model.SpanID{byte(i + 1)}, Name: "s", Start: int64(i + 1), End: 9, Status: model.StatusError, StatusMessage: long,
			Attrs: []model.Attr{{Key: model.AttrFilePath, Value: long}, {Key: "b", Value: int64(1)}}, Events: []model.SpanEvent{{Name: "e"}}}
		db.Apply([]model.SpanRecord{rec})
	}
	if d, _ := db.Detail(1); len(d.Attrs) != 2 || d.Row.Name != long || d.DroppedAttrs != 0 || d.DroppedEvents != 1 {
		t.Errorf("first: %d attributes, %d and %d dropped", len(d.Attrs), d.DroppedAttrs, d.DroppedEvents)
	}
	d, _ := db.Detail(5)
	if len(d.Attrs) != 0 || d.Row.Name != "s" || d.DroppedAttrs != 2 || d.DroppedEvents != 1 || d.Row.State != model.NodeFailed {
		t.Errorf("last: %+v", d)
	}
}

// Names that are all different, long texts, and many traces are kept as well.
func TestManyNames(t *testing.T) {
	db := New(Options{})
	const n = maxNames + 5000
	var recs []model.SpanRecord
	for i := range n {
		recs = append(recs, model.SpanRecord{ID: spanID(i), Trace: model.TraceID{byte(i), 1}, Name: fmt.Sprint("request ", i), Start: int64(i + 1), End: int64(i + 2)})
	}
	big := strings.Repeat("select ", 100_000) // more than a page
	recs[7].Attrs = []model.Attr{{Key: model.AttrEngineSQL, Value: big}}
	db.Apply(recs)
	for _, i := range []int{0, 7, 8, n - 1} {
		d, _ := db.Detail(RowID(i + 1))
		if d.Row.Name != recs[i].Name || d.Trace != recs[i].Trace || !(len(d.Attrs) == len(recs[i].Attrs)) || len(d.Attrs) == 1 && d.Attrs[0].Value != big {
			t.Errorf("row %d: %s of %s with %d attributes", i, d.Row.Name, d.Trace, len(d.Attrs))
		}
	}
	db.text.limit = 0
	db.Apply([]model.SpanRecord{{ID: spanID(n), Name: "a name that is longer than the room", Start: 1}})
	if d, _ := db.Detail(n + 1); d.Row.Name != "a name that is " {
		t.Errorf("name without room: %q", d.Row.Name)
	}
	f, err := ParseFilter(fmt.Sprint("/^request.", n-1, "$"))
	if err != nil {
		t.Fatal(err)
	}
	if w := wait(db, Query{Filter: f, Height: 2}); w.Total != 1 || w.Rows[0].ID != n {
		t.Errorf("%d rows match", w.Total)
	}
}
