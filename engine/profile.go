package engine

import (
	"context"
	"slices"
	"strconv"
	"strings"

	"github.com/duckdb/duckdb-go/v2"

	"github.com/buildscope/buildscope/engine/listing"
	"github.com/buildscope/buildscope/model"
)

// setProfiling switches DuckDB's profiler on the pinned connection. The caller
// has the turn.
func (s *Session) setProfiling(ctx context.Context, on bool) error {
	if on == s.profiling {
		return nil
	}
	statement := "PRAGMA disable_profiling"
	if on {
		statement = "SET enable_profiling = 'no_output'"
	}
	if _, err := s.conn.ExecContext(ctx, statement); err != nil {
		return err
	}
	s.profiling = on
	return nil
}

// readProfile returns the profile of the statement that just ran, nil when none
// is wanted or DuckDB has none: a missing diagnosis must not fail a query. The
// caller has the turn.
func (s *Session) readProfile(q model.Query) *model.QueryProfile {
	if !q.Profile {
		return nil
	}
	info, err := duckdb.GetProfilingInfo(s.conn)
	if err != nil {
		return nil
	}
	m := metrics(info.Metrics)
	return &model.QueryProfile{
		SQL:        q.SQL,
		LatencyNS:  m.nanoseconds("LATENCY"),
		CPUNS:      m.nanoseconds("CPU_TIME"),
		PeakMemory: m.count("SYSTEM_PEAK_BUFFER_MEMORY"),
		PeakTemp:   m.count("SYSTEM_PEAK_TEMP_DIR_SIZE"),
		BytesRead:  m.count("TOTAL_BYTES_READ"),
		Root:       operators(info.Children),
	}
}

// operators converts DuckDB's tree. Its count of scanned rows is left out
// because it is wrong for Parquet files of several row groups.
func operators(infos []duckdb.ProfilingInfo) []model.Operator {
	out := make([]model.Operator, 0, len(infos))
	for _, info := range infos {
		m := metrics(info.Metrics)
		op := model.Operator{
			Name:          strings.TrimSpace(m["OPERATOR_NAME"]),
			TimeNS:        m.nanoseconds("OPERATOR_TIMING"),
			Rows:          m.count("OPERATOR_CARDINALITY"),
			EstimatedRows: -1,
			Extra:         parseExtra(m["EXTRA_INFO"]),
			Children:      operators(info.Children),
		}
		if n, err := strconv.ParseInt(op.Extra[estimate], 10, 64); err == nil {
			op.EstimatedRows = n
			delete(op.Extra, estimate)
		}
		out = append(out, op)
	}
	return out
}

// nameTables tells of each operator that reads files which table they are, and of
// objects their URLs: the engine knows paths only.
func (in scanned) nameTables(ops []model.Operator) {
	for i := range ops {
		in.nameTables(ops[i].Children)
		files := ops[i].Extra["Filename(s)"] // the first few, with ", " between them
		if files == "" {
			continue
		}
		for _, input := range in.inputs {
			if !slices.ContainsFunc(input.files, func(f listing.TableFile) bool { return files == f.Path || strings.HasPrefix(files, f.Path+", ") }) {
				continue
			}
			ops[i].Extra["Table"] = input.name
			for path, url := range input.origin {
				files = strings.ReplaceAll(files, path, url)
			}
			ops[i].Extra["Filename(s)"] = files
			break
		}
	}
}

const estimate = "estimated_cardinality"

// metrics are the values of one profile node, as text.
type metrics map[string]string

func (m metrics) count(key string) int64 {
	n, _ := strconv.ParseInt(m[key], 10, 64) // 0 when DuckDB does not give it
	return n
}

// nanoseconds reads a time that DuckDB gives in seconds.
func (m metrics) nanoseconds(key string) int64 {
	f, _ := strconv.ParseFloat(m[key], 64)
	return int64(f * 1e9)
}

// parseExtra reads DuckDB's text form of a map, {Function=READ_PARQUET,
// 'Filename(s)'=/a/b.parquet}. Keys and values with special characters are in
// quotes with backslash escapes. Underscores around internal keys are removed.
// Text that is no such map gives what could be read before the fault.
func parseExtra(text string) map[string]string {
	text, found := strings.CutPrefix(text, "{")
	if !found {
		return nil
	}
	out := make(map[string]string)
	for text != "" && text[0] != '}' {
		var key, value string
		key, text = mapToken(text, "=")
		if !strings.HasPrefix(text, "=") {
			return out
		}
		value, text = mapToken(text[1:], ",}")
		out[strings.Trim(key, "_")] = value
		text = strings.TrimPrefix(strings.TrimPrefix(text, ","), " ")
	}
	return out
}

// mapToken reads a quoted token, or a plain one up to a byte of ends.
func mapToken(text, ends string) (token, rest string) {
	if !strings.HasPrefix(text, "'") {
		n := strings.IndexAny(text, ends)
		if n < 0 {
			n = len(text)
		}
		return text[:n], text[n:]
	}
	var b strings.Builder
	for i := 1; i < len(text); i++ {
		switch {
		case text[i] == '\\' && i+1 < len(text):
			i++
			b.WriteByte(text[i])
		case text[i] == '\'':
			return b.String(), text[i+1:]
		default:
			b.WriteByte(text[i])
		}
	}
	return b.String(), ""
}
