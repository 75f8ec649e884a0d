package otel

import (
	"os"
	"runtime"
	"sort"

	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/sdk/resource"

	"github.com/buildscope/buildscope/model"
)

// newResource describes the process that everything comes from, by the semantic
// conventions. What the user gives wins; service_name wins over a service.name
// among the attributes, as the specification has it.
func newResource(o Options, keys *model.Redactor) *resource.Resource {
	attrs := map[string]string{
		"service.version":         o.Version,
		"service.instance.id":     o.RunID,
		"process.runtime.name":    "go",
		"process.runtime.version": runtime.Version(),
		"process.executable.name": executable(),
		"host.arch":               runtime.GOARCH,
		"os.type":                 runtime.GOOS,
		"telemetry.sdk.name":      "opentelemetry",
		"telemetry.sdk.language":  "go",
	}
	if host, err := os.Hostname(); err == nil {
		attrs["host.name"] = host
	}
	for _, more := range []map[string]string{o.Resource, o.Settings.ResourceAttributes} {
		for k, v := range more {
			attrs[k] = v
		}
	}
	attrs["service.name"] = o.Settings.ServiceName
	list := []attribute.KeyValue{attribute.Int("process.pid", os.Getpid())}
	for k, v := range attrs {
		if v == "" {
			continue
		}
		if keys.Match(k) {
			v = model.Redacted
		}
		list = append(list, attribute.String(k, keys.Text(v)))
	}
	sort.Slice(list, func(i, j int) bool { return list[i].Key < list[j].Key })
	return resource.NewSchemaless(list...)
}

func executable() string {
	if len(os.Args) == 0 {
		return ""
	}
	return baseName(os.Args[0])
}

func baseName(path string) string {
	for i := len(path) - 1; i >= 0; i-- {
		if os.IsPathSeparator(path[i]) {
			return path[i+1:]
		}
	}
	return path
}
