package receiver

import (
	"context"
	"errors"
	"net/http"
	"sync/atomic"
	"time"

	"google.golang.org/genproto/googleapis/rpc/errdetails"
	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	_ "google.golang.org/grpc/encoding/gzip" // senders may compress
	"google.golang.org/grpc/mem"
	"google.golang.org/grpc/metadata"
	"google.golang.org/grpc/status"
	"google.golang.org/grpc/tap"
	"google.golang.org/protobuf/types/known/durationpb"

	"github.com/buildscope/buildscope/model"
)

// frame is a message as its bytes, so that it can be passed on as it came.
type frame struct{ data []byte }

// rawCodec leaves messages alone.
type rawCodec struct{}

func (rawCodec) Name() string { return "proto" }

func (rawCodec) Marshal(v any) (mem.BufferSlice, error) {
	return mem.BufferSlice{mem.SliceBuffer(v.(*frame).data)}, nil
}

func (rawCodec) Unmarshal(data mem.BufferSlice, v any) error {
	v.(*frame).data = data.Materialize()
	return nil
}

// services are the gRPC services of the signals.
var services = map[string]string{
	model.SignalTraces:  "opentelemetry.proto.collector.trace.v1.TraceService",
	model.SignalMetrics: "opentelemetry.proto.collector.metrics.v1.MetricsService",
	model.SignalLogs:    "opentelemetry.proto.collector.logs.v1.LogsService",
}

// maxStreams bounds the gRPC calls in flight. The library reads a message before
// anybody can object, so they may take this times the largest message.
const maxStreams = 32

// prefaceTimeout is how long a sender may take to begin. Nothing can cut it short,
// so Shutdown may take as long.
const prefaceTimeout = 2 * time.Second

func (s *Server) newGRPC() *grpc.Server {
	var inFlight atomic.Int64
	g := grpc.NewServer(
		grpc.ForceServerCodecV2(rawCodec{}),
		grpc.MaxRecvMsgSize(s.opts.MaxBody),
		grpc.MaxConcurrentStreams(maxStreams),
		grpc.MaxHeaderListSize(64<<10),
		grpc.ConnectionTimeout(prefaceTimeout),
		grpc.InTapHandle(func(ctx context.Context, _ *tap.Info) (context.Context, error) {
			if inFlight.Add(1) > maxStreams {
				inFlight.Add(-1)
				s.Counts.Throttled.Add(1)
				return nil, throttled()
			}
			// The library itself would wait for the rest of a message for ever.
			ctx, cancel := context.WithTimeout(ctx, readTimeout)
			context.AfterFunc(ctx, func() {
				cancel()
				inFlight.Add(-1)
			})
			return ctx, nil
		}),
	)
	for signal, name := range services {
		g.RegisterService(&grpc.ServiceDesc{ServiceName: name, HandlerType: (*any)(nil), Methods: []grpc.MethodDesc{{
			MethodName: "Export",
			Handler: func(_ any, ctx context.Context, read func(any) error, _ grpc.UnaryServerInterceptor) (any, error) {
				var f frame
				if err := read(&f); err != nil {
					s.Counts.Invalid.Add(1)
					return nil, err
				}
				return s.serveGRPC(ctx, signal, f.data)
			},
		}}}, nil)
	}
	return g
}

func (s *Server) serveGRPC(ctx context.Context, signal string, body []byte) (any, error) {
	if !s.budget.take(int64(len(body))) {
		s.Counts.Throttled.Add(1)
		return nil, throttled()
	}
	md, _ := metadata.FromIncomingContext(ctx)
	p := parcel{signal: signal, body: body, header: http.Header{}}
	for k, v := range md {
		p.header[http.CanonicalHeaderKey(k)] = v
	}
	req, err := s.accept(p)
	var bad *invalid
	switch {
	case errors.Is(err, errFull):
		return nil, throttled()
	case errors.As(err, &bad):
		return nil, status.Error(codes.InvalidArgument, err.Error())
	case err != nil:
		return nil, status.Error(codes.Internal, err.Error())
	}
	answer, err := response(signal, req, false)
	if err != nil {
		return nil, status.Error(codes.Internal, err.Error())
	}
	return &frame{answer}, nil
}

// throttled tells the sender to try again: without the detail it would give up.
func throttled() error {
	st := status.New(codes.ResourceExhausted, errFull.Error())
	if more, err := st.WithDetails(&errdetails.RetryInfo{RetryDelay: durationpb.New(time.Second)}); err == nil {
		st = more
	}
	return st.Err()
}
