package presets

import (
	"bufio"
	"fmt"
	"io"
	"strings"
)

// precedenceDoc opens the reference page.
const precedenceDoc = `# Configuration

This page is generated from the table of settings.

## Where a value comes from

Highest first:

1. the flag on the command line
2. the environment: ` + "`BUILDSCOPE_SECTION_KEY`" + ` first, then the standard names listed below; an empty variable counts as not set
3. the config file: ` + "`--config FILE`" + `, or ` + "`buildscope.toml`" + ` in the working directory or the nearest folder above it
4. the diagnostics profile, and then each profile that it extends
5. the default

` + "`buildscope config show --with-sources`" + ` prints every value with the layer that gave it and, below it, what the lower layers would have given.
What is wrong is reported all at once, each line with setting, value, source and what is allowed.

While nobody sets ` + "`otel.exporter`" + `, it is otlp as soon as there is an ` + "`otel.endpoint`" + `.

## How values are written

| type | in flags and variables | in the file |
|---|---|---|
| bool | ` + "`true`, `false`, `1`, `0`" + ` | ` + "`true`, `false`" + ` |
| int, float | ` + "`12`, `0.1`" + ` | ` + "`12`, `0.1`" + ` |
| string, enum | text | ` + "`\"text\"`" + ` |
| path | a file or folder, relative to the working directory | the same in quotes |
| list | ` + "`a,b`" + `; commas inside braces do not separate | ` + "`[\"a\", \"b\"]`" + ` |
| map | ` + "`key=value,key2=value2`" + `, values percent-encoded | ` + "`{ key = \"value\" }`" + ` or a table of its own |
| duration | ` + "`500ms`, `10s`, `1m30s`" + `; the standard ` + "`OTEL_`" + ` variables count whole milliseconds | ` + "`\"10s\"`" + ` |
| capacity | ` + "`0`" + `, or a number and ` + "`K`, `M` or `G`" + ` in powers of 1024, as in DataFusion | ` + "`\"50M\"`" + ` |
| ttl | minutes then seconds as in DataFusion: ` + "`90s`, `2m`, `1m30s`" + `, or ` + "`none`" + ` | ` + "`\"1m30s\"`" + ` |
`

// WriteMarkdown writes the reference page of all settings and profiles.
func WriteMarkdown(w io.Writer) error {
	b := bufio.NewWriter(w)
	b.WriteString(precedenceDoc)
	for _, section := range Sections() {
		if section == "" {
			b.WriteString("\n## Top level\n")
		} else {
			fmt.Fprintf(b, "\n## [%s]\n", section)
		}
		fmt.Fprintf(b, "\n%s\n\n| key | type | default | flag | environment | meaning |\n|---|---|---|---|---|---|\n", sectionDocs[section])
		for _, s := range table {
			if s.Section == section {
				b.WriteString(s.markdownRow())
			}
		}
	}
	if err := writeProfilesTable(b); err != nil {
		return err
	}
	return b.Flush()
}

func (s Setting) markdownRow() string {
	var flags []string
	for _, flag := range []string{s.Flag, s.Alias} {
		if flag != "" {
			flags = append(flags, "--"+flag)
		}
	}
	doc := s.Doc
	if s.Secret {
		doc += " Secret: never shown."
	}
	cells := []string{
		code(s.Key), s.typeText(), code(s.Default), codes(flags), codes(s.EnvNames()), strings.ReplaceAll(doc, "|", `\|`),
	}
	return "| " + strings.Join(cells, " | ") + " |\n"
}

// typeText is the kind with what else is known about the values.
func (s Setting) typeText() string {
	text := string(s.Kind)
	if s.Allowed != nil {
		text += ": " + codes(s.Allowed)
	}
	if s.Unit != "" {
		text += ", " + s.Unit
	}
	if bounds := s.Bounds(); bounds != "" {
		text += ", " + bounds
	}
	return text
}

func code(text string) string {
	if text == "" {
		return ""
	}
	return "`" + strings.ReplaceAll(text, "|", `\|`) + "`"
}

func codes(texts []string) string {
	out := make([]string, len(texts))
	for i, text := range texts {
		out[i] = code(text)
	}
	return strings.Join(out, ", ")
}

func writeProfilesTable(b *bufio.Writer) error {
	b.WriteString("\n## Profiles\n\n" +
		"`buildscope profiles show NAME` prints the whole effect of one. What a profile leaves alone has its default.\n\n| key | " +
		strings.Join(builtinNames, " | ") + " |\n|---|" + strings.Repeat("---|", len(builtinNames)) + "\n")
	var values []map[string]string
	for _, name := range builtinNames {
		v, err := (&Resolved{}).ProfileValues(name)
		if err != nil {
			return err
		}
		values = append(values, v)
	}
	var closed []string
	for _, s := range table {
		if !s.Profile {
			closed = append(closed, s.Name())
		}
		cells, set := make([]string, len(values)), false
		for i, v := range values {
			text, ok := v[s.Name()]
			cells[i], set = text, set || ok
		}
		if set {
			fmt.Fprintf(b, "| `%s` | %s |\n", s.Name(), strings.Join(cells, " | "))
		}
	}
	fmt.Fprintf(b, `
A profile of your own goes into the config file. It may set every key but %s:

`+"```toml"+`
diagnostics_profile = "nightly"

[profiles.nightly]
extends = "ci"

[profiles.nightly.otel]
sampler = "parentbased_traceidratio"
sampler_arg = 0.5
`+"```"+`
`, codes(closed))
	return nil
}
