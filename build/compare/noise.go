package compare

import (
	"slices"
	"time"

	"github.com/buildscope/buildscope/otel/why"
)

// The rule for "beyond noise". Of a node's times in the earlier runs of the same
// profile and workers, cached ones left out, the median is what it usually takes, and the median of the distances
// from it (MAD) how much that varies. A time is beyond noise when it is further from
// the median than three deviations (1.4826 MAD estimates one), than a tenth of the
// median, and than 10 ms, which no machine keeps. With fewer than three earlier
// times nothing is known of the noise, and nothing is called slower or faster.
const (
	maxHistory  = 10
	minHistory  = why.EnoughRuns
	deviations  = 3 * 1.4826
	leastShare  = 0.10
	leastChange = 10 * time.Millisecond
)

// Rule is the rule in one sentence, for people, in lines of a narrow terminal.
const Rule = "Beyond noise: further from the median of up to 10 earlier successful\n" +
	"runs of the same profile and workers, not cached there, than 3\n" +
	"deviations (1.4826 MAD), 10 % and 10 ms. It needs 3 such runs."

// Noise is what earlier runs tell of a node's time.
type Noise struct {
	Runs     int   `json:"runs"`      // earlier times that are known
	MedianNS int64 `json:"median_ns"` // 0 when there is none
	MADNS    int64 `json:"mad_ns"`
	MarginNS int64 `json:"margin_ns"` // how far from the median is still noise; 0 when unknown
}

func noiseOf(times []int64) Noise {
	n := Noise{Runs: len(times)}
	if len(times) == 0 {
		return n
	}
	n.MedianNS = median(times)
	away := make([]int64, len(times))
	for i, t := range times {
		away[i] = max(t-n.MedianNS, n.MedianNS-t)
	}
	n.MADNS = median(away)
	if n.Runs >= minHistory {
		n.MarginNS = max(int64(deviations*float64(n.MADNS)), int64(leastShare*float64(n.MedianNS)), int64(leastChange))
	}
	return n
}

// median is the middle value, or the mean of the two middle ones.
func median(values []int64) int64 {
	s := slices.Sorted(slices.Values(values))
	if n := len(s); n%2 == 0 {
		return s[n/2-1] + (s[n/2]-s[n/2-1])/2
	}
	return s[len(s)/2]
}

// Verdict says how a time stands against what is usual.
type Verdict string

// The verdicts.
const (
	Unknown Verdict = "unknown" // too few earlier runs, or it did not run
	Usual   Verdict = "usual"
	Slower  Verdict = "slower"
	Faster  Verdict = "faster"
)

func (n Noise) judge(took int64) Verdict {
	switch {
	case n.MarginNS == 0:
		return Unknown
	case took > n.MedianNS+n.MarginNS:
		return Slower
	case took < n.MedianNS-n.MarginNS:
		return Faster
	}
	return Usual
}
