package page

import (
	"fmt"
	"reflect"
	"regexp"
	"strings"
	"testing"
	"time"
	"unicode"

	"golang.org/x/net/html"

	"github.com/buildscope/buildscope/model"
)

func page(t testing.TB, f Facts) string {
	t.Helper()
	data, err := HTML(f)
	if err != nil {
		t.Fatal(err)
	}
	return string(data)
}

// expect reports what of a page is not there.
func expect(t *testing.T, p string, wants ...string) {
	t.Helper()
	for _, w := range wants {
		if !strings.Contains(p, w) {
			t.Errorf("the page lacks %q", w)
		}
	}
}

func TestThePageTellsTheRun(t *testing.T) {
	f := sample(6)
	sampleSpans(t, &f, 10)
	p := page(t, f)
	expect(t, p,
		"<title>shop: failed</title>", "01a00000-0000-7000-8000-000000000009", "2026-03-04 05:06:07 UTC",
		`title="0123456789abcdef0123456789abcdef01234567">0123456789ab</code> with uncommitted changes`,
		"no such table: refs\nLINE 3: FROM refs", "at <code>relate.sql:12</code>", "goroutine 1 [running]:", "It kept from running: <code>n04</code>", // the error
		"Node n01 is on the critical path and ran 30ms", "Setting: <code>build.incremental</code>", // why
		"blocked by n03", "internal/n00/deep/folder/file_0001.go", "bad syntax", // nodes and spans
		"/out/01a0/refs.parquet", "1,234,567", "/work/runs/01a0", // outputs
		"connection refused", "http://localhost:8242/run/1", // telemetry and tracker
		"flag --workers", model.Redacted, "1 settings at their default", // settings
		`<bdi>total</bdi></th><td class="long"><a href="#cn0-0"><bdi>n00.cents</bdi></a>, <bdi>rates.rate</bdi></td><td class="long"></td><td class="long"><a href="#cn2-0"><bdi>n02.most</bdi></a>`, // columns
		"<td class=\"long\">no column</td>", "<bdi>n00.cents</bdi>, <bdi>rates.rate</bdi></td>", "is not known: it is no SELECT", `<a href="#ln1">columns</a>`,
		"<code>20M</code></td><td>20.0 MiB</td><td>flag --engine-file-statistics-cache-limit</td><td class=\"n\">75%</td><td class=\"n\">3</td><td class=\"n\">1</td><td class=\"n\">7</td><td class=\"n\">2</td>", "40M would have hit", // caches
		"97", "M0 16v-5h5V16z", "a.go ×7", // statistics
		"&#34;plan&#34;", "This is the beginning of 1.0 MiB") // artifacts
	if n := strings.Count(p, `class="e crit"`); n != 3 {
		t.Errorf("%d lines of the graph are critical, want 3", n)
	}
	if !strings.Contains(p, `class="e far"`) {
		t.Error("the line from n00 to n05, which others imply, is not faint")
	}
}

// A link leads to something on the page, however little of the run is shown.
func TestLinksWithinThePage(t *testing.T) {
	for _, by := range []int{1, 8, 100, 400} {
		f := sample(9)
		html, err := render(f, usual.by(by))
		if err != nil {
			t.Fatal(err)
		}
		links := regexp.MustCompile(`href="#([^"]*)"`).FindAllStringSubmatch(string(html), -1)
		for _, m := range links {
			if !strings.Contains(string(html), `id="`+m[1]+`"`) {
				t.Errorf("bounds by %d: nothing is called %s", by, m[1])
			}
		}
		if len(links) < 10 {
			t.Errorf("bounds by %d: %d links", by, len(links))
		}
	}
}

func TestARunThatLeftNothing(t *testing.T) {
	p := page(t, Facts{Manifest: model.ManifestPayload{RunID: "r", Status: model.RunIncomplete}})
	expect(t, p, "<title>run: incomplete</title>", "The process died", "No node has run.", "There is no settings.json.", "There are no artifacts.")
}

// hostile are texts that break pages which do not escape.
var hostile = []string{
	`</script><img src=x onerror=alert(1)>`, `</style><script>alert(1)</script>`, `"><svg onload=alert(1)>`, `' onmouseover='alert(1)`,
	`</title><script>alert(1)</script>`, `<!--`, `]]>`, `{{.}}`, "a\x00b\x1b[31m", "bad \xff byte", "\u202egnp.exe\u2066", "javascript:alert(1)", "`${alert(1)}`",
	strings.Repeat("長", 4000), strings.Repeat("W", 9000),
}

// TestNothingFromTheBuildBecomesMarkup compares the elements and attributes of a page
// whose every text is hostile with those of one whose texts are harmless.
func TestNothingFromTheBuildBecomesMarkup(t *testing.T) {
	build := func(s string) string {
		f := sample(6)
		sampleSpans(t, &f, 6)
		spans := f.Spans
		spans.Missing = s
		for _, list := range spans.Below {
			poison(reflect.ValueOf(&list).Elem(), s)
		}
		poison(reflect.ValueOf(&f).Elem(), s)
		// All nodes have one name now, under which their spans are looked up.
		for i := range f.Artifacts {
			f.Artifacts[i].Size = 1 << 30 // longer than each of the texts
		}
		f.Spans = spans
		f.Spans.Below = map[string][]Span{s: spans.Below["n00"]}
		return page(t, f)
	}
	want := skeleton(t, build("http://harmless"))
	if len(want) < 200 {
		t.Fatalf("only %d elements: the page is not what it should be", len(want))
	}
	for _, s := range hostile {
		p := build(s)
		got := skeleton(t, p)
		for i := range max(len(got), len(want)) {
			if i >= len(got) || i >= len(want) || got[i] != want[i] {
				t.Errorf("%.40q changes the markup at element %d: %q, want %q", s, i, got[min(i, len(got)-1)], want[min(i, len(want)-1)])
				break
			}
		}
		for _, r := range p {
			if r != '\n' && (unicode.Is(unicode.Cc, r) || unicode.Is(unicode.Cf, r)) {
				t.Errorf("%.40q lets %U into the page", s, r)
				break
			}
		}
	}
}

