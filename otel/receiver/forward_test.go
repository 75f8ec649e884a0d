package receiver

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/buildscope/buildscope/model"
)

func forward(t testing.TB, o ForwardOptions) *Forwarder {
	t.Helper()
	if o.Dir == "" {
		o.Dir = filepath.Join(t.TempDir(), "spool")
	}
	f, err := NewForwarder(o)
	if err != nil {
		t.Fatal(err)
	}
	return f
}

func finishForward(t testing.TB, f *Forwarder) (left int) {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), 5*time.Second)
	defer cancel()
	left, err := f.Shutdown(ctx)
	if err != nil {
		t.Error(err)
	}
	return left
}

// next is a receiver that keeps what it gets, byte by byte.
type next struct {
	*httptest.Server
	mu     sync.Mutex // guards what follows
	bodies [][]byte
	heads  []http.Header
	answer func(w http.ResponseWriter) bool // false: as usual
}

func newNext(t testing.TB) *next {
	n := &next{}
	n.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, err := io.ReadAll(r.Body)
		if err != nil {
			return
		}
		n.mu.Lock()
		defer n.mu.Unlock()
		if n.answer != nil && n.answer(w) {
			return
		}
		n.bodies, n.heads = append(n.bodies, body), append(n.heads, r.Header.Clone())
		w.Header().Set("Content-Type", typeProto)
	}))
	t.Cleanup(n.Close)
	return n
}

func (n *next) got() int {
	n.mu.Lock()
	defer n.mu.Unlock()
	return len(n.bodies)
}

// What came over HTTP goes on byte by byte, with the sender's headers and without
// those of the connection.
func TestForwardUnchanged(t *testing.T) {
	n := newNext(t)
	f := forward(t, ForwardOptions{Endpoint: n.URL})
	s, _ := serve(t, ServerOptions{Forward: f})
	req := oneTrace("one", "two")
	data, err := req.MarshalProto()
	if err != nil {
		t.Fatal(err)
	}
	json, err := req.MarshalJSON()
	if err != nil {
		t.Fatal(err)
	}
	for i, c := range []struct {
		kind, coding string
		body         []byte
	}{{typeProto, "", data}, {typeProto, "gzip", zip(t, data)}, {typeJSON, "", json}, {typeJSON, "gzip", zip(t, json)}} {
		r, err := http.NewRequest(http.MethodPost, "http://"+s.HTTP()+"/v1/traces", bytes.NewReader(c.body))
		if err != nil {
			t.Fatal(err)
		}
		r.Header = http.Header{"Content-Type": {c.kind}, "Authorization": {"Bearer x"}, "X-Scope-Orgid": {"team"}, "User-Agent": {"sdk/1"}}
		if c.coding != "" {
			r.Header.Set("Content-Encoding", c.coding)
		}
		resp, err := http.DefaultClient.Do(r)
		if err != nil || resp.StatusCode != 200 {
			t.Fatalf("%v %v", resp, err)
		}
		resp.Body.Close()
		waitFor(t, func() bool { return n.got() == i+1 })
		h := n.heads[i]
		if !bytes.Equal(n.bodies[i], c.body) || h.Get("Content-Type") != c.kind || h.Get("Content-Encoding") != c.coding || h.Get("Authorization") != "Bearer x" ||
			h.Get("X-Scope-Orgid") != "team" || h.Get("User-Agent") != "sdk/1" {
			t.Errorf("%s %s arrived as %d bytes with %v", c.kind, c.coding, len(n.bodies[i]), h)
		}
	}
	stop(t, s)
	if left := finishForward(t, f); left != 0 {
		t.Errorf("%d requests left", left)
	}
	if c := f.Counts(); len(c) != 1 || c[0].Sent != 8 || c[0].Created != 8 || c[0].Queued != 0 {
		t.Errorf("%+v", c)
	}
}

