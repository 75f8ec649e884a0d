package page

import (
	"cmp"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/buildscope/buildscope/model"
	"github.com/buildscope/buildscope/model/human"
)

// shownTable is the captured statistics of one table.
type shownTable struct {
	model.TableStats
	Nulls   string // share of all values; "" when there are none
	Columns []shownColumn
	More    int // columns that are left out
}

// shownColumn is one column in the words of the page.
type shownColumn struct {
	model.ColumnStats
	NullShare string
	Distinct  string
	Range     string
	Mean      string
	Bars      string // distribution as a path on a plane of 60 by 16
	BarsTip   string
	Top       string // frequent values
	Note      string
}

// DistinctNumber and MeanNumber are what a browser sorts by; what has none comes last.
func (c shownColumn) DistinctNumber() int64 {
	if c.ColumnStats.Distinct == nil {
		return -1
	}
	return *c.ColumnStats.Distinct
}

func (c shownColumn) MeanNumber() string {
	for _, f := range []*float64{c.ColumnStats.Mean, c.LenMean} {
		if f != nil {
			return strconv.FormatFloat(*f, 'g', 6, 64)
		}
	}
	return "-Infinity"
}

// showTables shows tables by name until there are as many columns as are allowed. more says
// what is left out.
func showTables(c *model.CaptureStatisticsPayload, b bounds) (tables []shownTable, more string) {
	if c == nil {
		return nil, ""
	}
	list := slices.Clone(c.Tables)
	slices.SortStableFunc(list, func(a, b model.TableStats) int {
		return cmp.Or(cmp.Compare(a.Node, b.Node), cmp.Compare(a.Table, b.Table))
	})
	left, lostTables, lostColumns := b.columns, 0, 0
	for _, t := range list {
		if len(tables) == b.listed || left == 0 {
			lostTables, lostColumns = lostTables+1, lostColumns+len(t.Columns)
			continue
		}
		s := shownTable{TableStats: t}
		var nulls, values int64
		for _, c := range t.Columns {
			nulls, values = nulls+c.Nulls, values+c.Count
			if left == 0 {
				s.More, lostColumns = s.More+1, lostColumns+1
				continue
			}
			left--
			s.Columns = append(s.Columns, showColumn(c))
		}
		if values > 0 {
			s.Nulls = human.Percent(nulls, values)
		}
		tables = append(tables, s)
	}
	if lostColumns+lostTables > 0 {
		more = fmt.Sprintf("%d columns, and %d tables as a whole, are left out; capture.parquet has all.", lostColumns, lostTables)
	}
	return tables, more
}

func showColumn(c model.ColumnStats) shownColumn {
	s := shownColumn{ColumnStats: c, NullShare: human.Percent(c.Nulls, c.Count)}
	if c.Nulls == 0 {
		s.NullShare = "0"
	}
	if c.Distinct != nil {
		s.Distinct = human.Commas(*c.Distinct)
		if !c.DistinctExact {
			s.Distinct = "≈ " + s.Distinct
		}
	}
	switch {
	case c.MinText != "" || c.MaxText != "":
		s.Range = cut(c.MinText, 48) + " … " + cut(c.MaxText, 48)
	case c.Min != nil && c.Max != nil:
		s.Range = human.Number(*c.Min) + " … " + human.Number(*c.Max)
	}
	switch {
	case c.Mean != nil:
		s.Mean = human.Number(*c.Mean)
	case c.LenMean != nil:
		s.Mean = "length " + human.Number(*c.LenMean)
	}
	s.Bars, s.BarsTip = histogram(c.Histogram)
	var top []string
	for _, v := range c.Top[:min(len(c.Top), 3)] {
		top = append(top, fmt.Sprintf("%s ×%s", cut(v.Value, 32), human.Count(v.Count)))
	}
	s.Top = strings.Join(top, ", ")
	s.Note = strings.Trim(c.Reason+"; "+c.Truncated, "; ")
	return s
}

func histogram(bins []model.Bin) (path, tip string) {
	var most int64
	for _, b := range bins {
		most = max(most, b.Count)
	}
	if most == 0 || len(bins) > 60 {
		return "", ""
	}
	var d strings.Builder
	for i, b := range bins {
		if b.Count > 0 {
			fmt.Fprintf(&d, "M%d 16v-%dh5V16z", i*60/len(bins), max(1, 16*b.Count/most))
		}
	}
	return d.String(), fmt.Sprintf("%d bins from %s to %s, at most %s values in one", len(bins), human.Number(bins[0].Lo), human.Number(bins[len(bins)-1].Hi), human.Commas(most))
}