// skeleton lists the elements with their attributes, and the values of those that
// could do something.
func skeleton(t *testing.T, p string) (out []string) {
	t.Helper()
	z := html.NewTokenizer(strings.NewReader(p))
	for {
		switch z.Next() {
		case html.ErrorToken:
			return out
		case html.CommentToken:
			out = append(out, "a comment")
		case html.StartTagToken, html.SelfClosingTagToken:
			tok := z.Token()
			s := tok.Data
			for _, a := range tok.Attr {
				s += " " + a.Key
				if a.Key == "href" || a.Key == "src" {
					if v := a.Val; !strings.HasPrefix(v, "#") && !strings.HasPrefix(v, "http://") {
						// The template makes a path of what is no address; a path does nothing.
						if strings.Contains(strings.SplitN(v, "/", 2)[0], ":") {
							s += "=" + v
						}
					}
				}
			}
			out = append(out, s)
		}
	}
}

func TestThePageReachesForNothing(t *testing.T) {
	p := page(t, sample(6))
	expect(t, p, `default-src &#39;none&#39;`)
	for _, re := range []string{`(?i)<(link|iframe|img|object|embed|base|form|audio|video)\b`, `(?i)\ssrc=`, `(?i)@import`, `(?i)url\(`, `(?i)\sstyle="`, `(?i)\son[a-z]+="`} {
		if m := regexp.MustCompile(re).FindString(p); m != "" {
			t.Errorf("the page holds %q", m)
		}
	}
	if strings.Count(p, "<script>") != 1 || !strings.Contains(p, "<script>"+script+"</script>") || !strings.Contains(p, "<style>"+style+"</style>") {
		t.Error("style or script are not as their hashes in the policy say")
	}
}

// TestPagesAreBounded: the largest page there can be is still below MaxBytes.
func TestPagesAreBounded(t *testing.T) {
	small, large := sample(300), sample(6000)
	sampleSpans(t, &small, 34) // 10,200 spans
	if p := page(t, small); len(p) > MaxBytes {
		t.Errorf("300 nodes and 10,200 spans give %d bytes", len(p))
	}
	long := strings.Repeat("長い名前", 5000)
	for i := range large.Execution.Nodes {
		large.Execution.Nodes[i].Error, large.Execution.Nodes[i].State = long, model.NodeFailed
		large.Failures = append(large.Failures, model.NodeFailure{Node: long, Message: long, Stack: long, Source: long, Blocked: []string{long}})
		large.Settings = append(large.Settings, model.Value{Key: long, Text: long, Source: long})
		large.Exports = append(large.Exports, large.Exports[0])
		large.Locations.Outputs = append(large.Locations.Outputs, large.Locations.Outputs[0])
		large.Causes = append(large.Causes, large.Causes[0])
	}
	for range 100 {
		large.Artifacts = append(large.Artifacts, Artifact{Name: "big", Size: 1 << 30, Text: strings.Repeat("\"<>&\n", mostArtifact/5)})
	}
	sampleSpans(t, &large, 8)
	p := page(t, large)
	t.Logf("6,000 nodes: %d bytes", len(p))
	if len(p) > MaxBytes {
		t.Errorf("the largest page has %d bytes", len(p))
	}
	expect(t, p, "more nodes are left out", "more nodes failed", "more are left out", "spans below nodes are shown", "too large to be drawn")
}

func TestTicksAreRound(t *testing.T) {
	for _, c := range []struct {
		wall time.Duration
		want string
	}{
		{0, ""}, {7, "0 1ns 2ns 3ns 4ns 5ns 6ns"}, {2100 * time.Millisecond, "0 500ms 1s 1.5s"}, {61 * time.Second, "0 20s 40s"},
		{5 * time.Minute, "0 1m00s 2m00s 3m00s 4m00s"}, {26 * time.Hour, "0 5h00m 10h00m 15h00m 20h00m"},
	} {
		var got []string
		for _, k := range ticks(int64(c.wall)) {
			got = append(got, k.Label)
		}
		if s := strings.Join(got, " "); s != c.want {
			t.Errorf("%s: %q, want %q", c.wall, s, c.want)
		}
	}
}

// BenchmarkPage is what a run waits for at its end: its spans are read back, and the
// page is written.
func BenchmarkPage(b *testing.B) {
	for _, spans := range []int{0, 200, 2000} {
		b.Run(fmt.Sprintf("nodes=50/spans=%d", 50*spans), func(b *testing.B) {
			f := sample(50)
			path := sampleSpans(b, &f, spans)
			b.ReportAllocs()
			for b.Loop() {
				f.Spans = ReadSpans(b.Context(), path, f.Execution.Nodes)
				b.ReportMetric(float64(len(page(b, f))), "bytes/page")
			}
		})
	}
}
