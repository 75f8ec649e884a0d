package tracker

import (
	"encoding/json"
	"fmt"
	"testing"

	"github.com/buildscope/buildscope/model"
	"github.com/buildscope/buildscope/pipeline"
)

func ptr[T any](v T) *T { return &v }

// TestDescribe has one column of each kind that the UI draws.
func TestDescribe(t *testing.T) {
	for _, c := range []struct {
		name string
		col  model.ColumnStats
		want string
	}{
		{"numbers", model.ColumnStats{Name: "a", Type: "double", Family: "numeric", Count: 4, Nulls: 1, NaN: ptr(int64(1)), Zeros: ptr(int64(0)),
			Min: ptr(1.), Max: ptr(3.), Mean: ptr(2.), Std: ptr(1.), Quantiles: []model.Quantile{{Q: 0.5, V: 2}}, Histogram: []model.Bin{{Lo: 1, Hi: 2, Count: 1}, {Lo: 2, Hi: 3, Count: 1}}},
			`{"base_data_type":"numeric","count":4,"data_type":"double","histogram":{"(0.998, 2]":1,"(2, 3]":1},"max":3,"mean":2,"min":1,"missing":2,"name":"a","pos":0,"quantiles":{"0.5":2},"std":1,"zeros":0}`},
		{"nulls only", model.ColumnStats{Name: "a", Type: "int64", Family: "numeric", Count: 2, Nulls: 2},
			`{"base_data_type":"numeric","count":2,"data_type":"int64","histogram":{},"max":null,"mean":null,"min":null,"missing":2,"name":"a","pos":0,"quantiles":{},"std":null,"zeros":0}`},
		{"dates", model.ColumnStats{Name: "a", Type: "date32", Family: "temporal", Count: 2, Min: ptr(0.), Max: ptr(1.), Std: ptr(0.5), Histogram: []model.Bin{{Lo: 0, Hi: 1, Count: 2}}},
			`{"base_data_type":"datetime","count":2,"data_type":"date32","histogram":{"(1970-01-01T00:00:00Z, 1970-01-02T00:00:00Z]":2},"max":"1970-01-02T00:00:00Z","mean":null,"min":"1970-01-01T00:00:00Z","missing":0,"name":"a","pos":0,"quantiles":{},"std":"PT43200S","zeros":0}`},
		{"durations are numbers", model.ColumnStats{Name: "a", Type: "duration[s]", Family: "temporal", Count: 1, Min: ptr(1.)},
			`{"base_data_type":"numeric","count":1,"data_type":"duration[s]","histogram":{},"max":null,"mean":null,"min":1,"missing":0,"name":"a","pos":0,"quantiles":{},"std":null,"zeros":0}`},
		{"dates no browser knows", model.ColumnStats{Name: "a", Type: "date32", Family: "temporal", Count: 1, Max: ptr(1e12)},
			`{"base_data_type":"unhandled","count":1,"data_type":"date32","missing":0,"name":"a","pos":0}`},
		{"booleans", model.ColumnStats{Name: "a", Type: "bool", Family: "boolean", Count: 3, Zeros: ptr(int64(2))},
			`{"base_data_type":"boolean","count":3,"data_type":"bool","missing":0,"name":"a","pos":0,"zeros":2}`},
		{"strings", model.ColumnStats{Name: "a", Type: "utf8", Family: "string", Count: 1, LenMean: ptr(2.), LenStd: ptr(0.), Empty: ptr(int64(0))},
			`{"avg_str_len":2,"base_data_type":"str","count":1,"data_type":"utf8","empty":0,"missing":0,"name":"a","pos":0,"std_str_len":0}`},
		{"categories", model.ColumnStats{Name: "a", Type: "dictionary", Family: "category", Count: 3, Nulls: 1, Distinct: ptr(int64(1)), Top: []model.TopValue{{Value: "x", Count: 2}}},
			`{"base_data_type":"category","count":3,"data_type":"dictionary","domain":{"x":2},"empty":0,"missing":1,"name":"a","pos":0,"top_freq":2,"top_value":"x","unique":2}`},
		{"hidden strings", model.ColumnStats{Name: "a", Type: "utf8", Family: "string", Count: 1, Reason: "redacted"},
			`{"base_data_type":"unhandled","count":1,"data_type":"utf8","missing":0,"name":"a","pos":0}`},
		{"lists", model.ColumnStats{Name: "a", Type: "list", Family: "nested", Count: 1},
			`{"base_data_type":"unhandled","count":1,"data_type":"list","missing":0,"name":"a","pos":0}`},
	} {
		got, err := json.Marshal(describeColumn(c.col))
		if err != nil || string(got) != c.want {
			t.Errorf("%s:\n got %s %v\nwant %s", c.name, got, err, c.want)
		}
	}
}

func TestNoNULReachesTheServer(t *testing.T) {
	in, err := json.Marshal("a\x00b\\u0000")
	if err != nil {
		t.Fatal(err)
	}
	var out string
	if err := json.Unmarshal(withoutNUL(in), &out); err != nil || out != `a\x00b\u0000` {
		t.Errorf("%q became %q, %v", in, out, err)
	}
}

func TestResources(t *testing.T) {
	n := &pipeline.NodeRun{Execution: model.NodeExecution{Ready: 1e6, Start: 3e6, End: 10e6, Rows: 5, Bytes: 50},
		Query: &model.QueryProfile{CPUNS: 4e6, PeakMemory: 100, PeakTemp: 7, FilesListed: 9, FilesRead: 2}}
	with, without := fmt.Sprint(resources(n, true)), fmt.Sprint(resources(n, false))
	const measured = "engine_cpu_ms:4 engine_peak_memory_bytes:100 engine_peak_temp_bytes:7 files_listed:9 files_read:2 ran_ms:7"
	if with != "map[bytes:50 "+measured+" rows:5 waited_for_a_worker_ms:2]" || without != "map["+measured+" waited_for_a_worker_ms:2]" {
		t.Errorf("with statistics %s, without %s", with, without)
	}
}
