package bundle

import (
	"fmt"
	"time"
)

// Running is a node that had started and not ended when the events of a bundle end.
type Running struct {
	Node   string
	Source string    // file and line of its function, or its SQL file
	SQL    string    // of an SQL node: the beginning of its statement
	Since  time.Time // zero when not known
}

// Doing tells what a run without an end was doing when its process died, in the
// order in which it had begun, and how many nodes had ended. A run that ended was
// doing nothing.
func (b *Bundle) Doing() (running []Running, ended int, err error) {
	events, err := b.Events()
	if err != nil {
		return nil, 0, err
	}
	at := map[string]int{} // position in running and 1
	for _, e := range events {
		node, _ := e["node"].(string)
		switch e["event"] {
		case "node_started":
			r := Running{Node: node}
			r.Source, _ = e["source"].(string)
			r.SQL, _ = e["sql"].(string)
			r.Since, _ = time.Parse(time.RFC3339Nano, fmt.Sprint(e["time"])) // of another version: not known
			running = append(running, r)
			at[node] = len(running)
		case "node_finished":
			ended++
			if n := at[node]; n > 0 {
				running[n-1].Node = ""
			}
		case "run_finished":
			return nil, ended, nil
		}
	}
	left := running[:0]
	for _, r := range running {
		if r.Node != "" {
			left = append(left, r)
		}
	}
	return left, ended, nil
}
