package ui

import (
	"math"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/buildscope/buildscope/tui/theme"
)

func TestCleanMakesEverythingVisible(t *testing.T) {
	for in, want := range map[string]string{
		"plain":                  "plain",
		"größe":                  "größe",
		"a\tb":                   "a  b",
		"a\r\nb\nc":              "a b c",
		"\x1b[31mred\x1b[m":      "␛[31mred␛[m",
		"\x1b]52;c;ZXZpbA==\x07": "␛]52;c;ZXZpbA==␇",
		"\u009b31m":              "·31m",
		"a\u202eb":               "a·b",
		"bad \xff byte":          "bad \ufffd byte",
		"null\x00del\x7f":        "null␀del␡",
		"\u2028":                 "·",
		"日本語":                    "日本語",
	} {
		if got := Clean(in); got != want {
			t.Errorf("Clean(%q) = %q, want %q", in, got, want)
		}
	}
	if got := CleanLines("a\r\nb\x1bc"); got != "a\nb␛c" {
		t.Errorf("CleanLines = %q", got)
	}
}

func FuzzClean(f *testing.F) {
	for _, s := range []string{"a", "\x1b[2J", "\u202e", "\xff\xfe", "👩‍👩‍👧", "\u009d0;x\u009c", "a\nb\r\n"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		for _, got := range []string{Clean(s), strings.ReplaceAll(CleanLines(s), "\n", "")} {
			if !utf8.ValidString(got) {
				t.Fatalf("not UTF-8: %q", got)
			}
			for _, r := range got {
				if r < 0x20 || r >= 0x7f && r < 0xa0 {
					t.Fatalf("%q keeps %U", s, r)
				}
			}
			if Clean(got) != got {
				t.Fatalf("cleaning %q twice changes it", got)
			}
		}
	})
}

func FuzzKeepColours(f *testing.F) {
	for _, s := range []string{"\x1b[1;31mx\x1b[0m", "\x1b]8;;http://x\x1b\\link\x1b]8;;\x07", "\x1b[2J\x1b", "\x1bPq\x1b\\", "\x1b[3\x1b[m"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		rest := KeepColours(s)
		for {
			i := strings.IndexByte(rest, 0x1b)
			if i < 0 {
				break
			}
			rest = rest[i:]
			n, colour := sequence(rest)
			if !colour {
				t.Fatalf("%q keeps %q", s, rest[:n])
			}
			rest = rest[n:]
		}
	})
}

// Whatever is fitted has exactly the width that was asked for.
func FuzzFit(f *testing.F) {
	for _, s := range []string{"hello", "日本語", "e\u0301a", "👩‍👩‍👧 family", "", "tab\t"} {
		f.Add(s, 5)
	}
	f.Fuzz(func(t *testing.T, s string, w int) {
		w = min(max(w, 0), 200)
		s = Clean(s)
		for name, got := range map[string]string{
			"Fit": Fit(s, w), "FitRight": FitRight(s, w), "Window": Window(s, w/3, w),
			"Line": NewLine(w, w/4).Text(s).Gap(1).Text(s).String(), "ASCII": ToASCII(Fit(s, w)),
		} {
			if Width(got) != w {
				t.Fatalf("%s(%q, %d) = %q is %d cells wide", name, s, w, got, Width(got))
			}
		}
	})
}

func TestToASCII(t *testing.T) {
	for in, want := range map[string]string{
		"plain": "plain", "a…b": "a~b", "••••": "****", "日本": "????", "\x1b[1m▌x\x1b[m": "\x1b[1m>x\x1b[m", "é": "?",
	} {
		if got := ToASCII(in); got != want {
			t.Errorf("ToASCII(%q) = %q, want %q", in, got, want)
		}
	}
}

func TestNumbersForPeople(t *testing.T) {
	for _, c := range []struct{ got, want string }{
		{Duration(0), "0ns"}, {Duration(12 * time.Microsecond), "12µs"}, {Duration(3400 * time.Microsecond), "3.4ms"},
		{Duration(340 * time.Millisecond), "340ms"}, {Duration(11800 * time.Millisecond), "11.8s"},
		{Duration(59940 * time.Millisecond), "59.9s"}, {Duration(59970 * time.Millisecond), "1m00s"},
		{Duration(125 * time.Second), "2m05s"}, {Duration(64 * time.Minute), "1h04m"}, {Duration(-time.Second), "-1.0s"},
		{Clock(12400 * time.Millisecond), "00:12.4"}, {Clock(3723 * time.Second), "1:02:03"}, {Clock(-1), "00:00.0"},
		{Count(999), "999"}, {Count(1000), "1.0k"}, {Count(1234), "1.2k"}, {Count(601064), "601k"}, {Count(999_499), "999k"},
		{Count(999_500), "1.0M"}, {Count(38_000_000), "38M"}, {Count(-5000), "-5.0k"},
		{Commas(0), "0"}, {Commas(1234567), "1,234,567"}, {Commas(-1234), "-1,234"},
		{Bytes(512), "512 B"}, {Bytes(40_000_000), "38.1 MiB"}, {Bytes(1 << 60), "1024.0 PiB"},
		{Percent(1, 250), "0.4%"}, {Percent(62, 100), "62%"}, {Percent(1, 0), "-"}, {Percent(0, 5), "0%"},
		{Number(1234), "1,234"}, {Number(0.5), "0.5"}, {Number(1.5e-7), "1.5e-07"}, {Number(3.14159265), "3.1416"},
	} {
		if c.got != c.want {
			t.Errorf("got %q, want %q", c.got, c.want)
		}
	}
}

