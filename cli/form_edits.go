package cli

import "maps"

// maxUndo is how many steps can be taken back.
const maxUndo = 200

// formEdits are the edits of a form, with what they were before each step. The maps
// are never changed once they are in here.
type formEdits struct {
	now        map[string]string
	undo, redo []map[string]string
}

// with gives the edits after one more, and without those after one less.
func (e *formEdits) with(key, text string) map[string]string {
	next := maps.Clone(e.now)
	if next == nil {
		next = map[string]string{}
	}
	next[key] = text
	return next
}

func (e *formEdits) without(key string) map[string]string {
	next := maps.Clone(e.now)
	delete(next, key)
	return next
}

// step takes new edits over; what had been undone is gone.
func (e *formEdits) step(next map[string]string) {
	if maps.Equal(next, e.now) {
		return
	}
	e.undo = append(e.undo, e.now)
	if n := len(e.undo); n > maxUndo {
		e.undo = e.undo[n-maxUndo:]
	}
	e.now, e.redo = next, nil
}

// back goes one step back, or forward again, if try accepts what the edits were
// then. Without such a step it does nothing.
func (e *formEdits) back(forward bool, try func(map[string]string) error) error {
	from, to := &e.undo, &e.redo
	if forward {
		from, to = to, from
	}
	n := len(*from)
	if n == 0 {
		return nil
	}
	next := (*from)[n-1]
	if err := try(next); err != nil {
		return err
	}
	*from, *to = (*from)[:n-1], append(*to, e.now)
	e.now = next
	return nil
}
