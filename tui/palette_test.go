package tui

import "testing"

// The palette finds commands by words, does them, and says why one cannot be done.
func TestPalette(t *testing.T) {
	d := newDriver(t, 120, 40, Options{Settings: newSettings(), Run: newRun()})
	d.Press("ctrl+p").Expect("Commands", "follow the newest node", "screen Setup: settings")
	d.Type("pane zoom").Expect("this pane alone, and back")
	d.ExpectNot("follow the newest node")
	d.Press("enter")
	if !d.m.zoom || len(d.m.overlays) > 0 {
		t.Errorf("zoom %t, boxes %d", d.m.zoom, len(d.m.overlays))
	}

	d.Press("ctrl+p").Type("next er").Expect("next error (not now: nothing has failed)")
	d.Press("enter").Expect("next error: nothing has failed")

	// A letter that is a key elsewhere is only text here, and text that nothing is like does nothing.
	d.Press("ctrl+p").Type("qqq").Expect("no command of this place is like that")
	d.Press("enter", "esc")
	if d.m.leaving || len(d.m.overlays) > 0 {
		t.Errorf("leaving %t, boxes %d", d.m.leaving, len(d.m.overlays))
	}

	// A paste goes into the field, all of it.
	d.Press("ctrl+p").Paste("screen setup").Press("enter")
	if d.m.screen != screenSetup {
		t.Errorf("on screen %s", screenNames[d.m.screen])
	}
}

// The list keeps the selected line in sight and stays inside the screen.
func TestPaletteScrolls(t *testing.T) {
	for _, size := range [][2]int{{60, 15}, {80, 24}, {200, 60}} {
		d := newDriver(t, size[0], size[1], Options{Settings: newSettings(), Run: newRun()})
		d.Press("ctrl+p")
		last := d.m.overlays[0].(*palette).found(d.m)
		for range len(last) + 3 {
			d.Press("down")
			checkFrame(t, d, size[0], size[1], "down")
		}
		d.Expect(last[len(last)-1].Title[:12])
	}
}
