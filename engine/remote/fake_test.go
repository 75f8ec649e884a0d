package remote

import (
	"context"
	"net"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/array"
	"github.com/apache/arrow-go/v18/arrow/flight"
	"github.com/apache/arrow-go/v18/arrow/flight/flightsql"
	"github.com/apache/arrow-go/v18/arrow/memory"
	"google.golang.org/grpc"
	"google.golang.org/grpc/metadata"

	"github.com/buildscope/buildscope/engine"
)

// fake is a server with the surface that Sail has: GetFlightInfo and DoGet of a
// statement, and nothing else.
type fake struct {
	flightsql.BaseServer
	// rows answers a statement: numbers of a column n, a batch each time it sends.
	rows func(ctx context.Context, sql string, send func(...int64) error) error

	mu    sync.Mutex
	asked []string
	heads []metadata.MD
}

var numbers = arrow.NewSchema([]arrow.Field{{Name: "n", Type: arrow.PrimitiveTypes.Int64}}, nil)

// serve starts a fake at an address, "127.0.0.1:0" for a free port, until stop.
func serve(t testing.TB, f *fake, address string, options ...grpc.ServerOption) (endpoint string, stop func()) {
	t.Helper()
	l, err := net.Listen("tcp", address)
	if err != nil {
		t.Fatal(err)
	}
	s := grpc.NewServer(options...)
	flight.RegisterFlightServiceServer(s, flightsql.NewFlightServer(f))
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		_ = s.Serve(l) // ends by Stop
	}()
	var once sync.Once
	stop = func() { once.Do(func() { s.Stop(); <-ended }) }
	t.Cleanup(stop)
	return "grpc://" + l.Addr().String(), stop
}

func (f *fake) GetFlightInfoStatement(ctx context.Context, cmd flightsql.StatementQuery, desc *flight.FlightDescriptor) (*flight.FlightInfo, error) {
	md, _ := metadata.FromIncomingContext(ctx)
	f.mu.Lock()
	f.asked, f.heads = append(f.asked, cmd.GetQuery()), append(f.heads, md)
	f.mu.Unlock()
	ticket, err := flightsql.CreateStatementQueryTicket([]byte(cmd.GetQuery()))
	if err != nil {
		return nil, err
	}
	return &flight.FlightInfo{Schema: flight.SerializeSchema(numbers, memory.DefaultAllocator), FlightDescriptor: desc,
		Endpoint: []*flight.FlightEndpoint{{Ticket: &flight.Ticket{Ticket: ticket}}}, TotalRecords: -1, TotalBytes: -1}, nil
}

func (f *fake) DoGetStatement(ctx context.Context, ticket flightsql.StatementQueryTicket) (*arrow.Schema, <-chan flight.StreamChunk, error) {
	ch := make(chan flight.StreamChunk)
	go func() {
		defer close(ch)
		send := func(c flight.StreamChunk) error {
			select {
			case ch <- c:
				return nil
			case <-ctx.Done():
				return ctx.Err()
			}
		}
		err := f.rows(ctx, string(ticket.GetStatementHandle()), func(values ...int64) error {
			b := array.NewInt64Builder(memory.DefaultAllocator)
			b.AppendValues(values, nil)
			return send(flight.StreamChunk{Data: array.NewRecordBatch(numbers, []arrow.Array{b.NewArray()}, int64(len(values)))})
		})
		if err != nil {
			_ = send(flight.StreamChunk{Err: err}) // who does not listen any more knows
		}
	}()
	return numbers, ch, nil
}

// statements are those that were sent.
func (f *fake) statements() []string {
	f.mu.Lock()
	defer f.mu.Unlock()
	return append([]string(nil), f.asked...)
}

func local(t testing.TB) *engine.Session {
	t.Helper()
	s, err := engine.Open(t.Context(), engine.Options{TempDirectory: t.TempDir(), Threads: 1, CollectStatistics: true, MetadataCacheLimit: 1 << 20})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	})
	return s
}

// open connects to an endpoint; results are streamed unless o says otherwise.
func open(t testing.TB, endpoint string, o Options) *Session {
	t.Helper()
	s, err := tryOpen(t, endpoint, o)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func tryOpen(t testing.TB, endpoint string, o Options) (*Session, error) {
	t.Helper()
	o.Endpoint, o.ProbeDir = endpoint, filepath.Join(t.TempDir(), "work")
	if o.Writes == "" {
		o.Writes = WritesStream
	}
	if o.ConnectTimeout == 0 {
		o.ConnectTimeout = 5 * time.Second
	}
	if o.Local == nil {
		o.Local = local(t)
	}
	s, err := Open(t.Context(), o)
	if err == nil {
		t.Cleanup(func() {
			if err := s.Close(); err != nil {
				t.Error(err)
			}
		})
	}
	return s, err
}