func TestBars(t *testing.T) {
	g := theme.New(theme.Options{}).Glyphs
	a := theme.New(theme.Options{ASCII: true}).Glyphs
	for _, c := range []struct{ got, want string }{
		{Gantt(&g, 0, 100, 100, 4), "████"},
		{Gantt(&g, 50, 100, 100, 4), "  ██"},
		{Gantt(&g, 0, 1, 1000, 4), "▏   "},
		{Gantt(&g, 999, 1000, 1000, 4), "   ▏"},
		{Gantt(&g, 15, 40, 100, 10), " ▐██      "},
		{Gantt(&g, 0, 50, 0, 4), "    "},
		{Gantt(&a, 25, 75, 100, 8), "  ####  "},
		{Progress(&a, 1, 2, 4), "##.."},
		{Progress(&a, 5, 0, 4), "...."},
		{Spark(&g, []int64{0, 1, 4, 8}), " ▂▅█"},
	} {
		if c.got != c.want {
			t.Errorf("got %q, want %q", c.got, c.want)
		}
	}
	// Bars are as long as the times, wherever they begin.
	parts := map[rune]int{' ': 0, '▐': 4, '█': 8, '▏': 1, '▎': 2, '▍': 3, '▌': 4, '▋': 5, '▊': 6, '▉': 7}
	for start := range int64(1000) {
		for _, took := range []int64{1, 7, 20, 99, 250} {
			length := 0
			for _, r := range Gantt(&g, start, start+took, 1250, 20) {
				length += parts[r]
			}
			if want := max(int(math.Round(float64(took)/1250*160)), 1); length != want {
				t.Fatalf("a time of %d from %d on is %d parts long, not %d: %q", took, start, length, want, Gantt(&g, start, start+took, 1250, 20))
			}
		}
	}
	for start := int64(-5); start < 120; start++ {
		for end := start; end < 130; end++ {
			if got := Width(Gantt(&g, start, end, 100, 7)); got != 7 {
				t.Fatalf("Gantt(%d, %d) is %d cells wide", start, end, got)
			}
		}
	}
}

func TestNiceAxisGrowsInSteps(t *testing.T) {
	last := int64(0)
	steps := 0
	for ns := int64(0); ns < int64(time.Hour); ns += int64(50 * time.Millisecond) {
		axis := NiceAxis(ns)
		if axis < ns {
			t.Fatalf("axis %d is shorter than %d", axis, ns)
		}
		if axis != last {
			steps++
			last = axis
		}
	}
	if steps > 16 {
		t.Errorf("the axis changed %d times in an hour", steps)
	}
}

// The cursor is always inside the list and visible, whatever is done.
func FuzzScroll(f *testing.F) {
	f.Add(5, 100, 10, -3)
	f.Fuzz(func(t *testing.T, at, total, height, move int) {
		total, height = min(max(total, 0), 1000), min(max(height, 0), 100)
		at, move = min(max(at, -2000), 2000), min(max(move, -2000), 2000)
		var s Scroll
		s.Set(at, total, height)
		s.Move(move, total, height)
		if s.Cursor < 0 || total > 0 && s.Cursor >= total {
			t.Fatalf("cursor %d of %d", s.Cursor, total)
		}
		if s.Top > s.Cursor || s.Cursor >= s.Top+max(height, 1) {
			t.Fatalf("cursor %d is not in the %d lines from %d on", s.Cursor, height, s.Top)
		}
	})
}

// A frame is drawn once for the same looks, and anew for others.
func TestFrameKeepsItsLines(t *testing.T) {
	th := theme.New(theme.Options{NoColor: true, ASCII: true})
	var f Frame
	first := f.Wrap(nil, th, 20, "Nodes", "3 of 9", false, []string{Fit("x", 18)})
	want := "+- Nodes ----------+\n|x                 |\n+--------- 3 of 9 -+"
	if got := strings.Join(first, "\n"); got != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
	if allocs := testing.AllocsPerRun(10, func() { f.Wrap(first[:0], th, 20, "Nodes", "3 of 9", false, nil) }); allocs > 0 {
		t.Errorf("the same border was built again: %v allocations", allocs)
	}
	if got := f.Wrap(nil, th, 24, "Nodes", "", false, nil); Width(got[0]) != 24 || Width(got[1]) != 24 {
		t.Errorf("after a resize: %q", got)
	}
}

func TestOver(t *testing.T) {
	screen := []string{"aaaaaaaa", "bbbbbbbb", "cccccccc"}
	got := strings.Join(Over(screen, []string{"[日]"}, 8), "\n")
	if want := "aaaaaaaa\nbb[日]bb\ncccccccc"; got != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
}

func BenchmarkLine(b *testing.B) {
	th := theme.New(theme.Options{})
	b.ReportAllocs()
	for b.Loop() {
		l := NewLine(100, 0).Text(" ").Add(th.Good, "✔").Gap(1).Add(th.Text, Fit("relate_scopes", 40))
		_ = l.Add(th.Dim, FitRight("11.8s", 7)).String()
	}
}

// Of a path the end is kept, from a whole name on where that costs little.
func TestFitPath(t *testing.T) {
	for _, tc := range []struct {
		path string
		w    int
		want string
	}{
		{"a/b.go", 10, "a/b.go"}, {"build/outputs/0195f0c2", 14, "…/0195f0c2"}, {"build/outputs/0195f0c2-and-much-more", 30, "…/0195f0c2-and-much-more"},
		{"averylongname/x", 8, "…gname/x"}, {"noslashatall", 5, "nosl…"},
	} {
		if got := FitPath(tc.path, tc.w); got != tc.want || Width(got) > tc.w {
			t.Errorf("%q in %d cells is %q, want %q", tc.path, tc.w, got, tc.want)
		}
	}
}
