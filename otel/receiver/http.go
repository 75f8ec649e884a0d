package receiver

import (
	"bytes"
	"compress/gzip"
	"errors"
	"io"
	"log"
	"mime"
	"net/http"
	"strings"

	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/encoding/protojson"
	"google.golang.org/protobuf/proto"

	"github.com/buildscope/buildscope/model"
)

const (
	typeProto = "application/x-protobuf"
	typeJSON  = "application/json"
)

// newHTTP makes the server of OTLP over HTTP.
func (s *Server) newHTTP() *http.Server {
	mux := http.NewServeMux()
	for _, signal := range signals {
		mux.HandleFunc("/v1/"+signal, func(w http.ResponseWriter, r *http.Request) { s.serveHTTP(w, r, signal) })
	}
	return &http.Server{
		Handler:           mux,
		ReadHeaderTimeout: headerTimeout,
		ReadTimeout:       readTimeout,
		WriteTimeout:      2 * readTimeout,
		IdleTimeout:       2 * readTimeout,
		MaxHeaderBytes:    64 << 10,
		ErrorLog:          log.New(io.Discard, "", 0), // the terminal may belong to a screen
	}
}

var signals = [...]string{model.SignalTraces, model.SignalMetrics, model.SignalLogs}

func (s *Server) serveHTTP(w http.ResponseWriter, r *http.Request, signal string) {
	if r.Method != http.MethodPost {
		w.Header().Set("Allow", http.MethodPost)
		http.Error(w, "OTLP takes POST only", http.StatusMethodNotAllowed)
		return
	}
	kind, _, _ := mime.ParseMediaType(r.Header.Get("Content-Type")) // one that cannot be read is none of ours
	if kind != typeProto && kind != typeJSON {
		http.Error(w, "the content type must be "+typeProto+" or "+typeJSON, http.StatusUnsupportedMediaType)
		return
	}
	p := parcel{signal: signal, json: kind == typeJSON, header: r.Header}
	coding := strings.ToLower(strings.TrimSpace(r.Header.Get("Content-Encoding")))
	if coding != "" && coding != "identity" && coding != "gzip" {
		http.Error(w, "the content encoding must be gzip or none", http.StatusUnsupportedMediaType)
		return
	}
	body, err := s.budget.read(http.MaxBytesReader(w, r.Body, int64(s.opts.MaxBody)+1), s.opts.MaxBody)
	if err == nil && coding == "gzip" {
		p.wire, p.coding = body, coding
		body, err = s.gunzip(body)
		defer s.budget.give(int64(len(p.wire)))
	}
	if err != nil {
		if errors.Is(err, errFull) {
			s.Counts.Throttled.Add(1)
		} else {
			s.Counts.Invalid.Add(1)
			err = &invalid{err}
		}
		refuse(w, p.json, err)
		return
	}
	p.body = body
	req, err := s.accept(p)
	if err != nil {
		refuse(w, p.json, err)
		return
	}
	answer, err := response(signal, req, p.json)
	if err != nil {
		refuse(w, p.json, err)
		return
	}
	w.Header().Set("Content-Type", kind)
	_, _ = w.Write(answer) // a sender that has left does not hear it
}

func (s *Server) gunzip(data []byte) ([]byte, error) {
	z, err := gzip.NewReader(bytes.NewReader(data))
	if err != nil {
		return nil, err
	}
	return s.budget.read(z, s.opts.MaxBody)
}

// refuse answers with an error in the form that OTLP demands: a google.rpc.Status
// in the encoding of the request.
func refuse(w http.ResponseWriter, json bool, err error) {
	code, grpcCode := http.StatusInternalServerError, codes.Internal
	var bad *invalid
	var tooMany *http.MaxBytesError
	switch {
	case errors.Is(err, errFull):
		code, grpcCode = http.StatusTooManyRequests, codes.ResourceExhausted
		w.Header().Set("Retry-After", "1")
	case errors.Is(err, errTooLarge), errors.As(err, &tooMany):
		code, grpcCode = http.StatusRequestEntityTooLarge, codes.InvalidArgument
	case errors.As(err, &bad):
		code, grpcCode = http.StatusBadRequest, codes.InvalidArgument
	}
	kind, marshal := typeProto, proto.Marshal
	if json {
		kind, marshal = typeJSON, protojson.Marshal
	}
	body, err := marshal(status.New(grpcCode, err.Error()).Proto())
	if err != nil {
		body = nil // the code says enough
	}
	w.Header().Set("Content-Type", kind)
	w.WriteHeader(code)
	_, _ = w.Write(body) // a sender that has left does not hear it
}
