package remote

import (
	"context"
	"errors"
	"strings"
	"time"

	"github.com/apache/arrow-adbc/go/adbc"
	"github.com/apache/arrow-go/v18/arrow/array"
)

// connection takes an idle connection or opens one.
func (s *Session) connection(ctx context.Context) (adbc.Connection, error) {
	s.mu.Lock()
	if n := len(s.idle); n > 0 {
		c := s.idle[n-1]
		s.idle = s.idle[:n-1]
		s.mu.Unlock()
		return c, nil
	}
	s.mu.Unlock()
	return s.db.Open(ctx)
}

func (s *Session) giveBack(c adbc.Connection) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.idle = append(s.idle, c)
}

// run sends a statement and gives its result to f. All goes by ExecuteQuery, DDL
// included: servers of this protocol commonly have nothing else. A statement that met a
// server out of reach is sent again until ConnectTimeout has passed since the first
// time; f must begin anew each time.
func (s *Session) run(ctx context.Context, sql string, f func(array.RecordReader) error) error {
	return s.attempts(ctx, func(int) string { return sql }, f)
}

// attempts is run of a statement with a text of its own for each attempt, counted from 1:
// a server may go on with one whose client is lost to it.
func (s *Session) attempts(ctx context.Context, sql func(attempt int) string, f func(array.RecordReader) error) error {
	if t := s.o.QueryTimeout; t > 0 {
		var stop context.CancelFunc
		ctx, stop = context.WithTimeoutCause(ctx, t, errQueryTimeout)
		defer stop()
	}
	var since time.Time // the server was first out of reach
	for attempt, wait := 1, 50*time.Millisecond; ; attempt, wait = attempt+1, min(2*wait, time.Second) {
		err := s.once(ctx, sql(attempt), f)
		if err == nil || ctx.Err() != nil || !lost(err) {
			return err
		}
		switch {
		case since.IsZero():
			since = time.Now()
		case time.Since(since) > s.o.ConnectTimeout:
			return err
		}
		select {
		case <-ctx.Done():
			return err
		case <-time.After(wait):
		}
	}
}

var errQueryTimeout = errors.New("the statement ran longer than engine.query_timeout")

func (s *Session) once(ctx context.Context, sql string, f func(array.RecordReader) error) (err error) {
	c, err := s.connection(ctx)
	if err != nil {
		return err
	}
	defer s.giveBack(c)
	st, err := c.NewStatement()
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, st.Close()) }()
	if err := st.SetSqlQuery(sql); err != nil {
		return err
	}
	rows, _, err := st.ExecuteQuery(ctx)
	if err != nil {
		return err
	}
	defer rows.Release() // ends the stream, whether it was read to the end or not
	if err := f(rows); err != nil {
		return err
	}
	return rows.Err()
}

// lost tells whether a statement ended because the connection did. A proxy that ends
// one in the middle of an answer leaves gRPC without a better code than Internal, which
// servers use for faults of their own; the words are then those of the client.
func lost(err error) bool {
	var said adbc.Error
	if !errors.As(err, &said) {
		return false
	}
	switch said.Code {
	case adbc.StatusIO:
		return true
	case adbc.StatusInternal, adbc.StatusCancelled: // not by us: the context is looked at first
		for _, words := range []string{"stream terminated by RST_STREAM", "server closed the stream without sending trailers", "unexpected EOF ("} {
			if strings.Contains(said.Msg, words) {
				return true
			}
		}
	}
	return false
}

// ask runs a statement and gives the first column of its rows as text.
func (s *Session) ask(ctx context.Context, sql string) (rows []string, err error) {
	return s.askEach(ctx, func(int) string { return sql })
}

// askEach is ask with a text for each attempt.
func (s *Session) askEach(ctx context.Context, sql func(attempt int) string) (rows []string, err error) {
	err = s.attempts(ctx, sql, func(r array.RecordReader) error {
		rows = rows[:0]
		for r.Next() {
			b := r.RecordBatch()
			for i := range int(b.NumRows()) {
				if b.NumCols() > 0 {
					rows = append(rows, b.Column(0).ValueStr(i))
				}
			}
		}
		return r.Err()
	})
	return rows, err
}
