package tui

import (
	"image/color"
	"testing"
	"unsafe"

	tea "charm.land/bubbletea/v2"
)

func backgroundOf(v uint8) tea.Msg {
	return tea.BackgroundColorMsg{Color: color.RGBA{v, v, v, 255}}
}

// An unchanged screen is the very same string, without any work.
func TestAnUnchangedFrameIsNotDrawnAgain(t *testing.T) {
	d := newDriver(t, 200, 60, Options{Settings: newSettings(), Run: newRun().succeed()})
	first := d.m.View().Content
	d.send(toastOverMsg{id: 99}) // a message that changes nothing
	second := d.m.View().Content
	if unsafe.StringData(first) != unsafe.StringData(second) {
		t.Error("the frame was drawn again")
	}
	if allocs := testing.AllocsPerRun(100, func() { _ = d.m.View() }); allocs != 0 {
		t.Errorf("%v allocations for an unchanged frame", allocs)
	}
}

// What comes out of the caches equals what is drawn without them.
func TestCachesDoNotChangeTheFrame(t *testing.T) {
	run := newRun().fail()
	d := newDriver(t, 160, 50, Options{Settings: newSettings(), Run: run})
	for _, key := range []string{"down", "down", "right", "tab", "]", "]", "tab", "tab", "left", "s", "s", "z", "z", "1", "2"} {
		d.Press(key)
		d.send(toastOverMsg{id: d.m.toast.id})
		warm := d.m.View().Content
		d.m.theme = copyOf(d.m.theme) // every cache knows the theme by its address
		d.m.dirty = true
		if cold := d.m.View().Content; cold != warm {
			t.Fatalf("after %s the cached frame differs", key)
		}
	}
}

func copyOf[T any](v *T) *T {
	c := *v
	return &c
}

// A program in which nothing happens gets no messages and waits for nothing but
// what may happen.
func TestIdleMeansIdle(t *testing.T) {
	d := newDriver(t, 120, 40, Options{Settings: newSettings(), Run: newRun().succeed()})
	d.until("settling", func() bool { return len(d.msgs) == 0 })
	d.cmds.Wait() // would hang if some Cmd kept on waiting
	for len(d.msgs) > 0 {
		d.send(<-d.msgs)
	}
	d.cmds.Wait()
	if len(d.msgs) != 0 {
		t.Error("messages go on without an end")
	}
}
