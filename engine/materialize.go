package engine

import (
	"context"
	"errors"
	"fmt"
	"os"
	"strconv"
	"strings"
	"time"

	"github.com/duckdb/duckdb-go/v2"

	"github.com/buildscope/buildscope/model"
)

// Materialize runs a SELECT over Parquet inputs and writes the result as one
// Parquet file with zstd. The file appears by rename; a failed or cancelled
// statement leaves none. A cancelled ctx interrupts the statement within about
// half a second.
func (s *Session) Materialize(ctx context.Context, q model.Query) (model.QueryResult, error) {
	var res model.QueryResult
	listed, read := 0, 0
	views := make(map[string][]string, len(q.Inputs))
	for _, in := range q.Inputs {
		files, err := s.caches.Scan(ctx, in.Files)
		if err != nil {
			return res, fmt.Errorf("read table %s: %w", in.Name, err)
		}
		views[in.Name] = files
		listed, read = listed+len(in.Files), read+len(files)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	for name, files := range views {
		if err := s.bind(ctx, name, files); err != nil {
			return res, err
		}
	}
	if err := s.profiling(ctx, q.Profile); err != nil {
		return res, err
	}
	tmp := q.Path + ".tmp"
	stmt := fmt.Sprintf("COPY (%s\n) TO %s (FORMAT parquet, COMPRESSION zstd, COMPRESSION_LEVEL 1)", strings.TrimRight(strings.TrimSpace(q.SQL), ";"), quote(tmp))
	start := time.Now()
	r, err := s.conn.ExecContext(ctx, stmt)
	if err == nil {
		res.Rows, err = r.RowsAffected()
	}
	if err != nil {
		if rmErr := os.Remove(tmp); rmErr != nil && !errors.Is(rmErr, os.ErrNotExist) {
			err = errors.Join(err, rmErr)
		}
		if ctx.Err() != nil {
			return res, ctx.Err()
		}
		return res, fmt.Errorf("run the query: %w", err)
	}
	if q.Profile {
		if res.Profile, err = s.profile(q.SQL, time.Since(start)); err != nil {
			return res, err
		}
		res.Profile.Rows, res.Profile.FilesListed, res.Profile.FilesRead = res.Rows, listed, read
	}
	info, err := os.Stat(tmp)
	if err != nil {
		return res, fmt.Errorf("look at the result: %w", err)
	}
	res.Bytes = info.Size()
	if err := os.Rename(tmp, q.Path); err != nil {
		return res, fmt.Errorf("publish the result: %w", err)
	}
	return res, nil
}

// bind makes name a view over the files. The caller holds mu.
func (s *Session) bind(ctx context.Context, name string, files []string) error {
	list := make([]string, len(files))
	for i, f := range files {
		list[i] = quote(f)
	}
	text := strings.Join(list, ", ")
	if s.bound[name] == text {
		return nil
	}
	if _, err := s.conn.ExecContext(ctx, fmt.Sprintf("CREATE OR REPLACE TEMP VIEW %s AS SELECT * FROM read_parquet([%s])", ident(name), text)); err != nil {
		return fmt.Errorf("bind table %s: %w", name, err)
	}
	s.bound[name] = text
	return nil
}

func (s *Session) profiling(ctx context.Context, on bool) error {
	stmt := "PRAGMA disable_profiling"
	if on {
		stmt = "SET enable_profiling = 'no_output'"
	}
	if _, err := s.conn.ExecContext(ctx, stmt); err != nil {
		return fmt.Errorf("switch profiling: %w", err)
	}
	return nil
}

// profile reads the account of the last statement. The caller holds mu.
func (s *Session) profile(text string, wall time.Duration) (*model.QueryProfile, error) {
	info, err := duckdb.GetProfilingInfo(s.conn)
	if err != nil {
		return nil, fmt.Errorf("read the query profile: %w", err)
	}
	p := &model.QueryProfile{
		SQL: text, LatencyNS: wall.Nanoseconds(), CPUNS: seconds(info.Metrics["CPU_TIME"]),
		PeakMemory: integer(info.Metrics["SYSTEM_PEAK_BUFFER_MEMORY"]),
		PeakTemp:   integer(info.Metrics["SYSTEM_PEAK_TEMP_DIR_SIZE"]),
		BytesRead:  integer(info.Metrics["TOTAL_BYTES_READ"]),
	}
	for _, c := range info.Children {
		p.Root = append(p.Root, operator(c))
	}
	return p, nil
}

func operator(info duckdb.ProfilingInfo) model.Operator {
	op := model.Operator{
		Name: info.Metrics["OPERATOR_NAME"], TimeNS: seconds(info.Metrics["OPERATOR_TIMING"]),
		Rows: integer(info.Metrics["OPERATOR_CARDINALITY"]), EstimatedRows: -1, Extra: map[string]string{},
	}
	if op.Name == "" {
		op.Name = info.Metrics["OPERATOR_TYPE"]
	}
	for part := range strings.SplitSeq(strings.Trim(info.Metrics["EXTRA_INFO"], "{}"), ", ") {
		k, v, ok := strings.Cut(part, "=")
		switch {
		case !ok:
		case k == "Estimated Cardinality":
			op.EstimatedRows = integer(v)
		default:
			op.Extra[k] = v
		}
	}
	for _, c := range info.Children {
		op.Children = append(op.Children, operator(c))
	}
	return op
}

func seconds(text string) int64 {
	f, err := strconv.ParseFloat(text, 64)
	if err != nil {
		return 0 // a metric the engine did not give
	}
	return int64(f * 1e9)
}

func integer(text string) int64 {
	f, err := strconv.ParseFloat(strings.Trim(text, `"`), 64)
	if err != nil {
		return 0 // a metric the engine did not give
	}
	return int64(f)
}