// All signals from our exporters, over both protocols, through one receiver to
// another over both protocols: both hold the same build.
func TestForwardToReceiver(t *testing.T) {
	for _, in := range []string{"grpc", "http/protobuf"} {
		for _, out := range []string{protoGRPC, protoHTTP} {
			t.Run(in+" to "+out, func(t *testing.T) {
				last, far := serve(t, ServerOptions{})
				f := forward(t, ForwardOptions{Endpoint: "http://" + map[string]string{protoGRPC: last.GRPC(), protoHTTP: last.HTTP()}[out], Protocol: out})
				first, near := serve(t, ServerOptions{Forward: f})
				created := export(t, "http://"+map[string]string{"grpc": first.GRPC(), "http/protobuf": first.HTTP()}[in], in, "gzip")
				stop(t, first)
				if left := finishForward(t, f); left != 0 {
					t.Errorf("%d requests left", left)
				}
				stop(t, last)
				near.Close()
				far.Close()
				if a, b := story(t, near.Newest()), story(t, far.Newest()); a != b {
					t.Errorf("near\n%s\nfar\n%s", a, b)
				}
				for _, c := range f.Counts() {
					if c.Sent != created[c.Signal] {
						t.Errorf("%+v, created %d", c, created[c.Signal])
					}
				}
				if a, b := near.Metrics(), far.Metrics(); fmt.Sprint(a) != fmt.Sprint(b) || len(a) == 0 {
					t.Errorf("metrics %v and %v", a, b)
				}
			})
		}
	}
}

// While the next receiver is away the sender notices nothing, until the spool is
// full. Then it has to wait; what was accepted arrives when the receiver is back,
// each request once.
func TestForwardToNobody(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	addr := l.Addr().String()
	l.Close()
	dir := filepath.Join(t.TempDir(), "spool")
	data, err := oneTrace("a").MarshalProto()
	if err != nil {
		t.Fatal(err)
	}
	f := forward(t, ForwardOptions{Endpoint: "http://" + addr, Dir: dir, MaxMem: 2000, MaxDisk: 8000})
	s, session := serve(t, ServerOptions{Forward: f})
	accepted := 0
	start := time.Now()
	for i := range 100 {
		code, _, _ := post(t, "http://"+s.HTTP()+"/v1/traces", typeProto, "", append(bytes.Clone(data), nameField(i)...))
		switch code {
		case 200:
			accepted++
		case http.StatusTooManyRequests:
		default:
			t.Fatalf("%d", code)
		}
	}
	if took := time.Since(start); took > 5*time.Second {
		t.Errorf("100 requests took %s", took)
	}
	if accepted < 10 || accepted > 90 {
		t.Errorf("%d of 100 requests were accepted into 10 kB", accepted)
	}
	stop(t, s)
	if n := session.Totals().Spans; n != int64(accepted) {
		t.Errorf("%d spans on the screen of %d accepted requests", n, accepted)
	}
	left := finishForward(t, f)
	if left == 0 {
		t.Error("nothing is left")
	}
	files, err := filepath.Glob(filepath.Join(dir, "*"+spoolSuffix))
	if err != nil || len(files) != left {
		t.Errorf("%d files of %d requests: %v", len(files), left, err)
	}
	if info, err := os.Stat(files[0]); err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("%v %v", info.Mode(), err)
	}
	n := newNext(t)
	again := forward(t, ForwardOptions{Endpoint: n.URL, Dir: dir})
	waitFor(t, func() bool { return n.got() >= accepted })
	if left := finishForward(t, again); left != 0 || n.got() != accepted {
		t.Errorf("%d arrived of %d, %d left", n.got(), accepted, left)
	}
	different := map[string]bool{}
	for _, b := range n.bodies {
		different[string(b)] = true
	}
	if len(different) != accepted {
		t.Errorf("%d different requests of %d", len(different), accepted)
	}
}

