package capture

import (
	"cmp"
	"slices"
	"strings"

	"github.com/buildscope/buildscope/model"
)

// exactValues is how many different values a column may have and still be counted
// exactly. The table that holds them then takes 64 KiB, which stays in the L2 cache.
const exactValues = 2048

// maxText is how many bytes are kept of a text that is shown.
const maxText = 128

// tally counts values by their 64-bit key in an open-addressing hash table. With
// room for exactValues keys, add refuses further ones; purge makes room by
// forgetting rare values, as the frequent-items sketch of Misra and Gries does.
// The zero value is empty.
type tally struct {
	keys   []uint64
	counts []int64 // 0: the slot is free
	used   int
	lost   int64 // what purges took from every count: a bound on the error

	spans []span // texts of the keys, for a tally of texts
	arena []byte
}

// span is a part of the arena.
type span struct{ off, len uint32 }

// mix spreads the bits of a key over all bits, one to one (the finalizer of
// MurmurHash3).
func mix(h uint64) uint64 {
	h ^= h >> 33
	h *= 0xff51afd7ed558ccd
	h ^= h >> 33
	h *= 0xc4ceb9fe1a85ec53
	h ^= h >> 33
	return h
}

// add counts a key n times, or reports that it is new and there is no room.
func (t *tally) add(key uint64, n int64) bool {
	i, found := t.find(key)
	if found {
		t.counts[i] += n
		return true
	}
	return t.insert(i, key, n, "")
}

// addText is add for a text; key is its hash.
func (t *tally) addText(key uint64, text string, n int64) bool {
	if t.spans == nil {
		t.spans = make([]span, max(len(t.keys), 16))
	}
	i, found := t.find(key)
	if found {
		t.counts[i] += n
		return true
	}
	return t.insert(i, key, n, text)
}

// addAll counts each key once, up to the first that has no room, and returns how
// many it has counted.
func (t *tally) addAll(keys []uint64) int {
	for k, key := range keys {
		if !t.add(key, 1) {
			return k
		}
	}
	return len(keys)
}

// find gives the slot of a key, or the free one where it would go.
func (t *tally) find(key uint64) (slot int, found bool) {
	if len(t.keys) == 0 {
		t.keys, t.counts = make([]uint64, 16), make([]int64, 16)
	}
	mask := len(t.keys) - 1
	at := key
	if t.spans == nil {
		at = mix(key) // the keys of texts are hashes
	}
	for i := int(at) & mask; ; i = (i + 1) & mask {
		switch {
		case t.counts[i] == 0:
			return i, false
		case t.keys[i] == key:
			return i, true
		}
	}
}

func (t *tally) insert(slot int, key uint64, n int64, text string) bool {
	if n == 0 {
		return true // a dictionary entry that no row points to
	}
	if t.used == exactValues {
		return false
	}
	if 2*t.used >= len(t.keys) {
		t.rebuild(2*len(t.keys), 0)
		slot, _ = t.find(key)
	}
	t.used++
	t.keys[slot], t.counts[slot] = key, n
	if t.spans != nil {
		text = text[:min(len(text), maxText)]
		t.spans[slot] = span{uint32(len(t.arena)), uint32(len(text))}
		t.arena = append(t.arena, text...)
	}
	return true
}

// rebuild copies the table into one of size slots, with less taken from each count.
func (t *tally) rebuild(size int, less int64) {
	old := *t
	t.keys, t.counts, t.used = make([]uint64, size), make([]int64, size), 0
	if old.spans != nil {
		t.spans, t.arena = make([]span, size), make([]byte, 0, len(old.arena))
	}
	t.lost += less
	for i, n := range old.counts {
		if n > less {
			slot, _ := t.find(old.keys[i])
			t.insert(slot, old.keys[i], n-less, old.text(i))
		}
	}
}

// purge makes room: it takes a low count from all, which frees the slots of the
// rarest values.
func (t *tally) purge() {
	var sample [64]int64
	n := 0
	for i := 0; i < len(t.counts) && n < len(sample); i++ {
		if t.counts[i] > 0 {
			sample[n] = t.counts[i]
			n++
		}
	}
	slices.Sort(sample[:n])
	t.rebuild(len(t.keys), sample[n/2])
}

// merge adds what o counted. It returns false when there are too many values;
// then nothing was added.
func (t *tally) merge(o *tally) bool {
	fresh := 0
	for i, n := range o.counts {
		if n > 0 {
			if _, found := t.find(o.keys[i]); !found {
				fresh++
			}
		}
	}
	if t.used+fresh > exactValues {
		return false
	}
	o.each(func(i int) {
		if o.spans != nil {
			t.addText(o.keys[i], o.text(i), o.counts[i])
		} else {
			t.add(o.keys[i], o.counts[i])
		}
	})
	return true
}

// mergeLossy adds what o counted, forgetting rare values where there is no room.
func (t *tally) mergeLossy(o *tally) {
	t.lost += o.lost
	o.each(func(i int) {
		for !t.addText(o.keys[i], o.text(i), o.counts[i]) {
			t.purge()
		}
	})
}

// each calls f for every slot in use.
func (t *tally) each(f func(slot int)) {
	for i, n := range t.counts {
		if n > 0 {
			f(i)
		}
	}
}

func (t *tally) text(slot int) string {
	if t.spans == nil {
		return ""
	}
	s := t.spans[slot]
	return string(t.arena[s.off : s.off+s.len])
}

// top lists the values by falling count, equal counts by text. It is empty when no
// value is there twice. After purges it has no values seen once, nor such whose
// count may be wrong by more than itself.
func (t *tally) top(text func(slot int) string) []model.TopValue {
	var list []model.TopValue
	most, least := int64(0), int64(1)
	if t.lost > 0 {
		least = max(2, t.lost)
	}
	t.each(func(i int) {
		if t.counts[i] >= least {
			list = append(list, model.TopValue{Value: text(i), Count: t.counts[i]})
			most = max(most, t.counts[i])
		}
	})
	if most < 2 {
		return nil
	}
	slices.SortFunc(list, func(a, b model.TopValue) int {
		return cmp.Or(cmp.Compare(b.Count, a.Count), strings.Compare(a.Value, b.Value))
	})
	return list
}
