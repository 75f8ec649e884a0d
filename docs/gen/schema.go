package main

import (
	"encoding"
	"encoding/json"
	"io"
	"reflect"
	"slices"
	"strings"
	"time"

	"github.com/buildscope/buildscope/model"
)

// payloads are the artifacts of a bundle with the struct that each one holds.
var payloads = map[string]any{
	model.ArtifactProfile:      model.ProfilePayload{},
	model.ArtifactOTelConfig:   model.OTelConfigPayload{},
	model.ArtifactCacheConfig:  model.CacheConfigPayload{},
	model.ArtifactCacheState:   model.CacheStatePayload{},
	model.ArtifactPlan:         model.PlanSchedulePayload{},
	model.ArtifactExecution:    model.PlanExecutionPayload{},
	model.ArtifactCapture:      model.CaptureStatisticsPayload{},
	model.ArtifactTracker:      model.TrackerStatusPayload{},
	model.ArtifactRunLog:       model.RunLogPayload{},
	model.ArtifactExtractErrs:  model.ExtractErrorsPayload{},
	model.ArtifactQuality:      model.QualityPayload{},
	model.ArtifactLocations:    model.LocationsPayload{},
	model.ArtifactManifest:     model.ManifestPayload{},
	model.ArtifactExportStatus: model.ExportStatusPayload{},
	model.ArtifactWhySlow:      model.WhySlowPayload{},
	model.ArtifactDataTests:    model.DataTestsPayload{},
}

// object is a JSON object; encoding/json sorts its keys.
type object = map[string]any

// artifactPages are the schemas of all artifacts, by name.
func artifactPages() []page {
	var out []page
	for name, payload := range payloads {
		out = append(out, page{"schemas/" + name + ".json", func(w io.Writer) error { return writeArtifactSchema(w, name, payload) }})
	}
	slices.SortFunc(out, func(a, b page) int { return strings.Compare(a.name, b.name) })
	return out
}

// writeArtifactSchema describes a whole artifact file: its head and its payload.
func writeArtifactSchema(w io.Writer, name string, payload any) error {
	defs := definitions{}
	head := defs.object(reflect.TypeFor[model.Artifact]())
	properties := head["properties"].(object)
	properties["name"] = object{"const": name}
	properties["version"] = object{"const": 1}
	properties["payload"] = defs.of(reflect.TypeOf(payload))
	return writeSchema(w, name, head, defs)
}

// writeResultSchema describes what `build --json` prints.
func writeResultSchema(w io.Writer) error {
	defs := definitions{}
	return writeSchema(w, "batch_result_v1", defs.object(reflect.TypeFor[model.BatchResult]()), defs)
}

func writeSchema(w io.Writer, name string, head object, defs definitions) error {
	head["$defs"] = defs
	head["$schema"] = "https://json-schema.org/draft/2020-12/schema"
	head["title"] = name
	enc := json.NewEncoder(w)
	enc.SetEscapeHTML(false)
	enc.SetIndent("", "  ")
	return enc.Encode(head)
}

// definitions are the schemas of the structs of one payload, by name. Structs
// refer to each other by name because some, like the operators of a query,
// contain themselves.
type definitions map[string]object

// of is the schema of what encoding/json makes of a type.
func (d definitions) of(t reflect.Type) object {
	switch {
	case t == reflect.TypeFor[time.Time]():
		return object{"type": "string", "format": "date-time"}
	case t.Implements(reflect.TypeFor[encoding.TextMarshaler]()):
		return object{"type": "string"}
	}
	switch t.Kind() {
	case reflect.Bool:
		return object{"type": "boolean"}
	case reflect.Float32, reflect.Float64:
		return object{"type": "number"}
	case reflect.String:
		return object{"type": "string"}
	case reflect.Interface:
		return object{}
	case reflect.Pointer:
		return object{"anyOf": []object{d.of(t.Elem()), {"type": "null"}}}
	case reflect.Slice, reflect.Array: // a slice without elements may be null
		return object{"type": []string{"array", "null"}, "items": d.of(t.Elem())}
	case reflect.Map:
		return object{"type": []string{"object", "null"}, "additionalProperties": d.of(t.Elem())}
	case reflect.Struct:
		if d[t.Name()] == nil {
			d[t.Name()] = object{} // known before its fields are looked at
			d[t.Name()] = d.object(t)
		}
		return object{"$ref": "#/$defs/" + t.Name()}
	}
	return object{"type": "integer"}
}

func (d definitions) object(t reflect.Type) object {
	properties, required := object{}, []string{}
	for _, f := range reflect.VisibleFields(t) {
		tag := f.Tag.Get("json")
		name, options, _ := strings.Cut(tag, ",")
		if f.Anonymous || !f.IsExported() || tag == "-" {
			continue // the fields of an embedded struct are visible themselves
		}
		if name == "" {
			name = f.Name
		}
		s := d.of(f.Type)
		if doc := f.Tag.Get("doc"); doc != "" {
			s["description"] = doc
		}
		properties[name] = s
		if !strings.Contains(options, "omitempty") && !strings.Contains(options, "omitzero") {
			required = append(required, name)
		}
	}
	slices.Sort(required)
	return object{"type": "object", "properties": properties, "required": required, "additionalProperties": false}
}
