package sqllex

import (
	"fmt"
	"testing"
)

func TestWords(t *testing.T) {
	text := "SELECT a.now , now ( ), 'now()', \"random()\", E'x\\'uuid()' -- today()\nFROM /* glob('x') */ e x$1y, $$ now() $$"
	got := ""
	Words(text, func(word string, offset int, called bool) {
		if text[offset:offset+len(word)] != word {
			t.Errorf("%s is not at %d", word, offset)
		}
		if got += word; called {
			got += "()"
		}
		got += " "
	})
	if want := "SELECT a now now() FROM e x$1y "; got != want {
		t.Errorf("%q, want %q", got, want)
	}
}

func TestPlace(t *testing.T) {
	text := "SELECT 'ä' AS x,\n\tüber FROM t"
	for _, c := range []struct {
		offset int
		want   string
	}{{0, "1:1"}, {13, "1:13"}, {21, "2:3"}, {1000, "2:13"}} {
		line, column := Place(text, c.offset)
		if got := fmt.Sprintf("%d:%d", line, column); got != c.want {
			t.Errorf("byte %d is at %s, want %s", c.offset, got, c.want)
		}
	}
	if got, want := Excerpt(text, 2, 2), "2 | \tüber FROM t\n    \t^"; got != want {
		t.Errorf("excerpt %q, want %q", got, want)
	}
	if got := Excerpt(text, 3, 1); got != "" {
		t.Errorf("excerpt of a line that is not there: %q", got)
	}
}
