package tracker

import (
	"bufio"
	"bytes"
	"encoding/json"
	"net/url"
	"os"
	"strings"
	"testing"
)

// TestRecordedBodies reads what Hamilton's own SDK sends into the tracker's types:
// a field that they do not know is one that the tracker leaves out.
func TestRecordedBodies(t *testing.T) {
	data, err := os.ReadFile("testdata/sdk.jsonl")
	if err != nil {
		t.Fatal(err)
	}
	seen := map[string]int{}
	in := bufio.NewScanner(bytes.NewReader(data))
	in.Buffer(nil, 1<<20)
	for in.Scan() {
		var rec struct {
			Method, URL string
			JSON        json.RawMessage
		}
		if err := json.Unmarshal(in.Bytes(), &rec); err != nil {
			t.Fatal(err)
		}
		u, err := url.Parse(rec.URL)
		if err != nil {
			t.Fatal(err)
		}
		var body any
		switch path := strings.TrimPrefix(u.Path, "/api/v1"); {
		case rec.Method == "GET":
			continue
		case path == "/dag_templates":
			body = &looseTemplate{}
		case path == "/dag_runs":
			body = &looseRun{}
		case path == "/dag_runs_bulk":
			body = &looseBulk{}
		default:
			body = &looseClosing{}
		}
		seen[rec.Method+" "+strings.TrimRight(u.Path, "0123456789/")]++
		dec := json.NewDecoder(bytes.NewReader(rec.JSON))
		dec.DisallowUnknownFields()
		if err := dec.Decode(body); err != nil {
			t.Errorf("%s %s: %v", rec.Method, u.Path, err)
		}
	}
	if len(seen) != 4 {
		t.Errorf("the recording has %v; want four kinds of bodies", seen)
	}
}

// The SDK sends values of any type where the tracker sends strings, and times
// without an offset.
type (
	looseTemplate struct {
		template
		Config  map[string]any `json:"config"`
		Tags    map[string]any `json:"tags"`
		Version map[string]any `json:"code_version_info"`
	}
	looseRun struct {
		newRun
		Start string         `json:"run_start_time"`
		Tags  map[string]any `json:"tags"`
	}
	looseUpdate struct {
		taskUpdate
		Start *string `json:"start_time"`
		End   *string `json:"end_time"`
	}
	looseBulk struct {
		Attributes []Attribute   `json:"attributes"`
		Updates    []looseUpdate `json:"task_updates"`
	}
	looseClosing struct {
		closing
		End string `json:"run_end_time"`
	}
)
