package cache

import "github.com/buildscope/buildscope/model"

// Stats is the account of one cache since it was made, or the part that one table
// has in it.
type Stats = model.CacheCounts

// Curve says which limit would have given which hits.
type Curve = model.CacheCurve
