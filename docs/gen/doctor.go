package main

import (
	"fmt"
	"io"

	"github.com/buildscope/buildscope/otel/doctor"
)

const doctorHead = `# The doctor

This page is generated; the table of checks comes from the program.

` + "`buildscope doctor [PATH]`" + ` finds out why telemetry does not arrive. It takes the same flags, variables and files as a build, and asks every collector that traces, metrics and logs would go to. It sends empty export requests only, follows no redirect and uses no proxy, as the exporters themselves. Each step on the network may take 2.5 seconds, and collectors are asked at the same time, so that one that cannot be reached takes less than 3 seconds.

| flag | meaning |
|---|---|
| ` + "`--json`" + ` | every finding as JSON, also of what is fine and of what was skipped |
| ` + "`--strict`" + ` | warnings count for the exit code |
| ` + "`--fix`" + ` | show how the settings file would change, write it after a yes, and check again; comments stay |
| ` + "`--yes`" + ` | with ` + "`--fix`" + `: write without asking |
| ` + "`--request-size 5M`" + ` | also send one request of this size for each signal, filled with what receivers ignore, to see whether it is taken |

The exit code is 0 when nothing was found, 1 when something was (warnings alone only with ` + "`--strict`" + `), and 2 when the settings cannot be used or the command was called wrongly.

## How to read a finding

` + "```" + `
FAIL D09 otel.endpoint (from env OTEL_EXPORTER_OTLP_ENDPOINT) is http://127.0.0.1:4317; set it to http://127.0.0.1:4318 because port 4317 answers HTTP/2 frames, as gRPC does, otel.protocol is http/protobuf, and port 4318 speaks it (traces, metrics, logs)
     seen  Post "http://127.0.0.1:4317/v1/traces": net/http: HTTP/1.x transport connection broken: malformed HTTP response "\x00\x00\x06\x04\x00\x00\x00\x00\x00\x00\x05\x00\x00@\x00"
     flag  --otel-endpoint=http://127.0.0.1:4318
     env   OTEL_EXPORTER_OTLP_ENDPOINT=http://127.0.0.1:4318
     note  the file cannot help: the variable wins over it
` + "```" + `

- ` + "`FAIL`" + `: telemetry does not arrive, or a run would not start. ` + "`WARN`" + `: it arrives in part, late, or not as somebody may think.
- The setting that is responsible, with the layer that gave its value. Where several signals are concerned, they are named in brackets.
- ` + "`seen`" + ` is the raw error or answer, with secrets and control characters taken out.
- ` + "`flag`, `env` and `file`" + ` are ready to be copied. Only forms that would win are printed: a line in the file does not help against a variable.
- Where no new value can be known, as for a key, the line ends with what to do.
- The checks of a collector stand on each other: name, connection, TLS, then the export. When one fails, those above it are listed as not checked, with the reason.
- What earlier runs in the work folder dropped, lost or were refused counts as long as the settings that matter are still the same.

With ` + "`--json`" + `, each finding has ` + "`id`, `severity` (`fail`, `warn`, `ok`, `skipped`), `signals`, `key`, `value`, `source`, `seen`, `means`, `advice`" + ` and ` + "`fix` (`value`, `flag`, `env`, `file`, `note`)" + `; what does not apply is left out. ` + "`counts`" + ` has the number of findings of each severity.

## Checks

| id | check | meaning |
|---|---|---|
`

// writeDoctor writes the page of the doctor.
func writeDoctor(w io.Writer) error {
	if _, err := io.WriteString(w, doctorHead); err != nil {
		return err
	}
	for _, c := range doctor.Checks() {
		if _, err := fmt.Fprintf(w, "| %s | %s | %s |\n", c.ID, c.Title, c.Doc); err != nil {
			return err
		}
	}
	return nil
}
