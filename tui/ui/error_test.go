package ui

import "testing"

func TestCleanError(t *testing.T) {
	for text, want := range map[string]string{
		"":                                "",
		"one":                             "one",
		"cancelled by ann\nno space left": "cancelled by ann; no space left",
		"m.sql:1:44: no variable b\n\n1 | SELECT {{b}}\n           ^\n":                "m.sql:1:44: no variable b",
		"m.sql:1:44: no variable b\n\n1 | SELECT {{b}}\n           ^\nand more\x1b[2J": "m.sql:1:44: no variable b; and more" + Clean("\x1b[2J"),
	} {
		if got := CleanError(text); got != want {
			t.Errorf("%q: %q, want %q", text, got, want)
		}
	}
}
