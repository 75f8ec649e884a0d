package sqlproject

import (
	"fmt"
	"slices"
	"strings"

	"github.com/buildscope/buildscope/model/sqllex"
)

// readers are the functions by which a SELECT reads files that the cache of
// results knows nothing of.
var readers = []string{"read_parquet", "parquet_scan", "read_csv", "read_csv_auto", "read_json", "read_json_auto", "read_ndjson",
	"read_text", "read_blob", "glob"}

// volatile are the words whose value is another at each run.
var volatile = []string{"now", "today", "current_date", "current_time", "current_timestamp", "localtime", "localtimestamp",
	"get_current_time", "get_current_timestamp", "transaction_timestamp", "random", "setseed", "uuid", "gen_random_uuid", "uuidv4", "uuidv7"}

// checkReads refuses a model that reads files past the declared sources: its result
// would be taken from the cache when they have changed.
func checkReads(m Model) error {
	var err error
	sqllex.Words(m.SQL, func(word string, offset int, called bool) {
		if err == nil && called && slices.Contains(readers, strings.ToLower(word)) {
			line, column := sqllex.Place(m.SQL, offset)
			err = fmt.Errorf("%s:%d:%d: %s reads files past the project; declare them as a source in %s and read that by its name\n\n%s",
				m.Path, line, column, word, FileName, sqllex.Excerpt(m.SQL, line, column))
		}
	})
	return err
}

// isVolatile reports whether a text has a function or word that makes its result
// depend on more than its inputs.
func isVolatile(sql string) bool {
	found := false
	sqllex.Words(sql, func(word string, _ int, called bool) {
		word = strings.ToLower(word)
		found = found || slices.Contains(volatile, word) && (called || strings.HasPrefix(word, "current_") || strings.HasPrefix(word, "local"))
	})
	return found
}
