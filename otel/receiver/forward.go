package receiver

import (
	"bytes"
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"math/rand/v2"
	"net"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"time"

	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials"
	"google.golang.org/grpc/credentials/insecure"

	"github.com/buildscope/buildscope/model"
)

// ForwardOptions says where requests are passed on to.
type ForwardOptions struct {
	Endpoint string        // http:// or https:// URL of the next receiver
	Protocol string        // grpc or http; "" means grpc on port 4317 and http elsewhere
	TLS      *tls.Config   // for https; nil means the system's roots
	Dir      string        // of the spool
	MaxMem   int64         // bytes of requests that wait in memory; zero means 64 MiB
	MaxDisk  int64         // bytes that wait on disk; zero means 1 GiB. At the end what was in memory comes on top
	Timeout  time.Duration // of one attempt; zero means 10 s
}

// Forwarder passes requests on as they came. They wait in a spool while the next
// receiver cannot be reached, and are tried again for as long as the program runs.
// What is left is on disk for the next program.
type Forwarder struct {
	opts  ForwardOptions
	url   string // of HTTP, without the path of a signal
	spool *spool
	conn  *grpc.ClientConn // grpc
	http  *http.Client

	ctx     context.Context // ends when attempts are to be cut off
	cut     context.CancelFunc
	closing chan struct{} // closed by Shutdown: nothing is tried again
	once    sync.Once
	workers sync.WaitGroup

	mu     sync.Mutex // guards all below
	back   []*letter  // taken from memory and not sent when the program ended
	counts [3]model.ExportCounts
}

const (
	forwarders = 4 // requests on the way at the same time
	firstRetry = 200 * time.Millisecond
	lastRetry  = 10 * time.Second
	protoGRPC  = "grpc"
	protoHTTP  = "http"
)

// NewForwarder starts passing on. No connection is made before there is something
// to send. Shutdown ends it.
func NewForwarder(o ForwardOptions) (*Forwarder, error) {
	u, err := url.Parse(o.Endpoint)
	if err != nil || u.Host == "" || u.Scheme != "http" && u.Scheme != "https" {
		return nil, fmt.Errorf("forward to %q: it must be a URL as http://127.0.0.1:4317", o.Endpoint)
	}
	if o.Protocol == "" {
		o.Protocol = protoHTTP
		if u.Port() == "4317" {
			o.Protocol = protoGRPC
		}
	}
	if o.MaxMem == 0 {
		o.MaxMem = 64 << 20
	}
	if o.MaxDisk == 0 {
		o.MaxDisk = 1 << 30
	}
	if o.Timeout == 0 {
		o.Timeout = 10 * time.Second
	}
	f := &Forwarder{opts: o, url: strings.TrimSuffix(u.String(), "/"), closing: make(chan struct{})}
	switch {
	case o.Protocol == protoGRPC && strings.Trim(u.Path, "/") != "":
		return nil, fmt.Errorf("forward to %s: gRPC has no path", u.Redacted())
	case o.Protocol == protoGRPC:
		creds := insecure.NewCredentials()
		if u.Scheme == "https" {
			creds = credentials.NewTLS(o.TLS)
		}
		port := u.Port()
		if port == "" {
			port = map[string]string{"http": "80", "https": "443"}[u.Scheme]
		}
		f.conn, err = grpc.NewClient("passthrough:///"+net.JoinHostPort(u.Hostname(), port), grpc.WithTransportCredentials(creds), grpc.WithNoProxy(),
			grpc.WithDefaultCallOptions(grpc.ForceCodecV2(rawCodec{})))
		if err != nil {
			return nil, fmt.Errorf("forward to %s: %w", u.Redacted(), err)
		}
	case o.Protocol == protoHTTP:
		f.http = &http.Client{
			Transport:     &http.Transport{TLSClientConfig: o.TLS, ForceAttemptHTTP2: true, DisableCompression: true, MaxIdleConnsPerHost: forwarders},
			CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
		}
	default:
		return nil, fmt.Errorf("forward by %q: the protocol is grpc or http", o.Protocol)
	}
	if f.spool, err = openSpool(o.Dir, o.MaxMem, o.MaxDisk); err != nil {
		return nil, errors.Join(err, f.disconnect())
	}
	for i, signal := range signals {
		f.counts[i] = model.ExportCounts{Signal: signal, Exporter: "forward " + o.Protocol, Endpoint: u.Redacted()}
	}
	f.ctx, f.cut = context.WithCancel(context.Background()) // until Shutdown
	for range forwarders {
		f.workers.Go(f.work)
	}
	return f, nil
}

// String says where requests are passed on to, and how.
func (f *Forwarder) String() string {
	return fmt.Sprintf("%s over %s, spool in %s", f.counts[0].Endpoint, f.opts.Protocol, f.opts.Dir)
}

// Dir is the directory of the spool.
func (f *Forwarder) Dir() string { return f.opts.Dir }

func (f *Forwarder) disconnect() error {
	if f.conn != nil {
		return f.conn.Close()
	}
	f.http.CloseIdleConnections()
	return nil
}

