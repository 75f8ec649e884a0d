package cli

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/buildscope/buildscope/model"
	"github.com/buildscope/buildscope/tui/ui"
)

// exportLine tells what became of the items of one signal at one exporter.
func exportLine(e model.ExportCounts) string {
	failed := fmt.Sprintf("failed %d", e.Failed)
	if len(e.FailedBy) > 0 {
		failed += " (" + strings.Join(slices.Sorted(maps.Keys(e.FailedBy)), ", ") + ")"
	}
	parts := []string{fmt.Sprintf("sent %d", e.Sent), failed, fmt.Sprintf("dropped %d", e.Dropped)}
	for _, c := range []struct {
		word string
		n    int64
	}{{"rejected", e.Rejected}, {"lost at the end", e.Lost}} {
		if c.n > 0 {
			parts = append(parts, fmt.Sprintf("%s %d", c.word, c.n))
		}
	}
	parts = append(parts, fmt.Sprintf("sampled out %d", e.SampledOut))
	return fmt.Sprintf("%s %s %s: %s%s%s", e.Exporter, e.Signal, ui.Clean(e.Endpoint), strings.Join(parts, ", "),
		prefixed("; the receiver says: ", ui.Clean(e.Message)), prefixed("; last error: ", ui.Clean(e.LastError)))
}

// itemsOf is what the exports of a signal count.
func itemsOf(signal string) string {
	switch signal {
	case model.SignalMetrics:
		return "data points"
	case model.SignalLogs:
		return "log records"
	}
	return "spans"
}
