package tui

import "testing"

// A key of another pane or screen says where it is one.
func TestKeysOfOtherPlaces(t *testing.T) {
	d := newDriver(t, 120, 40, withBundles(Options{Settings: newSettings(), Run: newRun().succeed()}, newBundle()))
	d.Press("i", "s").Expect("s (next order of the rows) is a key of the pane Nodes: tab goes there")
	d.Press("4", "b").Expect("b (start the build) is a key of the screen Setup: 1 goes there")
	d.Press("*").Expect("* does nothing here")
}

// What went wrong below nodes that came to a good end is said above them, and r
// goes there as it does for a node that failed.
func TestErrorsBelowGoodNodes(t *testing.T) {
	r := newRun()
	r.file("scan_repo", "src/locked.py", at(10), at(12), failing("unreadable: permission denied"))
	d := newDriver(t, 80, 24, Options{Run: r.succeed(), Subject: "requests"})
	d.Expect("1 failed below", "r origin").Press("r").ExpectSelected("locked.py")
	d.Press("enter").Expect("[Error!]", "src/locked.py", "unreadable: permission denied").Golden()
}

// The tab Error of a row that failed because of another one leads there by enter.
func TestEnterGoesToTheOrigin(t *testing.T) {
	d := newDriver(t, 80, 24, Options{Run: newRun().fail(), Subject: "requests"})
	d.Open("cpg_edges").Press("enter", "]", "]", "]").Expect("cpg_edges  Stats Span SQL [Error!]", "because of relate_scopes (enter goes there)", "enter origin")
	d.Press("enter").Expect("relate_scopes  Stats Span SQL [Error!]", "Inputs of relate_scopes").ExpectNot("enter origin")
	d.Press("enter").Expect("the failure began in this row")
}

// The tab in front is in the title whatever else has no room.
func TestTheTabInFrontIsSeen(t *testing.T) {
	d := newDriver(t, 60, 20, Options{Run: newRun().fail(), Subject: "requests"})
	d.Press("r", "enter").Expect("[Error!]")
	for _, tab := range []string{"[Logs]", "[Timeline]", "[Stats]", "[Span]", "[SQL]"} {
		d.Press("]").Expect(tab)
	}
}
