//go:build unix

package guard

import (
	"io"
	"runtime"
	"syscall"

	"golang.org/x/sys/unix"
)

// calm undoes what the screen asks of a terminal, whatever of it was on: frames that
// are shown at once, the alternate screen with the keyboard protocol that belongs to
// it (that of the other screen is the shell's), mouse, focus and paste reports, the shape of the cursor, colours, progress and
// title. A terminal passes over what it does not know.
const calm = "\x1b[?2026l" + // synchronised output ends: what follows is shown
	"\x1b[>4;0m\x1b[<8u" + // keyboard: xterm's way, and kitty's, which has one for each screen
	"\x1b[r\x1b[?1049l" + // the whole screen scrolls; the other screen comes back
	"\x1b[?1000l\x1b[?1002l\x1b[?1003l\x1b[?1006l\x1b[?1015l" + // mouse
	"\x1b[?1004l\x1b[?2004l\x1b[?2027l\x1b[?2048l" + // focus, paste, widths, sizes
	"\x1b[?25h\x1b[0 q\x1b[0m" + // cursor, colours
	"\x1b]9;4;0\x07\x1b]112\x07\x1b]2;\x07" // progress, cursor colour, title

// restore gives the terminal back as the child found it. Errors have nobody left to
// be told to: a terminal that is gone needs no restoring.
func (w *watcher) restore(screen bool) {
	if screen {
		_, _ = io.WriteString(w.out, calm)
	}
	// What was typed, clicked and answered for the screen is not for the shell.
	_ = unix.IoctlSetTermios(int(w.in.Fd()), setTermiosFlush, w.before)
}

// maxMemory is what a process used at most, in bytes.
func maxMemory(usage any) int64 {
	u, ok := usage.(*syscall.Rusage)
	if !ok {
		return 0
	}
	if runtime.GOOS == "darwin" {
		return int64(u.Maxrss)
	}
	return int64(u.Maxrss) << 10 // kilobytes everywhere else
}
