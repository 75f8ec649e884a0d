package page

import (
	"flag"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"

	"github.com/buildscope/buildscope/build/browsertest"
)

var (
	shots = flag.String("shots", "", "write pictures of the pages to this folder")
	shown = flag.String("page", "", "take pictures of this page, too")
)

var looks = []browsertest.Look{
	{Width: 360, Height: 800, Scheme: "light", Scripts: true}, {Width: 360, Height: 800, Scheme: "dark", Scripts: true}, {Width: 1280, Height: 900, Scheme: "light", Scripts: true}, {Width: 1280, Height: 900, Scheme: "dark", Scripts: true},
	{Width: 360, Height: 800, Scheme: "light", Scripts: false}, {Width: 360, Height: 800, Scheme: "dark", Scripts: false}, {Width: 1280, Height: 900, Scheme: "light", Scripts: false}, {Width: 1280, Height: 900, Scheme: "dark", Scripts: false},
}

// samplePages writes the pages that are looked at: an ordinary run, and one whose
// every text is hostile.
func samplePages(t *testing.T) map[string]string {
	t.Helper()
	dir := t.TempDir()
	ordinary := sample(12)
	sampleSpans(t, &ordinary, 12)
	pages := map[string]Facts{"ordinary": ordinary}
	for i, s := range []string{hostile[0], strings.Repeat("W", 9000)} {
		f := sample(6)
		sampleSpans(t, &f, 6)
		spans := f.Spans
		poison(reflect.ValueOf(&f).Elem(), s)
		f.Spans = spans
		pages[[]string{"hostile", "long"}[i]] = f
	}
	pages["dead"] = Facts{Manifest: ordinary.Manifest}
	out := map[string]string{}
	for name, f := range pages {
		path := filepath.Join(dir, name+".html")
		if err := os.WriteFile(path, []byte(page(t, f)), 0o644); err != nil {
			t.Fatal(err)
		}
		out[name] = path
	}
	return out
}

// measure looks at everything that is laid out: what makes the page wider than the
// window, and text that is hard to tell from what it stands on.
const measure = `(() => {
  const out = {width: Math.max(document.documentElement.scrollWidth, document.body.scrollWidth), window: innerWidth, faint: [], headings: [], unnamed: 0};
  const parse = (c) => { const m = c.match(/[\d.]+/g).map(Number); if (c.startsWith('color(')) for (let i = 0; i < 3; i++) m[i] *= 255; return m; };
  const light = (c) => { const [r, g, b] = c.map((v) => (v /= 255) <= .03928 ? v / 12.92 : ((v + .055) / 1.055) ** 2.4); return .2126 * r + .7152 * g + .0722 * b; };
  const ground = (el) => { for (; el; el = el.parentElement) { const c = parse(getComputedStyle(el).backgroundColor); if (c.length < 4 || c[3] > .5) return c; } return [255, 255, 255]; };
  for (const d of document.querySelectorAll('details')) d.open = true;
  out.widthOpen = Math.max(document.documentElement.scrollWidth, document.body.scrollWidth);
  const walk = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  for (let n; n = walk.nextNode();) {
    const el = n.parentElement;
    if (!n.data.trim() || ['SCRIPT', 'STYLE', 'title'].includes(el.nodeName) || !el.checkVisibility() || el.closest('button:disabled')) continue;
    const s = getComputedStyle(el), svg = el.closest('svg');
    const box = svg && svg.closest('.graph') && el.closest('.box');
    const under = box ? parse(getComputedStyle(box.querySelector('rect')).fill) : ground(el);
    const a = light(parse(svg ? s.fill : s.color).slice(0, 3)), b = light(under.slice(0, 3));
    const ratio = (Math.max(a, b) + .05) / (Math.min(a, b) + .05);
    if (ratio < 4.5) out.faint.push(n.data.trim().slice(0, 40) + ' ' + ratio.toFixed(2));
  }
  for (const h of document.querySelectorAll('h1, h2, h3')) out.headings.push(Number(h.nodeName[1]));
  for (const el of document.querySelectorAll('input, button, a[href], [role=region], [role=img]')) if (!(el.getAttribute('aria-label') || el.textContent.trim())) out.unnamed++;
  for (const el of document.querySelectorAll('.scroll')) if (el.tabIndex !== 0) out.unnamed++;
  for (const d of document.querySelectorAll('details')) d.open = false;
  return out;
})()`

