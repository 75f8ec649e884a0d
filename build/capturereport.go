package build

import (
	"strings"
	"time"

	"github.com/buildscope/buildscope/model"
	"github.com/buildscope/buildscope/model/human"
)

// captureSummary is what a report says about statistics.
type captureSummary struct {
	Tables  int          `json:"tables"`
	Columns int          `json:"columns"`
	Values  int64        `json:"values"` // rows of every column
	Reused  int          `json:"reused_tables"`
	SpentNS int64        `json:"spent_ns"` // worker time
	Failed  int64        `json:"failed_columns"`
	Cut     []captureCut `json:"cut"`
}

// captureCut is a column from which a limit left something out.
type captureCut struct {
	Table  string `json:"table"`
	Column string `json:"column"`
	What   string `json:"what"`
}

func summarize(p model.CaptureStatisticsPayload) *captureSummary {
	s := &captureSummary{Tables: len(p.Tables), Failed: p.Failed, Cut: []captureCut{}}
	for _, t := range p.Tables {
		s.Columns += len(t.Columns)
		s.SpentNS += t.SpentNS
		if t.Reused {
			s.Reused++
		}
		for _, c := range t.Columns {
			s.Values += c.Count
			if c.Truncated != "" {
				s.Cut = append(s.Cut, captureCut{t.Table, c.Name, c.Truncated})
			}
		}
	}
	return s
}

// listedCuts is how many cut columns the report lists.
const listedCuts = 20

func (s captureSummary) markdown(p func(format string, args ...any)) {
	p("## Statistics of tables\n\n%s with %s and %s; those of %s are of an earlier run. Capture took %s of worker time.",
		human.Counted(s.Tables, "table"), human.Counted(s.Columns, "column"), human.Counted(s.Values, "value"), human.Counted(s.Reused, "table"), time.Duration(s.SpentNS).Round(time.Millisecond))
	if s.Failed > 0 {
		p("**%d columns could not be captured**; `capture_statistics_v1` has the reason of each.", s.Failed)
	}
	for i, c := range s.Cut {
		if i == listedCuts {
			p("- and %d more columns, see `capture_statistics_v1`", len(s.Cut)-listedCuts)
			break
		}
		p("- %s.%s: %s", c.Table, c.Column, strings.ReplaceAll(c.What, "\n", " "))
	}
	p("")
}
