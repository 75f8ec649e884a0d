package engine

import (
	"context"
	"database/sql"
	"fmt"
)

// engineInfo is what DuckDB reports of itself, in its own text forms.
type engineInfo struct {
	version       string // "v1.5.6"
	memoryLimit   string // rounded by DuckDB to one decimal: "117.7 MiB"
	tempDirectory string
	threads       string
}

func readEngineInfo(ctx context.Context, conn *sql.Conn) (engineInfo, error) {
	const query = `SELECT version(),
		max(value) FILTER (name = 'memory_limit'),
		max(value) FILTER (name = 'temp_directory'),
		max(value) FILTER (name = 'threads')
		FROM duckdb_settings()`
	var i engineInfo
	err := conn.QueryRowContext(ctx, query).Scan(&i.version, &i.memoryLimit, &i.tempDirectory, &i.threads)
	if err != nil {
		return i, fmt.Errorf("read DuckDB's settings: %w", err)
	}
	return i, nil
}
