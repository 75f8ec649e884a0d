package engine

import (
	"context"
	"time"
)

// spillEvery is how often the temporary files are looked at.
const spillEvery = 20 * time.Millisecond

// watchSpill measures what a statement has in temporary files at most, from now until
// the function that it returns is called, which must be. DuckDB tells the most of the
// session so far, so its figure is that of the first statement that spills, and of a
// later one only where it spills more. Below that the files are looked at while it
// runs. The caller has the turn.
func (s *Session) watchSpill(ctx context.Context) (end func(session int64) int64) {
	before := s.peakTemp
	seen := make(chan int64, 1)
	ctx, stop := context.WithCancel(ctx)
	if before == 0 {
		seen <- 0
	} else {
		go func() { seen <- s.mostSpilled(ctx) }()
	}
	return func(session int64) int64 {
		stop()
		most := <-seen
		s.peakTemp = max(before, session)
		if session > before {
			return session
		}
		return most
	}
}

// mostSpilled looks at the temporary files until ctx ends. What cannot be read is not
// counted: a missing diagnosis must not fail a query.
func (s *Session) mostSpilled(ctx context.Context) (most int64) {
	tick := time.NewTicker(spillEvery)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return most
		case <-tick.C:
		}
		var now int64
		if s.db.QueryRowContext(ctx, "SELECT coalesce(sum(size), 0)::BIGINT FROM duckdb_temporary_files()").Scan(&now) == nil {
			most = max(most, now)
		}
	}
}
