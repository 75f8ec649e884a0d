// Package page writes report.html: one file that tells a run to people who have a
// browser and nothing else. It needs no network and no script; a small script only
// adds sorting, filtering, zooming and tips. Everything that comes from the build is
// text to it and is escaped.
//
// What grows with the build is bounded, so that the page of a run of any size stays
// below MaxBytes; the page says what it leaves out and which file has it.
package page

import (
	"bytes"
	"crypto/sha256"
	"embed"
	"encoding/base64"
	"fmt"
	"html/template"
	"reflect"
	"strings"
	"time"

	"github.com/buildscope/buildscope/model/human"
)

// File is the name of the page in a bundle.
const File = "report.html"

// MaxBytes is what no page grows beyond; a test holds the bounds below to it.
const MaxBytes = 2 << 20

// bounds are how much is shown. Beyond them the longest, or the first, are.
type bounds struct {
	nodes     int // rows of the waterfall and of the table of nodes
	graph     int // nodes of the drawn graph; a larger one cannot be read anyway
	columns   int // rows of captured statistics
	listed    int // rows of any other table
	failures  int // failures in full
	text      int // bytes of one name, path or value
	message   int // bytes of one error or stack
	artifacts int // bytes of all artifacts together
}

var usual = bounds{nodes: 600, graph: 240, columns: 900, listed: 300, failures: 12, text: 600, message: 8 << 10, artifacts: 160 << 10}

// by divides the bounds.
func (b bounds) by(n int) bounds {
	return bounds{b.nodes / n, b.graph / n, b.columns / n, b.listed / n, max(1, b.failures/n), b.text / n, b.message / n, b.artifacts / n}
}

// Bounds of what is read for a page.
const (
	mostSpans    = 1000     // rows of the waterfall below nodes
	mostBelow    = 40       // rows directly below one node or span
	mostEdges    = 1500     // lines of the drawn graph
	mostArtifact = 16 << 10 // bytes of one artifact
)

//go:embed page.gohtml parts.gohtml style.css script.js
var files embed.FS

var style, script = embedded("style.css"), embedded("script.js")

// policy lets the one style and the one script of the page in and nothing else:
// whatever else a hostile name might smuggle in has nowhere to go.
func policy() string {
	return fmt.Sprintf("default-src 'none'; style-src '%s'; script-src '%s'; base-uri 'none'; form-action 'none'", hash(style), hash(script))
}

func embedded(name string) string {
	data, err := files.ReadFile(name)
	if err != nil {
		panic(err) // it is compiled in
	}
	return string(data)
}

func hash(s string) string {
	sum := sha256.Sum256([]byte(s))
	return "sha256-" + base64.StdEncoding.EncodeToString(sum[:])
}

// HTML writes the page of a run. When the usual bounds give too large a page,
// because names are long or must be escaped, tighter ones are tried.
func HTML(f Facts) ([]byte, error) {
	var page []byte
	var err error
	for by := 1; by <= 64; by *= 2 {
		if page, err = render(f, usual.by(by)); err != nil || len(page) <= MaxBytes {
			break
		}
	}
	if err == nil && len(page) > MaxBytes {
		err = fmt.Errorf("it would have %s; %s are allowed", human.Bytes(int64(len(page))), human.Bytes(MaxBytes))
	}
	if err != nil {
		return nil, fmt.Errorf("write %s: %w", File, err)
	}
	return page, nil
}

func render(f Facts, b bounds) ([]byte, error) {
	// The templates are read here and not at the start of the program, which writes
	// at most one page and mostly none.
	t, err := template.New("page.gohtml").Funcs(template.FuncMap{
		"text":  func(s any) string { return human.Clean(cut(fmt.Sprint(s), b.text)) },
		"lines": func(s string) string { return human.CleanLines(cut(s, b.message)) },
		"json":  human.CleanLines, "dur": dur, "count": human.Commas, "bytes": human.Bytes, "short": short,
		"percent": human.Percent, "add": func(a, b int64) int64 { return a + b },
		"first": func(list any) any {
			v := reflect.ValueOf(list)
			return v.Slice(0, min(v.Len(), b.listed)).Interface()
		},
		"rest": func(list any) int { return max(0, reflect.ValueOf(list).Len()-b.listed) },
	}).ParseFS(files, "page.gohtml", "parts.gohtml")
	if err != nil {
		return nil, err
	}
	var out bytes.Buffer
	if err := t.Execute(&out, newView(f, b)); err != nil {
		return nil, err
	}
	return out.Bytes(), nil
}

// cut shortens s to about most bytes and says so.
func cut(s string, most int) string {
	if len(s) <= most {
		return s
	}
	return fmt.Sprintf("%s … (%s more)", strings.ToValidUTF8(s[:most], ""), human.Bytes(int64(len(s)-most)))
}

// short is the start of an id, which tells it from others at a glance.
func short(id string) string { return id[:min(len(id), 12)] }

func dur(ns int64) string { return human.Duration(time.Duration(ns)) }
