// Package human writes values for people: lengths of time, counts, sizes, and text
// from outside made safe to show. The screen and the report in HTML share it, so
// that both write the same figure the same way.
package human

import (
	"fmt"
	"math"
	"strconv"
	"strings"
	"time"
)

// Duration writes a length of time in at most seven cells: 12µs, 3.4ms, 11.8s,
// 2m05s, 1h04m.
func Duration(d time.Duration) string {
	switch {
	case d < 0:
		return "-" + Duration(-d)
	case d < time.Microsecond:
		return strconv.Itoa(int(d)) + "ns"
	case d < time.Millisecond:
		return strconv.Itoa(int(d/time.Microsecond)) + "µs"
	case d < 10*time.Millisecond:
		return fmt.Sprintf("%.1fms", float64(d)/1e6)
	case d < time.Second:
		return strconv.Itoa(int(d/time.Millisecond)) + "ms"
	case d < time.Minute-50*time.Millisecond:
		return strconv.FormatFloat(d.Seconds(), 'f', 1, 64) + "s"
	}
	d = d.Round(time.Second)
	if d < time.Hour {
		return fmt.Sprintf("%dm%02ds", int(d.Minutes()), int(d.Seconds())%60)
	}
	return fmt.Sprintf("%dh%02dm", int(d.Hours()), int(d.Minutes())%60)
}

// Clock writes a running time: 00:12.4, 1:02:03.
func Clock(d time.Duration) string {
	d = max(d, 0)
	if d >= time.Hour {
		return fmt.Sprintf("%d:%02d:%02d", int(d.Hours()), int(d.Minutes())%60, int(d.Seconds())%60)
	}
	tenths := int(d / (100 * time.Millisecond))
	return fmt.Sprintf("%02d:%02d.%d", tenths/600, tenths/10%60, tenths%10)
}

// Count writes a number in at most five cells: 999, 1.2k, 601k, 38M.
func Count(n int64) string {
	if n < 0 {
		return "-" + Count(-n)
	}
	if n < 1000 {
		return strconv.FormatInt(n, 10)
	}
	f := float64(n)
	for _, unit := range []string{"k", "M", "G", "T", "P"} {
		f /= 1000
		if f < 9.95 {
			return strconv.FormatFloat(f, 'f', 1, 64) + unit
		}
		if f < 999.5 {
			return strconv.FormatFloat(f, 'f', 0, 64) + unit
		}
	}
	return strconv.FormatFloat(f, 'f', 0, 64) + "P"
}

// Commas writes a number in full: 1,234,567.
func Commas(n int64) string {
	if n < 0 {
		return "-" + Commas(-n)
	}
	s := strconv.FormatInt(n, 10)
	var b strings.Builder
	for i, c := range s {
		if i > 0 && (len(s)-i)%3 == 0 {
			b.WriteByte(',')
		}
		b.WriteRune(c)
	}
	return b.String()
}

// Bytes writes a size in powers of 1024: 512 B, 38.1 MiB.
func Bytes(n int64) string {
	if n < 1024 {
		return strconv.FormatInt(n, 10) + " B"
	}
	f := float64(n)
	for _, unit := range []string{"KiB", "MiB", "GiB", "TiB"} {
		f /= 1024
		if f < 1023.95 {
			return strconv.FormatFloat(f, 'f', 1, 64) + " " + unit
		}
	}
	return strconv.FormatFloat(f/1024, 'f', 1, 64) + " PiB"
}

// Number writes a floating point value in few cells, without losing its size.
func Number(f float64) string {
	switch a := math.Abs(f); {
	case f == math.Trunc(f) && a < 1e15:
		return Commas(int64(f))
	case a >= 1e7 || (a > 0 && a < 1e-3):
		return strconv.FormatFloat(f, 'g', 4, 64)
	case a >= 10_000:
		return Commas(int64(math.Round(f)))
	case a >= 1000:
		whole, tenths, _ := strings.Cut(strconv.FormatFloat(f, 'f', 1, 64), ".")
		n, _ := strconv.ParseInt(whole, 10, 64)
		return Commas(n) + "." + tenths
	default:
		return strconv.FormatFloat(f, 'g', 5, 64)
	}
}

// Percent writes part/whole: 0.4%, 62%. A whole of 0 gives a dash.
func Percent(part, whole int64) string {
	if whole == 0 {
		return "-"
	}
	p := 100 * float64(part) / float64(whole)
	if p > 0 && p < 9.95 {
		return strconv.FormatFloat(p, 'f', 1, 64) + "%"
	}
	return strconv.FormatFloat(p, 'f', 0, 64) + "%"
}

// Counted is a number of things, with the plural where one is due: 1 row, 1,200 rows.
// The plural of thing is with an s.
func Counted[T int | int32 | int64 | uint64](n T, thing string) string {
	if n != 1 {
		thing += "s"
	}
	return Commas(int64(n)) + " " + thing
}
