package python

import (
	"bytes"
	"fmt"
	"regexp"
	"strings"
	"unicode/utf8"
)

// cookie is the encoding declaration of PEP 263, which stands in one of the first
// two lines.
var cookie = regexp.MustCompile(`^[ \t\f]*#.*?coding[:=][ \t]*([-\w.]+)`)

// readable returns src as UTF-8 of the same length, so that offsets stay those of
// the file, and what is wrong with it, "" if nothing is. Bytes that are no UTF-8
// become underscores, which are legal in names, texts and comments alike; with a
// declared encoding that is no fault of the file.
func readable(src []byte) ([]byte, string) {
	if at := bytes.IndexByte(src, 0); at >= 0 {
		return bytes.ReplaceAll(src, []byte{0}, []byte{' '}), fmt.Sprintf("null byte at offset %d", at)
	}
	if utf8.Valid(src) {
		return src, ""
	}
	bad, at := "", 0
	out := bytes.Clone(src)
	for i := 0; i < len(out); {
		r, n := utf8.DecodeRune(out[i:])
		if r == utf8.RuneError && n == 1 {
			if bad == "" {
				bad, at = "invalid", i
			}
			out[i] = '_'
		}
		i += n
	}
	if enc := encoding(src); enc != "" && enc != "utf-8" && enc != "utf8" {
		return out, ""
	}
	return out, fmt.Sprintf("not UTF-8 at offset %d, and no other encoding is declared", at)
}

// encoding is the encoding that a file declares, in lower case, "" for none.
func encoding(src []byte) string {
	src = bytes.TrimPrefix(src, []byte("\xef\xbb\xbf"))
	for range 2 {
		line, rest, _ := bytes.Cut(src, []byte{'\n'})
		if m := cookie.FindSubmatch(line); m != nil {
			return strings.ToLower(strings.ReplaceAll(string(m[1]), "_", "-"))
		}
		if text := bytes.TrimSpace(line); len(text) > 0 && text[0] != '#' {
			return ""
		}
		src = rest
	}
	return ""
}
