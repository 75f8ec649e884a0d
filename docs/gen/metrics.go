package main

import (
	"fmt"
	"io"
	"strings"

	"github.com/buildscope/buildscope/model"
)

const metricsHead = `# Metrics

This page is generated from the table of metrics.

Metrics are exported every ` + "`otel.metric_export_interval`" + ` and once at the end of a run, with cumulative temporality, by the scope ` + "`buildscope.pipeline`" + `. Units are those of UCUM.

| name | kind | unit | attributes | meaning |
|---|---|---|---|---|
`

// writeMetrics writes the reference page of the metrics.
func writeMetrics(w io.Writer) error {
	if _, err := io.WriteString(w, metricsHead); err != nil {
		return err
	}
	for _, m := range model.Metrics() {
		attrs := "`" + strings.Join(m.Attrs, "`, `") + "`"
		if _, err := fmt.Fprintf(w, "| `%s` | %s | `%s` | %s | %s |\n", m.Name, m.Kind, m.Unit, attrs, m.Doc); err != nil {
			return err
		}
	}
	return nil
}
