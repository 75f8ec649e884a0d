package cache

import (
	"fmt"
	"strconv"
	"time"
)

// FormatBytes gives a limit the way DataFusion shows it, cut to the largest
// whole unit of 1024, followed by the exact bytes: "50M (52428800)". The bytes
// are there because the first form is lossy and because other engines take
// 50M to be 50,000,000.
func FormatBytes(n int64) string {
	short := strconv.FormatInt(n, 10)
	switch {
	case n >= 1<<30:
		short = strconv.FormatInt(n>>30, 10) + "G"
	case n >= 1<<20:
		short = strconv.FormatInt(n>>20, 10) + "M"
	case n >= 1<<10:
		short = strconv.FormatInt(n>>10, 10) + "K"
	}
	return fmt.Sprintf("%s (%d)", short, n)
}

// FormatTTL gives a TTL the way DataFusion shows it, "1m30s" or "2m0s", and
// "none" for entries that never expire.
func FormatTTL(d time.Duration) string {
	if d <= 0 {
		return "none"
	}
	s := int64(d / time.Second)
	return fmt.Sprintf("%dm%ds", s/60, s%60)
}
