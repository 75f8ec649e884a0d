// Package flat parses a source text with tree-sitter and gives the whole tree as
// one array of nodes, in a single call into C: a walk over the tree then costs no
// call per node, which otherwise is half the time of an extraction. It knows no
// grammar, and nothing of tree-sitter is vendored; go-tree-sitter brings the core.
package flat

/*
#cgo CFLAGS: -std=c11 -O2
#cgo darwin LDFLAGS: -Wl,-undefined,dynamic_lookup
#include <stdlib.h>
#include "flat.h"
*/
import "C"

import (
	"errors"
	"fmt"
	"sync"
	"unsafe"

	tree_sitter "github.com/tree-sitter/go-tree-sitter"
)

// Node is one node of the tree. Nodes are in preorder: the first child of node i,
// if there is one, is i+1; the node after its last descendant is Next.
type Node struct {
	Start, End uint32 // bytes, end exclusive
	Next       uint32
	Kind       uint8 // of Grammar.Kinds; Unknown for errors and missing punctuation
	Field      uint8 // of Grammar.Fields; 0 for none
	Flags      uint8
	_          uint8
}

// Flags of a Node.
const (
	Missing = 1 << iota // the text lacks it; its span is empty
	Error               // text that fits nowhere
)

// Unknown is the Kind of a node that is an error or a missing token.
const Unknown = 255

// Errors of Parse.
var (
	// ErrTooHard means that the text needed more steps than allowed, which only
	// happens with long texts that are full of errors.
	ErrTooHard = errors.New("parsing took too many steps")
	// ErrNoMemory means that the node array could not grow.
	ErrNoMemory = errors.New("no memory for the syntax tree")
)

// Grammar says which nodes of a language are wanted and how they are numbered.
type Grammar struct {
	Language unsafe.Pointer
	Kinds    map[string]uint8 // named nodes, from 1; of others only the descendants are kept
	Leaves   []string         // named nodes below which nothing is wanted
	Fields   map[string]uint8 // from 1
}

// Parser parses texts of one grammar. It belongs to one goroutine; Close it.
type Parser struct {
	c      *C.flat_parser
	tables unsafe.Pointer // what c's kinds, leaves and fields point into
}

// useLibc is process-wide, because the core's allocator is. Memory from before is
// freed rightly: the binding's allocator ends in the C library as well.
var useLibc = sync.OnceFunc(func() { C.flat_use_libc() })

// NewParser makes a parser. It fails when the grammar lacks a node or field that
// is asked for, or was generated for another version of tree-sitter.
func NewParser(g Grammar) (*Parser, error) {
	useLibc()
	lang := tree_sitter.NewLanguage(g.Language)
	kinds, fields := int(lang.NodeKindCount()), int(lang.FieldCount())+1
	p := &Parser{
		c:      (*C.flat_parser)(C.calloc(1, C.size_t(unsafe.Sizeof(C.flat_parser{})))),
		tables: C.calloc(1, C.size_t(2*kinds+fields)),
	}
	tables := unsafe.Slice((*uint8)(p.tables), 2*kinds+fields)
	p.c.kinds = (*C.uint8_t)(&tables[0])
	p.c.leaves = (*C.uint8_t)(&tables[kinds])
	p.c.fields = (*C.uint8_t)(&tables[2*kinds])
	p.c.kind_count, p.c.field_count = C.uint32_t(kinds), C.uint32_t(fields)
	err := g.fill(lang, tables[:kinds], tables[kinds:2*kinds], tables[2*kinds:])
	if err == nil && !bool(C.flat_open(p.c, g.Language)) {
		err = fmt.Errorf("set the grammar: its ABI version %d is not one that the core reads", lang.AbiVersion())
	}
	if err != nil {
		p.Close()
		return nil, err
	}
	return p, nil
}

// fill translates the names into tables by symbol and field id. Several symbols
// may share a name.
func (g Grammar) fill(lang *tree_sitter.Language, kinds, leaves, fields []uint8) error {
	seen := map[string]bool{}
	for id := range kinds {
		if name := lang.NodeKindForId(uint16(id)); lang.NodeKindIsNamed(uint16(id)) {
			seen[name] = true
			kinds[id] = g.Kinds[name]
			for _, leaf := range g.Leaves {
				if leaf == name {
					leaves[id] = 1
				}
			}
		}
	}
	for name := range g.Kinds {
		if !seen[name] {
			return fmt.Errorf("read the grammar: it has no node %q", name)
		}
	}
	for name, n := range g.Fields {
		id := lang.FieldIdForName(name)
		if id == 0 {
			return fmt.Errorf("read the grammar: it has no field %q", name)
		}
		fields[id] = n
	}
	return nil
}

// Close frees the parser and the nodes it returned. Closing twice is fine.
func (p *Parser) Close() {
	if p.c == nil {
		return
	}
	C.flat_close(p.c)
	C.free(unsafe.Pointer(p.c))
	C.free(p.tables)
	p.c, p.tables = nil, nil
}

// Parse parses src and returns its nodes, the root first. They live in memory of
// C and are valid until the next Parse or Close. maxSteps bounds the work in a
// way that does not depend on the machine.
func (p *Parser) Parse(src []byte, maxSteps uint64) ([]Node, error) {
	switch C.flat_parse(p.c, (*C.char)(unsafe.Pointer(unsafe.SliceData(src))), C.uint32_t(len(src)), C.uint64_t(maxSteps)) {
	case C.FLAT_LIMIT:
		return nil, ErrTooHard
	case C.FLAT_NO_MEMORY:
		return nil, ErrNoMemory
	}
	return unsafe.Slice((*Node)(unsafe.Pointer(p.c.nodes)), int(p.c.count)), nil
}

// sizes are those that C sees of TSNode, TSTreeCursor, TSInput, TSParseOptions
// and flat_node.
func sizes() (out [5]uint32) {
	C.flat_sizes((*C.uint32_t)(&out[0]))
	return out
}
