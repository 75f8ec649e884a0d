package remote

import (
	"iter"
	"slices"
	"strconv"
	"strings"

	"github.com/buildscope/buildscope/engine"
	"github.com/buildscope/buildscope/engine/listing"
	"github.com/buildscope/buildscope/model"
)

// parsePlan reads the physical plan out of the text of DataFusion's EXPLAIN, with the
// estimates that EXPLAIN FORMATTED adds to each line:
//
//	AggregateExec: mode=Partial, gby=[x@0 as x], statistics=[Rows=Inexact(2), ...], schema=[...]
//	  DataSourceExec: file_groups={1 group: [[a.parquet]]}, file_type=parquet, predicate=x@0 > 1
//
// A line is a child of the last one that is indented less. What cannot be read is left
// out.
func parsePlan(text string) []model.Operator {
	if i := strings.LastIndex(text, "== Physical Plan =="); i >= 0 {
		text = text[i:]
		if _, rest, ok := strings.Cut(text, "\n"); ok {
			text = rest
		}
	}
	root := &node{depth: -1}
	stack := []*node{root}
	for line := range strings.Lines(text) {
		body := strings.TrimLeft(strings.TrimRight(line, "\r\n"), " ")
		if body == "" {
			continue
		}
		n := &node{depth: len(line) - len(strings.TrimLeft(line, " ")), op: parseOperator(body)}
		for stack[len(stack)-1].depth >= n.depth {
			stack = stack[:len(stack)-1]
		}
		up := stack[len(stack)-1]
		up.children = append(up.children, n)
		if len(stack) < maxDepth {
			stack = append(stack, n)
		}
	}
	return root.operators()
}

// maxDepth bounds the depth of a plan, which viewers walk: what is deeper is put there.
const maxDepth = 500

type node struct {
	depth    int // blanks in front
	op       model.Operator
	children []*node
}

func (n *node) operators() []model.Operator {
	out := make([]model.Operator, 0, len(n.children))
	for _, c := range n.children {
		c.op.Children = c.operators()
		out = append(out, c.op)
	}
	return out
}

func parseOperator(line string) model.Operator {
	name, rest, _ := strings.Cut(line, ": ")
	if i := strings.Index(name, ", "); i >= 0 { // without details: "CoalescePartitionsExec, metrics=[...]"
		name, rest = name[:i], line[i+2:]
	}
	op := model.Operator{Name: strings.TrimSuffix(name, "Exec"), Rows: -1, EstimatedRows: -1, Extra: map[string]string{}}
	for key, value := range fields(rest) {
		switch key {
		case "schema":
		case "predicate":
			op.Extra["Filters"] = value
		case "statistics":
			for what, text := range fields(inside(value)) {
				if what == "Rows" {
					op.EstimatedRows = estimateOf(text)
				}
			}
		default:
			op.Extra[key] = value
		}
	}
	return op
}

// fields yields key=value of a list with commas, whose values have brackets. What has no
// key comes with the key "".
func fields(text string) iter.Seq2[string, string] {
	return func(yield func(key, value string) bool) {
		depth, start := 0, 0
		for i := 0; i <= len(text); i++ {
			if i < len(text) {
				switch text[i] {
				case '[', '(', '{':
					depth++
					continue
				case ']', ')', '}':
					depth--
					continue
				case ',':
				default:
					continue
				}
				if depth > 0 {
					continue
				}
			}
			item := strings.TrimSpace(text[start:i])
			start = i + 1
			key, value, ok := strings.Cut(item, "=")
			if !ok || strings.Trim(key, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ_0123456789") != "" {
				key, value = "", item
			}
			if item != "" && !yield(key, value) {
				return
			}
		}
	}
}

// inside is a text without the brackets around it.
func inside(text string) string {
	return strings.TrimSuffix(strings.TrimPrefix(text, "["), "]")
}

// estimateOf reads Exact(25), Inexact(25) or Absent.
func estimateOf(text string) int64 {
	_, number, _ := strings.Cut(strings.TrimSuffix(text, ")"), "(")
	n, err := strconv.ParseInt(number, 10, 64)
	if err != nil {
		return -1
	}
	return n
}

// nameTables tells of each operator that reads files which table they are.
func nameTables(ops []model.Operator, inputs []engine.Input) {
	for i := range ops {
		nameTables(ops[i].Children, inputs)
		groups := ops[i].Extra["file_groups"]
		for _, in := range inputs {
			if slices.ContainsFunc(in.Files, func(f listing.TableFile) bool {
				return strings.Contains(groups, strings.TrimPrefix(f.Path, "/"))
			}) {
				ops[i].Extra["Table"] = in.Name
				break
			}
		}
	}
}
