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

// Bounds of what is shown. Beyond them the longest, or the first, are.
const (
	mostNodes    = 600       // rows of the waterfall and of the table of nodes
	mostGraph    = 240       // nodes of the drawn graph; a larger one cannot be read anyway
	mostEdges    = 1500      // of the drawn graph
	mostSpans    = 1000      // rows of the waterfall below nodes
	mostBelow    = 40        // rows directly below one node or span
	mostColumns  = 900       // rows of captured statistics
	mostListed   = 300       // rows of any other table
	mostText     = 600       // bytes of one name, path or value
	mostMessage  = 8 << 10   // bytes of one error or stack
	mostFailures = 12        // failures in full
	mostArtifact = 16 << 10  // bytes of one artifact
	mostCut      = 160 << 10 // bytes of all artifacts together
)

//go:embed page.gohtml parts.gohtml style.css script.js
var files embed.FS

var (
	style, script = embedded("style.css"), embedded("script.js")
	layout        = template.Must(template.New("page.gohtml").Funcs(template.FuncMap{
		"text": text, "lines": lines, "json": human.CleanLines, "dur": dur, "count": human.Commas, "bytes": human.Bytes,
		"short": short, "first": first, "rest": rest,
	}).ParseFS(files, "page.gohtml", "parts.gohtml"))
	// policy lets the one style and the one script of the page in and nothing else:
	// whatever else a hostile name might smuggle in has nowhere to go.
	policy = fmt.Sprintf("default-src 'none'; style-src '%s'; script-src '%s'; base-uri 'none'; form-action 'none'", hash(style), hash(script))
)

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

// HTML writes the page of a run.
func HTML(f Facts) ([]byte, error) {
	var b bytes.Buffer
	if err := layout.Execute(&b, newView(f)); err != nil {
		return nil, fmt.Errorf("write %s: %w", File, err)
	}
	return b.Bytes(), nil
}

// text makes a name, path or value from outside fit for one line.
func text(s any) string { return human.Clean(cut(fmt.Sprint(s), mostText)) }

// lines is text of several lines.
func lines(s string) string { return human.CleanLines(cut(s, mostMessage)) }

// cut shortens s to about most bytes and says so.
func cut(s string, most int) string {
	if len(s) <= most {
		return s
	}
	return fmt.Sprintf("%s … (%s more)", strings.ToValidUTF8(s[:most], ""), human.Bytes(int64(len(s)-most)))
}

// first is at most mostListed of a list, and rest how many it leaves out.
func first(list any) any {
	v := reflect.ValueOf(list)
	return v.Slice(0, min(v.Len(), mostListed)).Interface()
}

func rest(list any) int { return max(0, reflect.ValueOf(list).Len()-mostListed) }

// short is the start of an id, which tells it from others at a glance.
func short(id string) string { return id[:min(len(id), 12)] }

func dur(ns int64) string { return human.Duration(time.Duration(ns)) }