// put queues a request.
func (f *Forwarder) put(p parcel, items int) error {
	l := &letter{Signal: p.signal, JSON: p.json, Coding: p.coding, Header: passOn(p.header), Items: items, body: p.body}
	if p.wire != nil {
		l.body = p.wire
	}
	if f.conn != nil && (p.json || p.wire != nil) {
		var err error
		if l, err = f.plain(l, p.body); err != nil {
			return err
		}
	}
	if err := f.spool.put(l); err != nil {
		f.count(l, func(c *model.ExportCounts) { c.LastError = clean(err.Error()) })
		return err
	}
	f.count(l, func(c *model.ExportCounts) { c.Created += int64(items); c.Queued += int64(items) })
	return nil
}

// passOn leaves out what belongs to the connection to this program. Everything else
// the next receiver should see, above all who the sender is.
func passOn(h http.Header) http.Header {
	out := http.Header{}
	for k, v := range h {
		switch k {
		case "Connection", "Keep-Alive", "Proxy-Connection", "Proxy-Authenticate", "Proxy-Authorization", "Te", "Trailer", "Transfer-Encoding", "Upgrade",
			"Host", "Content-Length", "Content-Type", "Content-Encoding", "Accept-Encoding", "Expect":
			continue
		}
		if strings.HasPrefix(k, ":") || strings.HasPrefix(strings.ToLower(k), "grpc-") {
			continue
		}
		out[k] = v
	}
	return out
}

func (f *Forwarder) count(l *letter, change func(*model.ExportCounts)) {
	f.mu.Lock()
	defer f.mu.Unlock()
	for i := range f.counts {
		if f.counts[i].Signal == l.Signal {
			change(&f.counts[i])
		}
	}
}

// Counts are what became of the spans, data points and log records that were passed
// on.
func (f *Forwarder) Counts() []model.ExportCounts {
	f.mu.Lock()
	defer f.mu.Unlock()
	var out []model.ExportCounts
	for _, c := range f.counts {
		if c.Created > 0 {
			out = append(out, c)
		}
	}
	return out
}

func (f *Forwarder) work() {
	for {
		l, file, wait, err := f.spool.take()
		switch {
		case err != nil:
			f.count(&letter{Signal: model.SignalTraces}, func(c *model.ExportCounts) { c.LastError = clean(err.Error()) })
			continue
		case wait != nil:
			select {
			case <-wait:
				continue
			case <-f.closing:
				return
			}
		}
		if !f.deliver(l) {
			if file.name != "" {
				f.spool.unsent(file)
				return
			}
			f.mu.Lock()
			defer f.mu.Unlock()
			f.back = append(f.back, l)
			return
		}
		if err := f.spool.sent(file); err != nil {
			f.count(l, func(c *model.ExportCounts) { c.LastError = clean(err.Error()) })
		}
	}
}

// deliver tries until the letter is through or refused for good. It gives up when
// the program ends.
func (f *Forwarder) deliver(l *letter) bool {
	for pause := firstRetry; ; pause = min(2*pause, lastRetry) {
		start := time.Now()
		answer := f.send(l)
		f.count(l, func(c *model.ExportCounts) {
			c.ExportCalls++
			c.SpentNS += time.Since(start).Nanoseconds()
			if answer.err != nil {
				c.LastError = clean(answer.err.Error())
			}
			if answer.message != "" {
				c.Message = clean(answer.message)
			}
			if answer.again {
				return
			}
			n := int64(l.Items)
			c.Queued -= n
			if answer.err != nil {
				c.Failed += n
				if c.FailedBy == nil {
					c.FailedBy = map[string]int64{}
				}
				c.FailedBy[answer.status] += n
				return
			}
			rejected := min(answer.rejected, n)
			c.Rejected += rejected
			c.Sent += n - rejected
		})
		if !answer.again {
			return true
		}
		wait := max(answer.after, pause/2+rand.N(pause/2))
		timer := time.NewTimer(min(wait, time.Minute))
		select {
		case <-timer.C:
		case <-f.closing:
			timer.Stop()
			return false
		}
	}
}

// Shutdown sends what is queued until ctx is done or the next receiver fails, and
// leaves the rest on disk. It returns how many requests that is. It may be called
// once, after the server has shut down.
func (f *Forwarder) Shutdown(ctx context.Context) (left int, err error) {
	f.once.Do(func() { close(f.closing) })
	stop := context.AfterFunc(ctx, f.cut)
	f.workers.Wait()
	stop()
	f.cut()
	left, lost, err := f.spool.close(f.back)
	if lost > 0 {
		err = fmt.Errorf("%d items were not passed on and could not be kept: %w", lost, err)
	}
	return left, errors.Join(err, f.disconnect())
}

// send is one attempt.
func (f *Forwarder) send(l *letter) answered {
	ctx, cancel := context.WithTimeout(f.ctx, f.opts.Timeout)
	defer cancel()
	if f.conn != nil {
		return f.sendGRPC(ctx, l)
	}
	kind := typeProto
	if l.JSON {
		kind = typeJSON
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, f.url+"/v1/"+l.Signal, bytes.NewReader(l.body))
	if err != nil {
		return answered{err: err, status: "request"}
	}
	req.Header = l.Header.Clone()
	req.Header.Set("Content-Type", kind)
	if l.Coding != "" {
		req.Header.Set("Content-Encoding", l.Coding)
	}
	resp, err := f.http.Do(req)
	if err != nil {
		return answered{err: err, again: true}
	}
	return readAnswer(resp, l)
}
