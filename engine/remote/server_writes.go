package remote

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/apache/arrow-go/v18/parquet/file"

	"github.com/buildscope/buildscope/engine/remote/spark"
	"github.com/buildscope/buildscope/model"
)

// writeTo stands before a SELECT whose rows the server writes as Parquet into a folder,
// in as many files as it likes.
func writeTo(dir string) string {
	return "INSERT OVERWRITE DIRECTORY " + spark.QuoteText(dir) + " USING parquet "
}

// serverWrites lets the server write the rows, so that they never cross the network,
// and moves the files to where they belong.
func (s *Session) serverWrites(ctx context.Context, text query) (result model.QueryResult, err error) {
	all, err := os.MkdirTemp(filepath.Dir(text.q.Path), filepath.Base(text.q.Path)+".parts-")
	if err != nil {
		return result, fmt.Errorf("make a folder for the server to write into: %w", err)
	}
	defer func() { err = errors.Join(err, os.RemoveAll(all)) }()
	var dir, sql string
	began := time.Now()
	written, err := s.askEach(ctx, func(attempt int) string {
		// To a folder of its own: the server may still be at the attempt before, whose
		// files would be taken for those of this one.
		dir = filepath.Join(all, strconv.Itoa(attempt))
		sql = writeTo(dir) + text.statement.sql
		return sql
	})
	if err != nil {
		return result, &behind{err, text.statement.before + len(sql) - len(text.statement.sql)}
	}
	parts, err := filepath.Glob(filepath.Join(escape(dir), "*.parquet"))
	if err != nil {
		return result, fmt.Errorf("list what the server wrote: %w", err)
	}
	said := strings.Join(written, "")
	if len(parts) == 0 && said == "0" { // it writes no file of no rows; the columns are to be had as a result
		none := text
		none.statement.sql = "SELECT * FROM (" + text.statement.sql + "\n) LIMIT 0"
		none.q.Profile = false
		result, err = s.stream(ctx, none)
	} else {
		result, err = collect(parts, text.q.Path)
	}
	if seen := strconv.FormatInt(result.Rows, 10); err == nil && said != seen {
		err = fmt.Errorf("the server says that it wrote %s rows, of which %s are seen here in %s", said, seen, dir)
	}
	if err == nil {
		result.Profile = s.profile(ctx, text, result.Rows, time.Since(began))
	}
	return result, err
}

// collect moves the files that the server wrote to path, or with a number each where
// there are several.
func collect(parts []string, path string) (result model.QueryResult, err error) {
	slices.Sort(parts)
	for i, part := range parts {
		r, err := file.OpenParquetFile(part, false)
		if err != nil {
			return result, fmt.Errorf("open what the server wrote: %w", err)
		}
		result.Rows += r.NumRows()
		if err := r.Close(); err != nil {
			return result, fmt.Errorf("close what the server wrote: %w", err)
		}
		info, err := os.Stat(part)
		if err != nil {
			return result, fmt.Errorf("look at what the server wrote: %w", err)
		}
		result.Bytes += info.Size()
		to := path
		if len(parts) > 1 {
			to = fmt.Sprintf("%s-%03d.parquet", strings.TrimSuffix(path, ".parquet"), i)
		}
		if err := os.Rename(part, to); err != nil {
			return result, fmt.Errorf("put the output in place: %w", err)
		}
		result.Files = append(result.Files, to)
	}
	return result, nil
}
