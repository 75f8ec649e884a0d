package sshd

import (
	"bytes"
	"context"
	"io"
	"time"
)

// Sequences of terminals that the reader of keys collects until they end.
var (
	pasteBegin = []byte("\x1b[200~")
	pasteEnd   = []byte("\x1b[201~")
)

// input bounds what somebody types into a screen: how much in a second, and how much in
// one piece. A paste, or an answer of the terminal, that never ends would be collected
// for ever; what is too much of it is left out, its end is not.
type input struct {
	r    io.Reader
	life context.Context // of the session: its end ends a wait
	rate int             // bytes per second
	most int             // bytes in one piece

	credit float64 // bytes that may come at once
	asked  time.Time

	end   []byte // of the piece that is being read; nil between pieces
	held  int    // bytes of it
	match []byte // the last bytes, as far as an end or a beginning may start with them
}

func newInput(life context.Context, r io.Reader, rate, most int) *input {
	return &input{r: r, life: life, rate: rate, most: most, credit: float64(rate), asked: time.Now()}
}

// Read waits while more has come than may. Of what it reads it gives at least a byte,
// or goes on reading.
func (i *input) Read(p []byte) (int, error) {
	for {
		n, err := i.r.Read(p[:min(len(p), i.rate)])
		i.slow(n)
		if kept := i.filter(p[:n]); kept > 0 || err != nil || n == 0 {
			return kept, err
		}
	}
}

// slow waits until n bytes may have come.
func (i *input) slow(n int) {
	now := time.Now()
	i.credit = min(i.credit+now.Sub(i.asked).Seconds()*float64(i.rate), float64(i.rate)) - float64(n)
	i.asked = now
	if i.credit >= 0 {
		return
	}
	select {
	case <-time.After(time.Duration(-i.credit / float64(i.rate) * float64(time.Second))):
	case <-i.life.Done():
	}
}

// filter moves what is kept of p to its front.
func (i *input) filter(p []byte) int {
	kept := 0
	for _, b := range p {
		if i.keep(b) {
			p[kept] = b
			kept++
		}
	}
	return kept
}

// keep takes the next byte.
func (i *input) keep(b byte) bool {
	if i.end == nil {
		i.begin(b)
		return true
	}
	// Whatever could be the end is kept: it is short, and without it nothing ends.
	i.match = append(i.match, b)
	for len(i.match) > 0 && !bytes.HasPrefix(i.end, i.match) {
		i.match = i.match[1:]
	}
	if b == '\a' && !bytes.Equal(i.end, pasteEnd) || bytes.Equal(i.match, i.end) {
		i.end, i.held, i.match = nil, 0, i.match[:0]
		return true
	}
	i.held++
	return i.held <= i.most || len(i.match) > 0
}

// begin looks whether a piece begins.
func (i *input) begin(b byte) {
	if b == 0x1b {
		i.match = append(i.match[:0], b)
		return
	}
	if len(i.match) == 0 {
		return
	}
	i.match = append(i.match, b)
	switch {
	case bytes.Equal(i.match, pasteBegin):
		i.end, i.match = pasteEnd, i.match[:0]
	case len(i.match) == 2 && bytes.IndexByte([]byte("]P_^X"), b) >= 0: // OSC, DCS, APC, PM, SOS
		i.end, i.match = []byte("\x1b\\"), i.match[:0]
	case !bytes.HasPrefix(pasteBegin, i.match):
		i.match = i.match[:0]
	}
}
