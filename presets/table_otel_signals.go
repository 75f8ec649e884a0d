package presets

import (
	"slices"
	"strings"

	"github.com/buildscope/buildscope/model"
)

// signalTable has what one signal may do otherwise than the general settings say.
// Each row is a general one over again, which gives its value in every layer where
// the row itself is not set: a flag for all signals wins over a variable for one.
var signalTable = slices.Concat(signalSettings(model.SignalTraces), signalSettings(model.SignalMetrics), signalSettings(model.SignalLogs))

func signalSettings(signal string) []Setting {
	upper := strings.ToUpper(signal)
	var rows []Setting
	for _, general := range otelTable {
		doc, ok := map[string]string{
			"exporter":    "Where the SIGNAL go; otel.exporter gives it where it is not set.",
			"endpoint":    "Complete URL for the SIGNAL, path included; where it is not set, otel.endpoint with the path that http/protobuf needs.",
			"protocol":    "How the SIGNAL are sent; otel.protocol gives it where it is not set.",
			"headers":     "Headers of requests with SIGNAL, in place of all of otel.headers.",
			"timeout":     "Longest time for one request with SIGNAL; otel.timeout gives it where it is not set.",
			"compression": "Compress requests with SIGNAL; otel.compression gives it where it is not set.",
		}[general.Key]
		if !ok {
			continue
		}
		row := general
		row.Base, row.Key, row.Flag = general.Name(), signal+"_"+general.Key, "otel-"+signal+"-"+general.Key
		row.Short, row.Doc = general.Short+" of "+signal, strings.ReplaceAll(doc, "SIGNAL", signal)
		row.Env = []string{"OTEL_EXPORTER_OTLP_" + upper + "_" + strings.ToUpper(general.Key)}
		if general.Key == "exporter" {
			row.Env = []string{"OTEL_" + upper + "_EXPORTER"}
		}
		rows = append(rows, row)
	}
	return rows
}