// nameField is an unknown field that tells requests apart; receivers pass it over.
func nameField(i int) []byte { return []byte{0xfa, 0x7f, 1, byte(i)} }

// A receiver that is away for a moment, throttles, refuses, or answers with a page.
func TestForwardAnswers(t *testing.T) {
	n := newNext(t)
	var calls atomic.Int64
	n.answer = func(w http.ResponseWriter) bool {
		switch calls.Add(1) {
		case 1:
			w.WriteHeader(http.StatusServiceUnavailable)
		case 2:
			w.Header().Set("Retry-After", "0")
			w.WriteHeader(http.StatusTooManyRequests)
		case 4:
			w.WriteHeader(http.StatusBadRequest)
			fmt.Fprint(w, "no \x1b[2J such tenant")
		case 5:
			w.Header().Set("Content-Type", "text/html")
			fmt.Fprint(w, "<html>please log in")
		default:
			return false
		}
		return true
	}
	f := forward(t, ForwardOptions{Endpoint: n.URL})
	data, err := oneTrace("a").MarshalProto()
	if err != nil {
		t.Fatal(err)
	}
	for i := range 3 {
		if err := f.put(parcel{signal: model.SignalTraces, body: data}, 1); err != nil {
			t.Fatal(err)
		}
		waitFor(t, func() bool { c := f.Counts()[0]; return c.Sent+c.Failed == int64(i+1) })
		if i == 1 {
			if c := f.Counts()[0]; c.LastError != "400 Bad Request: no  [2J such tenant" {
				t.Errorf("%q", c.LastError)
			}
		}
	}
	finishForward(t, f)
	c := f.Counts()[0]
	if c.Sent != 1 || c.Failed != 2 || c.FailedBy["http 400"] != 1 || c.FailedBy["not OTLP"] != 1 || c.ExportCalls != 5 || c.Queued != 0 {
		t.Errorf("%+v", c)
	}
}

// A receiver that never answers does not keep the program from ending, and what it
// was sent is kept.
func TestForwardToBlackHole(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	for _, protocol := range []string{protoGRPC, protoHTTP} {
		f := forward(t, ForwardOptions{Endpoint: "http://" + l.Addr().String(), Protocol: protocol})
		for range 10 {
			if err := f.put(parcel{signal: model.SignalLogs, body: []byte{}}, 1); err != nil {
				t.Fatal(err)
			}
		}
		ctx, cancel := context.WithTimeout(context.Background(), 200*time.Millisecond)
		start := time.Now()
		left, err := f.Shutdown(ctx)
		cancel()
		if left != 10 || err != nil || time.Since(start) > 2*time.Second {
			t.Errorf("%s: %d left, %v, after %s", protocol, left, err, time.Since(start))
		}
	}
}

func TestSpoolHasOneOwner(t *testing.T) {
	dir := t.TempDir()
	f := forward(t, ForwardOptions{Endpoint: "http://127.0.0.1:1", Dir: dir})
	if _, err := NewForwarder(ForwardOptions{Endpoint: "http://127.0.0.1:1", Dir: dir}); err == nil {
		t.Error("two programs share a spool")
	}
	finishForward(t, f)
}

func TestForwardEndpoints(t *testing.T) {
	for endpoint, want := range map[string]string{"http://h:4317": protoGRPC, "http://h:4318": protoHTTP, "https://h": protoHTTP} {
		f := forward(t, ForwardOptions{Endpoint: endpoint})
		if f.opts.Protocol != want {
			t.Errorf("%s: %s", endpoint, f.opts.Protocol)
		}
		finishForward(t, f)
	}
	for _, o := range []ForwardOptions{{Endpoint: "localhost:4317"}, {Endpoint: "http://"}, {Endpoint: "http://h:4317/path"}, {Endpoint: "http://h", Protocol: "udp"}} {
		if _, err := NewForwarder(o); err == nil {
			t.Errorf("%+v was taken", o)
		}
	}
}
