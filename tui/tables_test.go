package tui

import (
	"encoding/json"

	"github.com/buildscope/buildscope/model"
)

// tableStats is what capture finds in a table of many kinds of columns.
func tableStats(table string) model.TableStats {
	n := func(v int64) *int64 { return &v }
	f := func(v float64) *float64 { return &v }
	bins := func(lo, each float64, counts ...int64) []model.Bin {
		out := make([]model.Bin, len(counts))
		for i, c := range counts {
			out[i] = model.Bin{Lo: lo + each*float64(i), Hi: lo + each*float64(i+1), Count: c}
		}
		return out
	}
	return model.TableStats{Table: table, Node: "extract_python", Rows: 601064, Bytes: 39950000, Files: 868, Columns: []model.ColumnStats{
		{Name: "ref_id", Pos: 0, Type: "utf8", Family: "string", Count: 601064, Distinct: n(598204), MinText: "ref:0000f1c8", MaxText: "ref:ffff0a12",
			LenMin: n(12), LenMax: n(12), LenMean: f(12), Reason: "no value is listed: there are more than 2,048 different ones"},
		{Name: "name", Pos: 1, Type: "utf8", Family: "string", Count: 601064, Nulls: 2404, Empty: n(12), Distinct: n(1204), DistinctExact: true, MinText: "A", MaxText: "zz\x1b[31m",
			LenMin: n(0), LenMax: n(212), LenMean: f(7.4), Top: []model.TopValue{{Value: "self", Count: 65000}, {Value: "i", Count: 30100}, {Value: "x\ty", Count: 9000}, {Value: "日本語", Count: 120}}},
		{Name: "bstart", Pos: 2, Type: "int32", Family: "numeric", Count: 601064, Zeros: n(868), Distinct: n(190331), Min: f(0), Max: f(412000), Mean: f(40123.4), Std: f(51022.1),
			Quantiles: []model.Quantile{{Q: 0.1, V: 1165}, {Q: 0.25, V: 3651}, {Q: 0.5, V: 12047}, {Q: 0.75, V: 43967}, {Q: 0.9, V: 139839}},
			Histogram: bins(0, 41200, 402000, 90000, 50000, 30000, 14000, 8000, 4000, 2000, 1000, 64)},
		{Name: "confidence", Pos: 3, Type: "float64", Family: "numeric", Count: 601064, NaN: n(17), Distinct: n(24), DistinctExact: true, Min: f(0.08), Max: f(1), Mean: f(0.96901), Std: f(0.11),
			Histogram: bins(0.08, 0.092, 100, 0, 0, 2000, 0, 0, 9000, 0, 30000, 559964), Top: []model.TopValue{{Value: "1", Count: 540000}, {Value: "0.9", Count: 19964}}},
		{Name: "seen_at", Pos: 4, Type: "timestamp[us, tz=UTC]", Family: "temporal", Count: 601064, Min: f(1.7e15), Max: f(1.73e15), MinText: "2023-11-14T22:13:20Z", MaxText: "2024-10-26T19:33:20Z",
			Histogram: bins(1.7e15, 3e12, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10)},
		{Name: "is_read", Pos: 5, Type: "bool", Family: "boolean", Count: 601064, Distinct: n(2), DistinctExact: true, Top: []model.TopValue{{Value: "true", Count: 400000}, {Value: "false", Count: 201064}}},
		{Name: "parents", Pos: 6, Type: "list<item: struct<id: int64, path: utf8>>", Family: "nested", Count: 601064, Empty: n(301), LenMin: n(0), LenMax: n(1812), LenMean: f(3.1),
			Reason: "items of lists are not looked into", Truncated: "lists after 200 items"},
		{Name: "all_null_\x1b]0;pwned\x07_column_with_a_long_name", Pos: 7, Type: "null", Family: "null", Count: 601064, Nulls: 601064, Reason: "every value is null"},
	}}
}

// captureArtifact is the artifact that holds the statistics of a run.
func captureArtifact(tables ...model.TableStats) string {
	text, err := json.Marshal(map[string]any{"name": model.ArtifactCapture, "version": 1, "run_id": "0195f0c2", "created_at": epoch,
		"payload": model.CaptureStatisticsPayload{Tables: tables}})
	if err != nil {
		panic(err)
	}
	return string(text)
}
