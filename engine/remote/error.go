package remote

import (
	"context"
	"errors"
	"fmt"
	"regexp"
	"strconv"
	"strings"
	"time"

	"github.com/apache/arrow-adbc/go/adbc"

	"github.com/buildscope/buildscope/engine"
	"github.com/buildscope/buildscope/model/sqllex"
)

// behind is an error of a statement that stood behind more than its own text.
type behind struct {
	error
	before int
}

func (b *behind) Unwrap() error { return b.error }

// shorten gives a driver's error as one line without the driver's own words.
func shorten(err error) error {
	var said adbc.Error
	if !errors.As(err, &said) {
		return err
	}
	text, _, _ := strings.Cut(said.Msg, "\n")
	text = strings.TrimPrefix(text, "[FlightSQL] ")
	if i := strings.LastIndex(text, " ("); i > 0 && strings.HasSuffix(text, ")") && strings.Contains(text[i:], "; ") {
		text = text[:i] // (InvalidArgument; ExecuteQuery)
	}
	return &shortened{text, said}
}

type shortened struct {
	text  string
	cause error
}

func (s *shortened) Error() string { return s.text }
func (s *shortened) Unwrap() error { return s.cause }

// places of a fault in the statement, and names that a server did not find: its own
// words, which are all it tells.
var (
	spanOf  = regexp.MustCompile(`\bat (\d+):(\d+)\b`)
	missing = []*regexp.Regexp{
		regexp.MustCompile(`Table or view not found: (\S+)`),
		regexp.MustCompile(`unknown (?:table )?function: (\S+)`),
		regexp.MustCompile(`attribute ObjectName\(\[.*Identifier\("([^"]+)"\)\]\)`),
		regexp.MustCompile(`No field named [^"` + "`" + `.]*\.?["` + "`" + `]?([A-Za-z_][A-Za-z0-9_]*)`),
	}
)

// fault gives an error its node, and its place in the text where the server tells of
// one. When the context has ended, that is the error.
func (s *Session) fault(ctx context.Context, err error, of query) error {
	var said adbc.Error
	if end, ok := ctx.Deadline(); ok && errors.As(err, &said) && (said.Code == adbc.StatusTimeout || said.Code == adbc.StatusCancelled) && time.Until(end) < time.Second {
		<-ctx.Done() // the server was told of the deadline, and was a little earlier
	}
	if ctx.Err() != nil {
		return fmt.Errorf("node %s: %w", of.q.Node, engine.Interrupted(ctx))
	}
	if !errors.As(err, &said) {
		return fmt.Errorf("node %s: %w", of.q.Node, err)
	}
	short := shorten(err)
	switch {
	case lost(err):
		return fmt.Errorf("node %s: %s was out of reach for longer than engine.connect_timeout (%s): %w", of.q.Node, s.o.Endpoint, s.o.ConnectTimeout, short)
	case said.Code == adbc.StatusTimeout || said.Code == adbc.StatusCancelled:
		return fmt.Errorf("node %s: %w (engine.query_timeout is %s)", of.q.Node, short, s.o.QueryTimeout)
	}
	e := engine.NewError(short.Error(), of.q.SQL, 0)
	e.Node, e.Kind = of.q.Node, "server"
	if of.own != "" {
		e.SQL, e.Message = of.own, "in its text of Spark SQL: "+e.Message
	}
	if strings.Contains(e.Message, "a different attempt has already produced job output") {
		e.Message += " (a task failed, and the server tried it again; what it died of is in the server's log)"
	}
	statement := of.statement
	var b *behind
	if errors.As(err, &b) {
		statement.before = b.before
	}
	if m := spanOf.FindStringSubmatch(e.Message); m != nil {
		at, _ := strconv.Atoi(m[1])
		if at = statement.offset(at); at >= 0 {
			if of.own == "" {
				at = of.translated.Offset(at)
			}
			e.Message = strings.Replace(e.Message, " "+m[0], "", 1) // of the statement that was sent, which nobody wrote
			return e.At(at)
		}
	}
	for _, pattern := range missing {
		if m := pattern.FindStringSubmatch(e.Message); m != nil {
			if at := wordAt(e.SQL, m[1]); at >= 0 {
				return e.At(at)
			}
		}
	}
	return e
}

// wordAt is the place of the first bare word of a name in a text, or -1.
func wordAt(text, name string) int {
	found := -1
	sqllex.Words(text, func(word string, offset int, _ bool) {
		if found < 0 && strings.EqualFold(word, name) {
			found = offset
		}
	})
	return found
}
