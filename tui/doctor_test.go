package tui

import (
	"fmt"
	"slices"
	"testing"
)

func TestDoctorFrames(t *testing.T) {
	for _, size := range sizes {
		t.Run(fmt.Sprintf("%dx%d", size.w, size.h), func(t *testing.T) {
			opts, _ := withDoctor(Options{Settings: newSettings(), Subject: "requests"})
			d := newDriver(t, size.w, size.h, opts)
			d.Press("5").Expect("1 fail, 1 warn, 2 ok, 1 skipped")
			d.Press("e").ExpectSelected("connection").Golden()
		})
	}
}

// The checks begin when the screen is opened, show what is known while a collector
// keeps silent, and end.
func TestDoctorStreams(t *testing.T) {
	opts, f := withDoctor(Options{Settings: newSettings()})
	answer := make(chan struct{})
	f.hold = answer
	d := newDriver(t, 120, 40, opts)
	d.Press("5").Expect("ok      D01", "running D03", "waiting D20", "1 of 5 made")
	d.Press("r").Expect("checks are being made; c breaks them off")
	close(answer)
	d.Expect("fail    D03", "31ms", "1 fail, 1 warn, 2 ok, 1 skipped").ExpectNot("of 5 made")
	d.Press("1", "5") // what is known stays
	if len(f.ids) != 1 {
		t.Errorf("examinations of %v", f.ids)
	}
	d.Press("e", "r").Expect("1 fail, 1 warn, 2 ok, 1 skipped")
	if len(f.ids) != 2 || !slices.Equal(f.ids[1], []string{"D03"}) {
		t.Errorf("examinations of %v", f.ids)
	}
}

func TestDoctorIsBrokenOff(t *testing.T) {
	opts, f := withDoctor(Options{Settings: newSettings()})
	f.hold = make(chan struct{})
	d := newDriver(t, 120, 40, opts)
	d.Press("5").Expect("running D03").Press("c").Expect("0 fail, 1 ok, 4 skipped", "skipped D20").Press("down").Expect("broken off")
	f.hold = nil
	d.Press("R").Expect("1 fail, 1 warn, 2 ok, 1 skipped")
}

// Leaving the program ends checks that wait for a collector.
func TestQuitEndsTheDoctor(t *testing.T) {
	opts, f := withDoctor(Options{Settings: newSettings()})
	f.hold = make(chan struct{})
	d := newDriver(t, 120, 40, opts)
	d.Press("5").Expect("running D03").Press("q").ExpectQuit()
	d.cmds.Wait()
}

// From a finding one comes to its setting; a value that helps is set with one key,
// and what was found before is marked until it is looked at again.
func TestDoctorLeadsToTheSetting(t *testing.T) {
	s := newSettings()
	opts, _ := withDoctor(Options{Settings: s})
	d := newDriver(t, 120, 40, opts)
	d.Press("1", "/").Type("theme").Press("enter", "5").Expect("1 fail, 1 warn").Press("e", "enter")
	d.Expect("[1 Setup]").ExpectSelected("endpoint")
	d.Press("5", "f").Expect("no value is known that would help")
	d.Press("e").Expect("set it to 0.5", "--otel-sampler-arg=0.5").Press("f")
	if got := s.find("otel.sampler_arg"); got.Text != "0.5" || !got.Edited {
		t.Errorf("%+v", got)
	}
	d.Expect("otel.sampler_arg is 0.5 now", "2 out of date", "(old)", "changed since").Press("r").Expect("1 fail, 3 ok, 1 skipped, 1 out of date")
	d.Press("g", "y").ExpectCopied("D01 endpoint syntax\nok\n")
	d.Press("R").Expect("1 fail, 3 ok, 1 skipped ").ExpectNot("out of date")
	d.Press("end").ExpectSelected("sources").Press("enter").Expect("about no single setting")
}

func TestNoDoctorWithoutSettings(t *testing.T) {
	newDriver(t, 120, 40, Options{Run: newRun()}).Press("5").Expect("the doctor checks settings, and this viewer has none").ExpectNot("[5 Doctor]")
}
