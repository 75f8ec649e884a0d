package pipeline

import (
	"context"
	"fmt"
	"strings"

	"github.com/buildscope/buildscope/model"
	"github.com/buildscope/buildscope/model/human"
)

// sampledRows is how many rows of a failed test are told.
const sampledRows = 5

// judge fills n.Test of a node that tests. The rows that it found are an error,
// or a warning in the log, by the severity of the test.
func (d *driver) judge(ctx context.Context, n *NodeRun) error {
	if n.Node.Test == nil {
		return nil
	}
	for _, t := range n.Tables {
		n.Test.Failing += t.Rows
	}
	if n.Test.Failing == 0 {
		n.Test.Passed = true
		return nil
	}
	for _, f := range n.Tables[0].Files {
		rows, err := Preview(ctx, f, 0, int64(sampledRows-len(n.Test.Sample)))
		if err != nil {
			return fmt.Errorf("read the rows that the test found: %w", err)
		}
		n.Test.Sample = append(n.Test.Sample, d.sample(rows)...)
	}
	about := n.Test.Check
	if n.Test.Table != "" {
		about += " of " + n.Test.Table
	}
	text := fmt.Sprintf("%s: %s should not be there", about, human.Counted(n.Test.Failing, "row"))
	if n.Test.Severity == model.SeverityWarn {
		d.opts.Logger.WarnContext(ctx, "data test: "+text, "node", n.Node.Name, "sample", strings.Join(n.Test.Sample, "; "))
		return nil
	}
	more := ""
	if n.Test.Failing > int64(len(n.Test.Sample)) {
		more = "\n    …"
	}
	return fmt.Errorf("%s\n    %s%s", text, strings.Join(n.Test.Sample, "\n    "), more)
}

// sample writes rows as column=value, the form in which secrets are known by key.
func (d *driver) sample(rows Rows) []string {
	var lines []string
	for i, cells := range rows.Cells {
		var parts []string
		for c, cell := range cells {
			if rows.Nulls[i][c] {
				cell = "NULL"
			}
			parts = append(parts, rows.Columns[c]+"="+cell)
		}
		lines = append(lines, d.opts.Redact.text(strings.Join(parts, ", ")))
	}
	return lines
}

// DataTests sums up the tests of a run; ok says that there are any.
func (r *Result) DataTests() (p model.DataTestsPayload, ok bool) {
	p.Tests = []model.DataTestResult{}
	for _, n := range r.Nodes {
		if n.Test == nil {
			continue
		}
		t := *n.Test
		t.State = n.Execution.State
		switch {
		case t.Passed:
			p.Passed++
		case t.Failing == 0:
			p.NotRun++
		case t.Severity == model.SeverityWarn:
			p.Warned++
		default:
			p.Failed++
		}
		p.Tests = append(p.Tests, t)
	}
	return p, len(p.Tests) > 0
}
