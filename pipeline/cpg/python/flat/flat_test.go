package flat

import (
	"errors"
	"strings"
	"testing"
	"unsafe"

	tree_sitter_python "github.com/tree-sitter/tree-sitter-python/bindings/go"
)

// The layouts that flat.c declares are those of tree-sitter's api.h at v0.25.
func TestSizes(t *testing.T) {
	const pointer = unsafe.Sizeof(uintptr(0))
	want := [5]uint32{16 + 2*uint32(pointer), 2*uint32(pointer) + 16, 4 * uint32(pointer), 2 * uint32(pointer), uint32(unsafe.Sizeof(Node{}))}
	if got := sizes(); got != want {
		t.Fatalf("sizes are %v, want %v", got, want)
	}
}

func grammar() Grammar {
	return Grammar{
		Language: tree_sitter_python.Language(),
		Kinds:    map[string]uint8{"module": 1, "call": 2, "identifier": 3, "argument_list": 4, "string": 5},
		Leaves:   []string{"string"},
		Fields:   map[string]uint8{"function": 1, "arguments": 2},
	}
}

func TestParse(t *testing.T) {
	p, err := NewParser(grammar())
	if err != nil {
		t.Fatal(err)
	}
	defer p.Close()
	src := "f(x, 'a')\n"
	nodes, err := p.Parse([]byte(src), 1e6)
	if err != nil {
		t.Fatal(err)
	}
	want := []Node{
		{Start: 0, End: 10, Next: 6, Kind: 1},
		{Start: 0, End: 9, Next: 6, Kind: 2}, // the expression statement is left out
		{Start: 0, End: 1, Next: 3, Kind: 3, Field: 1},
		{Start: 1, End: 9, Next: 6, Kind: 4, Field: 2},
		{Start: 2, End: 3, Next: 5, Kind: 3},
		{Start: 5, End: 8, Next: 6, Kind: 5}, // a leaf
	}
	if len(nodes) != len(want) {
		t.Fatalf("got %d nodes %v, want %d", len(nodes), nodes, len(want))
	}
	for i := range want {
		if nodes[i] != want[i] {
			t.Errorf("node %d is %+v, want %+v", i, nodes[i], want[i])
		}
	}
}

func TestParseErrors(t *testing.T) {
	p, err := NewParser(grammar())
	if err != nil {
		t.Fatal(err)
	}
	defer p.Close()
	nodes, err := p.Parse([]byte("f(x\n$ $\n"), 1e6)
	if err != nil {
		t.Fatal(err)
	}
	bad := 0
	for _, n := range nodes {
		if n.Flags != 0 {
			bad++
		}
	}
	if bad == 0 {
		t.Error("no node of a broken text is marked")
	}
	if _, err := p.Parse([]byte(strings.Repeat("f(x)\n", 1000)), 100); !errors.Is(err, ErrTooHard) {
		t.Errorf("a long text in 100 steps: got %v, want ErrTooHard", err)
	}
	if nodes, err := p.Parse([]byte("x\n"), 1e6); err != nil || len(nodes) != 2 {
		t.Errorf("after a limit: got %v nodes, %v", nodes, err)
	}
	if nodes, err := p.Parse(nil, 1e6); err != nil || len(nodes) != 1 {
		t.Errorf("an empty text: got %v nodes, %v", nodes, err)
	}
}

func TestUnknownNames(t *testing.T) {
	g := grammar()
	g.Kinds["no_such_node"] = 9
	if _, err := NewParser(g); err == nil || !strings.Contains(err.Error(), "no_such_node") {
		t.Errorf("got %v, want an error that names the node", err)
	}
}