func TestPagesInABrowser(t *testing.T) {
	b := browsertest.New(t)
	pages := samplePages(t)
	if *shown != "" {
		path, err := filepath.Abs(*shown)
		if err != nil {
			t.Fatal(err)
		}
		pages["given"] = path
	}
	for name, path := range pages {
		for _, l := range looks {
			t.Run(name+"/"+l.String(), func(t *testing.T) {
				b.For(t)
				b.Open("file://"+path, l)
				if *shots != "" {
					b.Shoot(*shots, name+"-"+l.String(), true)
					b.Shoot(*shots, name+"-"+l.String()+"-top", false)
					for _, section := range []string{"graph", "columns", "caches", "statistics"} {
						b.Eval(`(() => { const s = document.querySelector('#`+section+`'); if (s) s.scrollIntoView(); for (const d of document.querySelectorAll('#statistics details, #columns details')) d.open = true; })()`, nil)
						b.Shoot(*shots, name+"-"+l.String()+"-"+section, false)
					}
				}
				var m struct {
					Width, WidthOpen, Window, Unnamed int
					Faint                             []string
					Headings                          []int
				}
				b.Eval(measure, &m)
				if m.Window != l.Width || m.Width > l.Width || m.WidthOpen > l.Width {
					t.Errorf("the window is %d wide, the page in it %d, and %d with everything open; want %d", m.Window, m.Width, m.WidthOpen, l.Width)
				}
				if len(m.Faint) > 0 {
					t.Errorf("%d texts are faint (contrast below 4.5): %q", len(m.Faint), m.Faint[:min(len(m.Faint), 8)])
				}
				if m.Unnamed > 0 {
					t.Errorf("%d controls or regions have no name, or cannot be reached by the keyboard", m.Unnamed)
				}
				for i, h := range m.Headings {
					if (i == 0) != (h == 1) || i > 0 && h > m.Headings[i-1]+1 {
						t.Errorf("headings have the levels %v", m.Headings)
						break
					}
				}
				if got := b.Troubles(); len(got) > 0 {
					t.Errorf("the page made trouble: %q", got)
				}
			})
		}
	}
}

func TestThePageWithoutScriptHasNoDeadControls(t *testing.T) {
	b := browsertest.New(t)
	b.Open("file://"+samplePages(t)["ordinary"], browsertest.Look{Width: 1280, Height: 900, Scheme: "light", Scripts: false})
	var n int
	b.Eval(`document.querySelectorAll('button, input, select').length`, &n)
	if n != 0 {
		t.Errorf("%d controls do nothing", n)
	}
	var text string
	b.Eval(`document.querySelector('.failure').innerText + document.querySelector('#nodes').innerText`, &text)
	for _, want := range []string{"no such table: refs", "n11", "on the critical path"} {
		if !strings.Contains(text, want) {
			t.Errorf("without scripts the page lacks %q", want)
		}
	}
	// A bar is where its node was in time: n01 is the second of eleven.
	var left, right float64
	b.Eval(`(() => { const r = document.querySelectorAll('.wf > ol > li')[1].querySelector('rect.b-critical').getBoundingClientRect(), g = document.querySelector('.grid').getBoundingClientRect(); return (r.left - g.left) / g.width; })()`, &left)
	b.Eval(`(() => { const r = document.querySelectorAll('.wf > ol > li')[11].querySelector('rect.b-critical').getBoundingClientRect(), g = document.querySelector('.grid').getBoundingClientRect(); return (r.right - g.left) / g.width; })()`, &right)
	if left < .03 || left > .08 || right < .99 || right > 1.01 {
		t.Errorf("n01 starts at %.3f of the width, n11 ends at %.3f", left, right)
	}
}

func TestSortAndFilter(t *testing.T) {
	b := browsertest.New(t)
	b.Open("file://"+samplePages(t)["ordinary"], browsertest.Look{Width: 1280, Height: 900, Scheme: "light", Scripts: true})
	column := func(i int) (out []string) {
		t.Helper()
		b.Eval(`[...document.querySelectorAll('#nodes tbody tr')].filter((r) => r.checkVisibility()).map((r) => r.cells[`+string(rune('0'+i))+`].firstChild.textContent)`, &out)
		return out
	}
	expectOrder := func(what string, got []string, want string) {
		t.Helper()
		if s := strings.Join(got, " "); s != want {
			t.Errorf("%s: %s, want %s", what, s, want)
		}
	}
	expectOrder("at first", column(0), "n00 n01 n02 n03 n04 n05 n06 n07 n08 n09 n10 n11")
	press := func(i string) { b.Eval(`document.querySelectorAll('#nodes thead button')[`+i+`].click()`, nil) }
	press("8") // rows: the most first
	expectOrder("by rows", column(0)[:3], "n03 n06 n09")
	press("8")
	expectOrder("by rows, upwards", column(0)[:3], "n00 n04 n11")
	var sorted string
	b.Eval(`[...document.querySelectorAll('#nodes th[aria-sort]')].map((h) => h.textContent + h.getAttribute('aria-sort')).join()`, &sorted)
	if sorted != "rowsascending" {
		t.Errorf("sorted by %s", sorted)
	}
	press("0")
	expectOrder("by name", column(0)[:3], "n00 n01 n02")
	b.Eval(`(() => { const i = document.querySelector('#nodes input'); i.value = 'FAILED'; i.dispatchEvent(new Event('input')); })()`, nil)
	expectOrder("filtered", column(0), "n03")
	var hits string
	b.Eval(`document.querySelector('#nodes .hits').textContent`, &hits)
	if hits != "1 of 12" {
		t.Errorf("hits: %q", hits)
	}
	b.Eval(`(() => { const i = document.querySelector('#waterfall input'); i.value = 'n07/deep'; i.dispatchEvent(new Event('input')); })()`, nil)
	var rows []string
	b.Eval(`[...document.querySelectorAll('#waterfall .wf > ol > li')].filter((r) => r.checkVisibility()).map((r) => r.querySelector('bdi').textContent)`, &rows)
	expectOrder("waterfall filtered by a file", rows, "n07")
	if got := b.Troubles(); len(got) > 0 {
		t.Errorf("the page made trouble: %q", got)
	}
}

