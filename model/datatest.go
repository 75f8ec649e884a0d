package model

// Severities of a data test.
const (
	SeverityError = "error" // the node fails, and the build with it
	SeverityWarn  = "warn"  // it is told of, and the build goes on
)

// DataTest says what a node tests: its rows are those that should not be there.
type DataTest struct {
	Table    string `json:"table" doc:"table that is tested; empty for a test of its own SQL"`
	Check    string `json:"check" doc:"what is tested, in words"`
	Severity string `json:"severity" doc:"error or warn"`
}

// DataTestResult is one test of a run.
type DataTestResult struct {
	DataTest
	Node    string    `json:"node" doc:"node that tested"`
	State   NodeState `json:"state" doc:"state of the node: of a test that did not run, blocked or cancelled"`
	Passed  bool      `json:"passed" doc:"it ran and found nothing"`
	Failing int64     `json:"failing_rows" doc:"rows that should not be there"`
	Sample  []string  `json:"sample" doc:"the first of these rows, as column=value"`
}

// Warnings are the tests of severity warn that found rows.
func (p DataTestsPayload) Warnings() []DataTestResult {
	var out []DataTestResult
	for _, t := range p.Tests {
		if t.Failing > 0 && t.Severity == SeverityWarn {
			out = append(out, t)
		}
	}
	return out
}

// DataTestsPayload is data_tests_v1.
type DataTestsPayload struct {
	Passed int              `json:"passed" doc:"tests that found nothing"`
	Warned int              `json:"warned" doc:"tests of severity warn that found rows"`
	Failed int              `json:"failed" doc:"tests of severity error that found rows"`
	NotRun int              `json:"not_run" doc:"tests that could not be run"`
	Tests  []DataTestResult `json:"tests" doc:"in the order of the plan"`
}
