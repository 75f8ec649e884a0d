package build_test

import (
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"math"
	"os"
	"os/exec"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/array"
	"github.com/apache/arrow-go/v18/arrow/memory"

	"github.com/buildscope/buildscope/model"
	"github.com/buildscope/buildscope/pipeline"
)

// families is the table of testdata/tracked_people.py: one column of each family.
func families() *pipeline.Node {
	word := &arrow.DictionaryType{IndexType: arrow.PrimitiveTypes.Int8, ValueType: arrow.BinaryTypes.String}
	schema := arrow.NewSchema([]arrow.Field{
		{Name: "count", Type: arrow.PrimitiveTypes.Int64},
		{Name: "height", Type: arrow.PrimitiveTypes.Float64, Nullable: true},
		{Name: "name", Type: arrow.BinaryTypes.String},
		{Name: "team", Type: word},
		{Name: "born", Type: &arrow.TimestampType{Unit: arrow.Microsecond}},
		{Name: "member", Type: arrow.FixedWidthTypes.Boolean},
	}, nil)
	return pipeline.Func(pipeline.Spec{Name: "people"}, func(_ context.Context, t *pipeline.Task) (pipeline.Table, error) {
		w, err := t.NewTable("people", schema)
		if err != nil {
			return pipeline.Table{}, err
		}
		b := array.NewRecordBuilder(memory.DefaultAllocator, schema)
		defer b.Release()
		for i := range 600 {
			b.Field(0).(*array.Int64Builder).Append(int64(i))
			if i%10 == 0 {
				b.Field(1).AppendNull()
			} else {
				b.Field(1).(*array.Float64Builder).Append(float64(i) / 4)
			}
			b.Field(2).(*array.StringBuilder).Append("name " + strconv.Itoa(i%7))
			team := "blue"
			if i%3 == 0 {
				team = "red"
			}
			if err := b.Field(3).(*array.BinaryDictionaryBuilder).AppendString(team); err != nil {
				return pipeline.Table{}, err
			}
			b.Field(4).(*array.TimestampBuilder).Append(arrow.Timestamp((1_700_000_000 + int64(i)*86_400) * 1e6))
			b.Field(5).(*array.BooleanBuilder).Append(i%4 == 0)
		}
		rec := b.NewRecordBatch()
		defer rec.Release()
		if err := w.Write(rec); err != nil {
			return pipeline.Table{}, err
		}
		return w.Close()
	})
}

// likeThePythonSDK sends the same data by Hamilton's own SDK and by ours: the UI
// must get the same fields with the same figures.
func likeThePythonSDK(t *testing.T, s *hamiltonServer) {
	id, flags := newProject(t, s.url, "sdk")
	cmd := exec.CommandContext(t.Context(), s.python, "testdata/tracked_people.py", s.url, fmt.Sprint(id), "alice@example.com")
	cmd.Env = append(os.Environ(), "HAMILTON_TELEMETRY_ENABLED=false")
	out, err := cmd.CombinedOutput()
	if err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	lines := strings.Split(strings.TrimSpace(string(out)), "\n")
	theirs := describedColumns(t, s.url, lines[len(lines)-1])

	r, err := start(t, t.TempDir(), []*pipeline.Node{families()}, append(flags, "diagnostics-profile", "debug")...)
	p := payload[model.TrackerStatusPayload](t, finish(t, r, err), model.ArtifactTracker)
	ours := describedColumns(t, s.url, fmt.Sprint(p.RunID))

	if len(theirs) != 6 || len(ours) != 6 {
		t.Fatalf("%d columns by the SDK, %d by ours", len(theirs), len(ours))
	}
	for name, want := range theirs {
		got := ours[name]
		if w, g := slices.Sorted(maps.Keys(want)), slices.Sorted(maps.Keys(got)); !slices.Equal(w, g) {
			t.Errorf("%s has the fields %v; the SDK sends %v", name, g, w)
			continue
		}
		for field, w := range want {
			switch field {
			case "data_type": // the SDK has pandas' name of the type, ours Arrow's
			case "std", "histogram", "quantiles", "min", "max", "mean":
				// Dates and lengths of time have several ways to be written, the edges
				// of bins and the quantiles between two values several definitions.
				if msg := near(w, got[field], field == "std" && name == "born"); msg != "" {
					t.Errorf("%s.%s: %s\n ours %v\n  SDK %v", name, field, msg, got[field], w)
				}
			default:
				if g := got[field]; fmt.Sprint(g) != fmt.Sprint(w) {
					t.Errorf("%s.%s is %v; the SDK says %v", name, field, g, w)
				}
			}
		}
	}
}

// near compares figures and dates within 1 % (a length of time only as far as there
// is one), and maps by the number of their entries and, of histograms, by the sums.
func near(want, got any, length bool) string {
	if w, ok := want.(map[string]any); ok {
		g, ok := got.(map[string]any)
		if !ok || len(w) != len(g) {
			return "other entries"
		}
		var sumW, sumG float64
		for key, v := range w {
			if other, ok := g[key]; ok && !strings.HasPrefix(key, "(") { // a quantile
				if msg := near(v, other, false); msg != "" {
					return key + ": " + msg
				}
				continue
			}
			n, ok := v.(float64)
			if !ok {
				return "no entry " + key
			}
			sumW += n
		}
		for key, v := range g {
			if n, ok := v.(float64); ok && strings.HasPrefix(key, "(") {
				sumG += n
			}
		}
		if sumW != sumG {
			return fmt.Sprintf("%v values, want %v", sumG, sumW)
		}
		return ""
	}
	if length {
		if s, ok := got.(string); !ok || !strings.HasPrefix(s, "P") {
			return "no length of time"
		}
		return ""
	}
	w, okW := figure(want)
	g, okG := figure(got)
	if !okW || !okG || math.Abs(w-g) > 0.01*max(math.Abs(w), math.Abs(g)) {
		return "another value"
	}
	return ""
}

// figure is a number, or a date as days since 2023.
func figure(v any) (float64, bool) {
	if f, ok := v.(float64); ok {
		return f, true
	}
	s, ok := v.(string)
	if !ok {
		return 0, false
	}
	s, _, _ = strings.Cut(strings.TrimSuffix(s, "Z"), ".")
	at, err := time.Parse("2006-01-02T15:04:05", s)
	return at.Sub(time.Date(2023, 1, 1, 0, 0, 0, 0, time.UTC)).Hours() / 24, err == nil
}

// describedColumns reads the statistics of the node people of a run back.
func describedColumns(t *testing.T, url, run string) map[string]map[string]any {
	t.Helper()
	_, body := get(url + "/api/v1/dag_runs/" + run + "?attr=dagworks_describe")
	var runs []struct {
		Nodes []struct {
			Attributes []struct {
				Value map[string]map[string]any `json:"value"`
			} `json:"attributes"`
		} `json:"node_runs"`
	}
	if err := json.Unmarshal([]byte(body), &runs); err != nil || len(runs) != 1 || len(runs[0].Nodes) != 1 || len(runs[0].Nodes[0].Attributes) != 1 {
		t.Fatalf("run %s, %v: %.500s", run, err, body)
	}
	return runs[0].Nodes[0].Attributes[0].Value
}