// A column leads to those that it comes from: the links open what they lead to, also
// without scripts.
func TestFollowingAColumn(t *testing.T) {
	b := browsertest.New(t)
	path := samplePages(t)["ordinary"]
	for _, scripts := range []bool{true, false} {
		b.Open("file://"+path, browsertest.Look{Width: 1280, Height: 900, Scheme: "dark", Scripts: scripts})
		for _, step := range []struct{ link, open, row string }{
			{`#nodes a[href="#ln2"]`, "n02", ""}, {`#ln2 tbody a`, "n01", "total"}, {`#ln1 tbody a`, "n00", "cents"}, {`#ln0 tbody a:last-child`, "n05", "score"}, {`#ln5 .note a`, "", "n05"},
		} {
			b.Eval(`document.querySelector('`+step.link+`').click()`, nil)
			var open, row string
			b.Eval(`(() => { const t = document.querySelector(':target'), d = t.closest('details'); return d && d.open && t.checkVisibility() ? d.querySelector('summary bdi').textContent : ''; })()`, &open)
			b.Eval(`(() => { const t = document.querySelector('tr:target th bdi'); return t ? t.textContent : ''; })()`, &row)
			if open != step.open || row != step.row {
				t.Errorf("scripts %v: %s leads to %q of %q, not %q of %q", scripts, step.link, row, open, step.row, step.open)
			}
		}
	}
	if got := b.Troubles(); len(got) > 0 {
		t.Errorf("the page made trouble: %q", got)
	}
}

func TestZoomAndTips(t *testing.T) {
	b := browsertest.New(t)
	b.Open("file://"+samplePages(t)["ordinary"], browsertest.Look{Width: 1280, Height: 900, Scheme: "dark", Scripts: true})
	view := func() (s string) {
		b.Eval(`document.querySelector('.k').getAttribute('viewBox')`, &s)
		return s
	}
	click := func(name string) {
		b.Eval(`document.querySelector('#waterfall button[aria-label="`+name+`"]').click()`, nil)
	}
	if v := view(); v != "0 0 100000 12" {
		t.Fatalf("at first %s", v)
	}
	click("zoom in")
	if v := view(); v != "25000 0 50000 12" {
		t.Errorf("zoomed in: %s", v)
	}
	var labels string
	b.Eval(`[...document.querySelectorAll('.ticks text')].map((t) => t.textContent).join(' ')`, &labels)
	if labels == "" || strings.HasPrefix(labels, "0 ") {
		t.Errorf("the axis has not moved: %q", labels)
	}
	click("later")
	if v := view(); v != "37500 0 50000 12" {
		t.Errorf("moved on: %s", v)
	}
	click("show the whole run")
	// A drag over the second quarter shows just that, and does not open the node it began on.
	var at struct{ X, Y, W float64 }
	b.Eval(`(() => { const k = document.querySelector('.wf summary .k'); k.scrollIntoView({block: 'center'}); const r = k.getBoundingClientRect(); return {X: r.left, Y: r.top + 6, W: r.width}; })()`, &at)
	b.Mouse("mousePressed", at.X+at.W/4, at.Y)
	b.Mouse("mouseMoved", at.X+at.W/3, at.Y)
	b.Mouse("mouseMoved", at.X+at.W/2, at.Y)
	b.Mouse("mouseReleased", at.X+at.W/2, at.Y)
	var lo, width float64
	b.Eval(`Number(document.querySelector('.k').getAttribute('viewBox').split(' ')[0])`, &lo)
	b.Eval(`Number(document.querySelector('.k').getAttribute('viewBox').split(' ')[2])`, &width)
	if lo < 24500 || lo > 25500 || width < 24000 || width > 26000 {
		t.Errorf("dragged to %g, %g wide", lo, width)
	}
	var open bool
	b.Eval(`document.querySelector('.wf details').open`, &open)
	if open {
		t.Error("the drag opened a node")
	}
	b.Eval(`document.querySelector('#waterfall button[aria-label="show the whole run"]').click()`, nil)
	b.Mouse("mouseMoved", at.X+3, at.Y)
	var tip string
	b.Eval(`document.querySelector('#tip').hidden ? '' : document.querySelector('#tip').textContent`, &tip)
	if !strings.HasPrefix(tip, "n00: succeeded, 10ms") {
		t.Errorf("tip %q", tip)
	}
	if *shots != "" {
		b.Eval(`document.querySelector('.wf').scrollIntoView()`, nil)
		b.Eval(`document.querySelector('#waterfall button[aria-label="open or close the spans of all nodes"]').click()`, nil)
		b.Shoot(*shots, "tip", false)
	}
	if got := b.Troubles(); len(got) > 0 {
		t.Errorf("the page made trouble: %q", got)
	}
}
