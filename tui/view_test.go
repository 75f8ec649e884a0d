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
	for _, visit := range [][]string{{"1", "Settings"}, {"2", "Nodes"}, {"3", "capture_statistics_v1"}, {"4", "no setting changed"}, {"5", "1 fail, 1 warn, 2 ok"}} {
		d := newDriver(t, 120, 40, everyScreen(newRun().succeed())).Press(visit[0]).Expect(visit[1])
		for rounds := 0; ; rounds++ {
			d.cmds.Wait() // would hang if some Cmd kept on waiting
			if len(d.msgs) == 0 {
				break
			}
			if rounds > 50 {
				t.Fatalf("on screen %s messages go on without an end", visit[0])
			}
			for len(d.msgs) > 0 {
				d.send(<-d.msgs)
			}
		}
	}
}
