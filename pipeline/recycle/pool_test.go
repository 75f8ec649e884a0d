package recycle

import "testing"

func TestMemoryComesBackZeroed(t *testing.T) {
	var p Pool
	a := p.Allocate(100)
	if len(a) != 100 {
		t.Fatalf("got %d bytes, want 100", len(a))
	}
	for i := range a[:cap(a)] {
		a[:cap(a)][i] = 0xff
	}
	p.Free(a)
	b := p.Allocate(70)
	if &a[0] != &b[0] || len(b) != 70 {
		t.Fatal("freed memory of the size was not given out again")
	}
	for i, v := range b[:cap(b)] {
		if v != 0 {
			t.Fatalf("byte %d is %d, want 0", i, v)
		}
	}
	if c := p.Allocate(70); &c[0] == &b[0] {
		t.Fatal("memory in use was given out twice")
	}
}

func TestReallocateKeepsTheContent(t *testing.T) {
	var p Pool
	b := p.Allocate(64)
	copy(b, "content")
	first := &b[0]
	b = p.Reallocate(1000, b)
	if len(b) != 1000 || string(b[:7]) != "content" {
		t.Fatalf("after growing: %d bytes, %q", len(b), b[:7])
	}
	if c := p.Allocate(64); &c[0] != first {
		t.Error("the memory from before growing was not freed")
	}
	if b = p.Reallocate(3, b); string(b) != "con" {
		t.Errorf("after shrinking: %q", b)
	}
}

func TestForeignMemoryIsNotKept(t *testing.T) {
	var p Pool
	p.Free(make([]byte, 100)[:0:100])
	p.Free(nil)
	for c, list := range p.free {
		if len(list) > 0 {
			t.Errorf("kept memory of class %d", c)
		}
	}
}

func TestDirtyMemoryIsNotCleared(t *testing.T) {
	p := Pool{Dirty: true}
	b := p.Allocate(64)
	b[0] = 1
	p.Free(b)
	if c := p.Allocate(64); c[0] != 1 {
		t.Error("memory was cleared, or is not the same")
	}
}
