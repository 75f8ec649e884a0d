package engine

import (
	"context"
	"errors"
	"strings"
	"time"

	"github.com/buildscope/buildscope/engine/listing"
)

// culpritTime bounds the search for a damaged file after a query has failed.
const culpritTime = 10 * time.Second

// nameCulprit adds the file to an error about damaged data that does not name it:
// DuckDB says what it met in a page, not where. The files are read one by one until
// one fails with the same error. The caller has the turn.
func (s *Session) nameCulprit(ctx context.Context, in scanned, err error) error {
	var fault *Error
	if ctx.Err() != nil || !errors.As(err, &fault) || fault.Line > 0 {
		return err
	}
	switch fault.Kind {
	case "Invalid", "Invalid Input", "IO", "Serialization":
	default:
		return err // about the query, not its data, or an engine that cannot go on
	}
	for _, input := range in.inputs {
		for _, f := range input.files {
			if strings.Contains(fault.Message, f.Path) {
				return err
			}
		}
	}
	ctx, cancel := context.WithTimeout(ctx, culpritTime)
	defer cancel()
	for _, input := range in.inputs {
		for _, f := range input.files {
			alone := boundInput{name: "alone", files: []listing.TableFile{f}}
			// Every value is hashed: counts and bounds would come from the footer alone.
			_, probe := s.conn.ExecContext(ctx, "SELECT bit_xor(hash(COLUMNS(*))) FROM ("+selectSQL(alone)+")")
			if ctx.Err() != nil {
				return err
			}
			var same *Error
			if probe != nil && errors.As(engineError(ctx, probe, "", "", 0), &same) && same.Message == fault.Message {
				named := *fault
				named.Message += ", in the file " + input.shown(f.Path) + " of table " + input.name
				return &named
			}
		}
	}
	return err
}
