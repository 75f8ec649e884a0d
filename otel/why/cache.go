package why

import (
	"fmt"
	"math"
	"strconv"
	"strings"

	"github.com/buildscope/buildscope/model"
	"github.com/buildscope/buildscope/model/human"
)

const (
	// nearlyAll is the share of the hits of an endless cache that a limit shall have.
	nearlyAll = 0.95
	// worthwhile is the share of all lookups that a better limit must gain.
	worthwhile = 0.1
)

// contents is what the caches hold, in words.
var contents = map[string]string{
	"list_files": "the directories read", "metadata": "the footers read", "statistics": "the statistics asked for",
}

// Advise says what the limit of a cache did in this run and which would have done
// better, and gives that limit in bytes. It says nothing of a cache that does what a
// cache can.
func Advise(a model.CacheAccount) (text string, better int64) {
	p, ok := a.Curve.Enough(nearlyAll)
	lookups := float64(a.Curve.Lookups)
	better = RoundUp(p.Limit)
	gain := a.Curve.HitsAt(better) - a.Hits
	if !ok || better <= a.Limit || float64(gain) < worthwhile*lookups {
		return expired(a), 0
	}
	asked := a.Hits + a.Misses
	_, key, _ := strings.Cut(a.Setting, ".")
	text = fmt.Sprintf("%s is %s (%s); %s need %s in rotation, so the hit rate was %s; %s would have hit %s.", key, a.Value, a.Source,
		contents[a.Cache], human.Bytes(a.WorkingSet), human.Percent(a.Hits, asked), Capacity(better), human.Percent(a.Curve.HitsAt(better), a.Curve.Lookups))
	if a.Limit == 0 {
		text = fmt.Sprintf("%s is %s (%s), so the cache is off; %s are %s, and %s would have hit %s of %d lookups.", key, a.Value, a.Source,
			contents[a.Cache], human.Bytes(a.WorkingSet), Capacity(better), human.Percent(a.Curve.HitsAt(better), a.Curve.Lookups), a.Curve.Lookups)
	}
	return text, better
}

// expired is the advice for a cache that loses its entries to their lifetime.
func expired(a model.CacheAccount) string {
	if asked := a.Hits + a.Misses; a.Expirations == 0 || float64(a.Expirations) < worthwhile*float64(asked) {
		return ""
	}
	_, key, _ := strings.Cut(a.TTLSetting, ".")
	return fmt.Sprintf("%s is %s; %d of %d lookups found an entry that had expired, and the hit rate was %s.", key, a.TTL, a.Expirations, a.Hits+a.Misses, human.Percent(a.Hits, a.Hits+a.Misses))
}

// RoundUp gives the next limit that is written in two digits and a unit.
func RoundUp(bytes int64) int64 {
	unit, _ := unitOf(bytes)
	n := int64(math.Ceil(float64(bytes) / float64(unit)))
	step := int64(1)
	for n >= 100*step {
		step *= 10
	}
	return (n + step - 1) / step * step * unit
}

// Capacity is a limit that RoundUp has made, as a setting takes it.
func Capacity(bytes int64) string {
	unit, letter := unitOf(bytes)
	return strconv.FormatInt(bytes/unit, 10) + letter
}

// unitOf is the largest unit that gives at least 1, of those that a setting takes.
func unitOf(bytes int64) (int64, string) {
	switch {
	case bytes > 1<<30:
		return 1 << 30, "G"
	case bytes > 1<<20:
		return 1 << 20, "M"
	}
	return 1 << 10, "K"
}

// fromCaches names the engine's caches that another limit or lifetime would help.
func fromCaches(f Facts) []model.Cause {
	var out []model.Cause
	for _, a := range f.Caches {
		text, better := Advise(a)
		if text == "" {
			continue
		}
		c := model.Cause{Kind: model.CauseEngineCache, Setting: a.Setting, Text: text}
		if better == 0 {
			c.Setting = a.TTLSetting
		}
		out = append(out, c)
	}
	return out
}
