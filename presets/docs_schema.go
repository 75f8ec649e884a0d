package presets

import (
	"encoding/json"
	"io"
)

// object is a JSON object; encoding/json sorts its keys.
type object = map[string]any

// WriteSchema writes the JSON schema of buildscope.toml, for editors that check
// while one types. It accepts every valid file; ranges of durations and what
// settings demand of each other are checked by the program only.
func WriteSchema(w io.Writer) error {
	root := sectionsSchema(func(Setting) bool { return true })
	inProfile := sectionsSchema(func(s Setting) bool { return s.Profile })
	inProfile["extends"] = object{"type": "string", "description": "Profile whose values hold where this one gives none."}
	root["profiles"] = object{
		"type":          "object",
		"description":   "Diagnostics profiles of your own, by name.",
		"propertyNames": object{"pattern": "^[A-Za-z0-9_-]+$", "not": object{"enum": builtinNames}},
		"additionalProperties": object{
			"type": "object", "properties": inProfile, "additionalProperties": false,
		},
	}
	enc := json.NewEncoder(w)
	enc.SetEscapeHTML(false)
	enc.SetIndent("", "  ")
	return enc.Encode(object{
		"$schema":              "https://json-schema.org/draft/2020-12/schema",
		"title":                FileName,
		"description":          "Settings of buildscope.",
		"type":                 "object",
		"properties":           root,
		"additionalProperties": false,
	})
}

// sectionsSchema has one property per section and top-level key.
func sectionsSchema(want func(Setting) bool) object {
	out := object{}
	for _, section := range Sections() {
		keys := out
		if section != "" {
			keys = object{}
		}
		for _, s := range table {
			if s.Section == section && want(s) {
				keys[s.Key] = s.schema()
			}
		}
		if section != "" && len(keys) > 0 {
			out[section] = object{
				"type": "object", "description": sectionDocs[section],
				"properties": keys, "additionalProperties": false,
			}
		}
	}
	return out
}

// schema describes the TOML values of one setting.
func (s Setting) schema() object {
	out := s.valueSchema()
	out["description"] = s.Doc
	if s.Default != "" {
		out["default"] = s.jsonDefault()
	}
	return out
}

func (s Setting) valueSchema() object {
	text := object{"type": "string"}
	switch s.Kind {
	case Bool:
		return object{"type": "boolean"}
	case Int:
		return s.bounded(object{"type": "integer"})
	case Float:
		return s.bounded(object{"type": "number"})
	case Enum:
		return object{"enum": s.Allowed}
	case Duration:
		return object{"type": "string", "pattern": `^[+-]?(0|([0-9]*\.?[0-9]+|[0-9]+\.)(ns|us|µs|μs|ms|s|m|h))+$`}
	case Capacity:
		return object{"anyOf": []object{
			{"type": "string", "pattern": `^(0|\+?([0-9]+\.?[0-9]*|\.[0-9]+)([eE][+-]?[0-9]+)?[KMG])$`},
			{"const": 0},
		}}
	case TTL:
		return object{"type": "string", "pattern": `^(none|\+?[0-9]+m(\+?[0-9]+s)?|\+?[0-9]+s)$`}
	case List:
		item := object{"type": "string"}
		if s.Allowed != nil {
			item = object{"enum": s.Allowed}
		}
		return object{"anyOf": []object{{"type": "array", "items": item}, text}}
	case Map:
		scalar := object{"type": []string{"string", "number", "boolean"}}
		return object{"anyOf": []object{{"type": "object", "additionalProperties": scalar}, text}}
	case String:
		return object{"type": []string{"string", "integer"}}
	}
	return text
}

func (s Setting) bounded(out object) object {
	if s.Min != "" {
		out["minimum"] = json.Number(s.Min)
	}
	if s.Max != "" {
		out["maximum"] = json.Number(s.Max)
	}
	return out
}

// jsonDefault is the default as the file would hold it.
func (s Setting) jsonDefault() any {
	switch s.Kind {
	case Bool:
		return s.Default == "true"
	case Int, Float:
		return json.Number(s.Default)
	case List:
		return splitList(s.Default)
	}
	return s.Default
}
