package ui

import (
	"time"

	"github.com/buildscope/buildscope/model/human"
)

// What package human writes for people, under the names that panes know.

// Duration writes a length of time in at most seven cells: 12µs, 3.4ms, 2m05s.
func Duration(d time.Duration) string { return human.Duration(d) }

// Clock writes a running time: 00:12.4, 1:02:03.
func Clock(d time.Duration) string { return human.Clock(d) }

// Count writes a number in at most five cells: 999, 1.2k, 601k, 38M.
func Count(n int64) string { return human.Count(n) }

// Commas writes a number in full: 1,234,567.
func Commas(n int64) string { return human.Commas(n) }

// Counted is a number of things, with the plural where one is due: 1 row, 1,200 rows.
func Counted[T int | int32 | int64 | uint64](n T, thing string) string {
	return human.Counted(n, thing)
}

// Bytes writes a size in powers of 1024: 512 B, 38.1 MiB.
func Bytes(n int64) string { return human.Bytes(n) }

// Number writes a floating point value in few cells, without losing its size.
func Number(f float64) string { return human.Number(f) }

// Percent writes part/whole: 0.4%, 62%. A whole of 0 gives a dash.
func Percent(part, whole int64) string { return human.Percent(part, whole) }

// Clean makes text from outside safe for one line of a terminal. Every string from
// outside goes through here, or through CleanLines, exactly once.
func Clean(s string) string { return human.Clean(s) }

// CleanLines is Clean for text of several lines: line feeds stay.
func CleanLines(s string) string { return human.CleanLines(s) }
