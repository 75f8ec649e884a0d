package tui

import (
	"strings"
	"testing"
)

// In no place has a key two meanings.
func TestNoKeyClashes(t *testing.T) {
	all := commands()
	opts, _ := withDoctor(withBundles(Options{Settings: newSettings(), Run: newRun()}, newBundle()))
	d := newDriver(t, 200, 60, opts)
	for s := range screenCount {
		panes := map[screen][]paneID{
			screenSetup: {paneSettings, paneHelp}, screenRun: {paneTree, paneWaterfall, paneGraph, paneGrid, paneDetail, paneLogs, paneWhy},
			screenArtifacts: {paneItems, paneJSON, paneReport, paneTable, paneStats, paneChanges}, screenRuns: {paneRuns, paneDiff},
			screenDoctor: {paneChecks, paneFinding},
		}[s]
		for _, id := range panes {
			if d.m.panes[id] == nil {
				t.Fatalf("no pane %s", paneNames[id])
			}
			place := everywhere | onSetup<<s | in(id)
			seen := map[string]string{}
			for _, c := range all {
				if c.In&place == 0 {
					continue
				}
				for _, k := range c.Keys {
					if other, ok := seen[k]; ok {
						t.Errorf("%s on %s: %s and %s", k, paneNames[id], other, c.ID)
					}
					seen[k] = c.ID
				}
			}
		}
	}
}

// Every command has a unique name, keys, a title, a place and an effect.
func TestCommandsAreComplete(t *testing.T) {
	seen, words := map[string]bool{}, map[string]string{}
	for _, c := range commands() {
		if c.ID == "" || c.Title == "" || len(c.Keys) == 0 && c.Short != "" || c.Run == nil || len(c.places()) == 0 {
			t.Errorf("incomplete: %+v", c)
		}
		if word := c.word(); words[word] != "" {
			t.Errorf("%s and %s have one word", c.ID, words[word])
		} else {
			words[word] = c.ID
		}
		if seen[c.ID] {
			t.Errorf("two commands are called %s", c.ID)
		}
		seen[c.ID] = true
		if strings.ToLower(c.Title[:1]) != c.Title[:1] {
			t.Errorf("%s: the title starts with a capital", c.ID)
		}
	}
}

// Whatever can be pressed on any screen in any order does not panic and leaves
// a frame of the right size.
func FuzzKeys(f *testing.F) {
	keys := []string{
		"up", "down", "left", "right", "tab", "shift+tab", "enter", "esc", "space", "backspace", "home", "end", "pgup", "pgdown",
		"1", "2", "3", "4", "?", "/", "e", "r", "c", "f", "s", "z", "y", "Y", "a", "v", "o", "n", "N", "[", "]", "p", "b", "m", "g", "G", "x", "J", "K", "O", "d", "D", "i",
		"ctrl+d", "ctrl+u", "ctrl+s", "ctrl+p", ":", "t", "+", "-", "0", ".", "<", ">", "u", "w", "P", "ctrl+r", "S",
	}
	f.Add([]byte{14, 1, 5, 6, 24, 12, 19, 3})
	f.Add([]byte{16, 1, 1, 6, 18, 40, 6, 30, 2})
	f.Fuzz(func(t *testing.T, script []byte) {
		s := newSettings()
		d := newDriver(t, 100, 30, withBundles(Options{Settings: s, Run: newRun().fail()}, newBundle()))
		d.Press("3").Expect("capture_stat", "Build 0195f0c2")
		for _, b := range script[:min(len(script), 60)] {
			d.Press(keys[int(b)%len(keys)])
			checkFrame(t, d, 100, 30, keys[int(b)%len(keys)])
			for len(d.msgs) > 0 {
				d.send(<-d.msgs)
			}
		}
	})
}
