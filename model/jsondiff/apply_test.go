package jsondiff

import (
	"fmt"
	"slices"
)

// Apply is the other way round of Diff, by which it is tested: it makes the changes,
// in their order, in a copy of a value. Those of Diff without Quiet turn a into b.
func Apply(a any, changes []Change) (any, error) {
	v := clone(a)
	for _, c := range changes {
		var err error
		if v, err = apply(v, c.Path, c); err != nil {
			return nil, fmt.Errorf("%s %s: %w", c.Op, c.Path, err)
		}
	}
	return v, nil
}

func apply(v any, path Path, c Change) (any, error) {
	if len(path) == 0 {
		return clone(c.B), nil
	}
	step, last := path[0], len(path) == 1
	switch x := v.(type) {
	case map[string]any:
		switch {
		case step.Array:
			return nil, fmt.Errorf("an object where an array was")
		case last && c.Op == Removed:
			delete(x, step.Key)
			return x, nil
		case last:
			x[step.Key] = clone(c.B)
			return x, nil
		}
		inner, err := apply(x[step.Key], path[1:], c)
		x[step.Key] = inner
		return x, err
	case []any:
		if last && c.Op == Moved {
			return reorder(x, step.Field, c.B)
		}
		if last && c.Op == Added {
			if c.at > len(x) {
				return nil, fmt.Errorf("index %d of %d", c.at, len(x))
			}
			return slices.Insert(x, c.at, clone(c.B)), nil
		}
		at := step.Index
		if step.Field != "" {
			at = slices.IndexFunc(x, func(e any) bool { return nameOf(e, step.Field) == step.Key })
		}
		if !step.Array || at < 0 || at >= len(x) {
			return nil, fmt.Errorf("no such element")
		}
		if last && c.Op == Removed {
			return slices.Delete(x, at, at+1), nil
		}
		inner, err := apply(x[at], path[1:], c)
		x[at] = inner
		return x, err
	}
	return nil, fmt.Errorf("%T has no parts", v)
}

// reorder puts elements into the order of their names.
func reorder(list []any, field string, order any) (any, error) {
	want, _ := order.([]any)
	by := index(list, field)
	if len(want) != len(list) || by == nil {
		return nil, fmt.Errorf("%d names for %d elements", len(want), len(list))
	}
	out := make([]any, len(list))
	for i, name := range want {
		s, _ := name.(string)
		if by[s] == nil {
			return nil, fmt.Errorf("no element %s", s)
		}
		out[i] = by[s]
	}
	return out, nil
}

func clone(v any) any {
	switch x := v.(type) {
	case map[string]any:
		out := make(map[string]any, len(x))
		for k, e := range x {
			out[k] = clone(e)
		}
		return out
	case []any:
		out := make([]any, len(x))
		for i, e := range x {
			out[i] = clone(e)
		}
		return out
	}
	return v
}
