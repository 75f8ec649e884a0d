package tui

import (
	"strings"
	"testing"

	"github.com/buildscope/buildscope/model"
)

// The run line says what the Hamilton UI has, links to it, and its pages can be copied.
func TestHamiltonPages(t *testing.T) {
	const page = "http://ui:8241/dashboard/project/1/runs/12"
	for _, c := range []struct {
		about   string
		tracker model.TrackerSnapshot
		says    string
		copies  []string // by pressing U, and down for each after the first
		refuses string
	}{
		{"off", model.TrackerSnapshot{}, "", nil, "hamilton.enable_tracker is off"},
		{"not yet there", model.TrackerSnapshot{Enabled: true, Away: true}, "Hamilton away, 0 sent, no statistics", nil, "does not have the run yet"},
		{"sending", model.TrackerSnapshot{Enabled: true, Statistics: true, RunURL: page, NodesSent: 3}, "Hamilton 3 sent", []string{page}, ""},
		{"failed", model.TrackerSnapshot{Enabled: true, Statistics: true, Delivered: true, RunURL: page, ErrorURL: page + "/task/a?tab=Errors", CompareURL: page + ",7"},
			"Hamilton all sent", []string{page + "/task/a?tab=Errors", page, page + ",7"}, ""},
	} {
		t.Run(c.about, func(t *testing.T) {
			r := newRun()
			r.snap.Tracker = c.tracker
			d := newDriver(t, 160, 40, Options{Run: r}).Expect("pending")
			if c.says == "" {
				d.ExpectNot("Hamilton")
			} else {
				d.Expect(c.says)
			}
			if c.refuses != "" {
				d.Press("U").Expect(c.refuses)
			}
			for i, url := range c.copies {
				d.Press("U")
				if len(c.copies) > 1 {
					for range i {
						d.Press("down")
					}
					d.Press("enter")
				}
				d.ExpectCopied(url)
			}
			if got := strings.Contains(d.m.View().Content, "\x1b]8;;"+page+"\x07"); got != (c.tracker.RunURL != "") {
				t.Errorf("the run line links to the run: %t", got)
			}
		})
	}
}
