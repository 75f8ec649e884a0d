package receiver

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"sync"
	"sync/atomic"
	"time"

	"golang.org/x/net/netutil"
	"google.golang.org/grpc"

	"github.com/buildscope/buildscope/model"
)

// ServerOptions says where a Server listens and what it takes.
type ServerOptions struct {
	GRPC, HTTP string // addresses; "" means that the protocol is not served
	MaxBody    int    // bytes of a request, compressed or not; zero means 16 MiB
	Buffer     int64  // bytes of requests in flight and not yet taken over; zero means 64 MiB. Beyond them senders are told to wait
	Redact     *model.Redactor
	Session    *Session
	Forward    *Forwarder // may be nil
}

// Server receives OTLP. Its counters may be read at any time.
type Server struct {
	opts   ServerOptions
	grpc   *grpc.Server
	http   *http.Server
	lis    [2]net.Listener // gRPC and HTTP; nil when not served
	ready  chan taken      // decoded requests on the way to the session
	budget budget
	serves sync.WaitGroup
	feeds  sync.WaitGroup
	once   sync.Once
	err    error // of the listeners and of Shutdown

	Counts Counts
}

// Counts are what became of requests.
type Counts struct {
	Requests  atomic.Int64 // accepted
	Items     atomic.Int64 // spans, log records and data points in them
	Rejected  atomic.Int64 // items without ids, refused in a partial success
	Invalid   atomic.Int64 // requests that could not be read, or were too large
	Throttled atomic.Int64 // requests refused because the buffer was full: the sender tries again
	Unseen    atomic.Int64 // items that were passed on but not shown, because the buffer was full
}

// taken is a decoded request.
type taken struct {
	groups []Group
	size   int
}

const (
	defaultBody   = 16 << 20
	defaultBuffer = 64 << 20
	// queued is how many decoded requests may wait; their bytes are bounded by the buffer.
	queued = 1024
	// readTimeout is how long a sender may take for one request.
	readTimeout = 30 * time.Second
	// headerTimeout is how long a sender may take for the header of a request.
	headerTimeout = 5 * time.Second
	// maxConns bounds the connections of each protocol; the next one waits.
	maxConns = 256
)

// NewServer starts listening. Shutdown ends it.
func NewServer(o ServerOptions) (*Server, error) {
	if o.MaxBody == 0 {
		o.MaxBody = defaultBody
	}
	if o.Buffer == 0 {
		o.Buffer = defaultBuffer
	}
	s := &Server{opts: o, ready: make(chan taken, queued), budget: budget{limit: o.Buffer}}
	for i, addr := range []string{o.GRPC, o.HTTP} {
		if addr == "" {
			continue
		}
		l, err := net.Listen("tcp", addr)
		if err != nil {
			s.closeListeners()
			return nil, fmt.Errorf("listen for OTLP over %s: %w", [...]string{"gRPC", "HTTP"}[i], err)
		}
		s.lis[i] = netutil.LimitListener(l, maxConns)
	}
	s.feeds.Go(s.feed)
	if l := s.lis[0]; l != nil {
		s.grpc = s.newGRPC()
		s.serves.Go(func() { _ = s.grpc.Serve(l) }) // it returns when Shutdown stops it
	}
	if l := s.lis[1]; l != nil {
		s.http = s.newHTTP()
		s.serves.Go(func() { _ = s.http.Serve(l) }) // it returns when Shutdown stops it
	}
	return s, nil
}

// GRPC and HTTP are the addresses in use; "" when the protocol is not served.
func (s *Server) GRPC() string { return s.addr(0) }

// HTTP is the address in use; "" when the protocol is not served.
func (s *Server) HTTP() string { return s.addr(1) }

func (s *Server) addr(i int) string {
	if s.lis[i] == nil {
		return ""
	}
	return s.lis[i].Addr().String()
}

func (s *Server) closeListeners() {
	for _, l := range s.lis {
		if l != nil {
			l.Close()
		}
	}
}

// Shutdown takes no new requests, finishes those that are in flight until ctx is
// done, and then cuts them off. What was accepted has reached the session when it
// returns. It may be called twice.
func (s *Server) Shutdown(ctx context.Context) error {
	s.once.Do(func() {
		var wait sync.WaitGroup
		if s.http != nil {
			wait.Go(func() {
				if err := s.http.Shutdown(ctx); err != nil {
					s.err = errors.Join(err, s.http.Close())
				}
			})
		}
		if s.grpc != nil {
			stopped := make(chan struct{})
			wait.Go(func() {
				s.grpc.GracefulStop()
				close(stopped)
			})
			select {
			case <-stopped:
			case <-ctx.Done():
				s.grpc.Stop()
			}
		}
		wait.Wait()
		s.serves.Wait()
		close(s.ready)
		s.feeds.Wait()
	})
	return s.err
}

// feed is the one goroutine that gives requests to the session.
func (s *Server) feed() {
	for t := range s.ready {
		s.opts.Session.Take(t.groups, t.size)
		s.budget.give(int64(t.size))
	}
}

// parcel is a request as it came.
type parcel struct {
	signal string
	json   bool   // else protobuf
	body   []byte // not compressed
	wire   []byte // as received over HTTP, when that differs from body
	coding string // of wire
	header http.Header
}

// accept decodes a request, passes it on and gives it to the session. The bytes of
// the body are in the budget already, and stay there until they are taken over.
func (s *Server) accept(p parcel) (req request, err error) {
	size := int64(len(p.body))
	queued := false
	defer func() {
		if !queued {
			s.budget.give(size)
		}
	}()
	if req, err = decode(p.signal, p.json, p.body, newRedactor(s.opts.Redact)); err != nil {
		s.Counts.Invalid.Add(1)
		return req, &invalid{err}
	}
	if s.opts.Forward != nil {
		if err := s.opts.Forward.put(p, req.items+req.rejected); err != nil {
			s.Counts.Throttled.Add(1)
			return req, err
		}
	}
	select {
	case s.ready <- taken{req.groups, len(p.body)}:
		queued = true
	default:
		if s.opts.Forward == nil {
			s.Counts.Throttled.Add(1)
			return req, errFull
		}
		// A refusal would make the sender send again what has been passed on.
		s.Counts.Unseen.Add(int64(req.items))
	}
	s.Counts.Requests.Add(1)
	s.Counts.Items.Add(int64(req.items))
	s.Counts.Rejected.Add(int64(req.rejected))
	return req, nil
}

// invalid is a fault of the sender.
type invalid struct{ err error }

func (e *invalid) Error() string { return e.err.Error() }
func (e *invalid) Unwrap() error { return e.err }
