package doctor

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"net"
	"slices"
	"strings"
	"syscall"
	"time"

	"github.com/buildscope/buildscope/model"
	"github.com/buildscope/buildscope/otel"
)

// handshake is D05 to D07, and D08 when the other side does not speak TLS. It
// returns the id of what failed.
func (t *target) handshake(ctx context.Context) (failed string) {
	cfg, err := otel.TLSConfig(t.settings())
	if err != nil {
		key := "otel.certificate"
		if strings.HasPrefix(err.Error(), "otel.client_certificate") {
			key = "otel.client_certificate"
		}
		f := t.about("D05", Fail, key)
		f.Seen, f.Means, f.Advice = err.Error(), "the file cannot be used, and no run starts", "name a PEM file that can be read"
		t.note(f)
		return "D05"
	}
	cfg.ServerName, cfg.NextProtos = t.host, []string{"h2", "http/1.1"}
	if t.protocol == "grpc" {
		cfg.NextProtos = []string{"h2"}
	}
	t.tls = cfg
	state, err := t.dialTLS(ctx, cfg)
	if err != nil {
		return t.noHandshake(ctx, err)
	}
	t.ok("D08", "")
	for _, id := range []string{"D05", "D06"} { // trust, then name and dates
		check := t.checkTrust
		if id == "D06" {
			check = t.checkCertificate
		}
		if !check(state.PeerCertificates, cfg) {
			failed = id
		}
	}
	switch {
	case t.protocol != "grpc":
		t.note(Finding{ID: "D07", Severity: Skipped, Means: "only gRPC needs HTTP/2"})
	case state.NegotiatedProtocol != "h2":
		t.note(t.noHTTP2("the server agreed to no protocol"))
		failed = "D07"
	default:
		t.ok("D07", "")
	}
	return failed
}

// dialTLS shakes hands without believing anybody: what is wrong with the
// certificate is found out afterwards, all of it. Nothing is sent.
func (t *target) dialTLS(ctx context.Context, cfg *tls.Config) (tls.ConnectionState, error) {
	ctx, cancel := context.WithTimeout(ctx, stepLimit)
	defer cancel()
	anybody := cfg.Clone()
	anybody.InsecureSkipVerify = true
	anybody.GetClientCertificate = func(*tls.CertificateRequestInfo) (*tls.Certificate, error) {
		t.asked = true
		if len(cfg.Certificates) > 0 {
			return &cfg.Certificates[0], nil
		}
		return &tls.Certificate{}, nil
	}
	dialer := tls.Dialer{Config: anybody}
	conn, err := dialer.DialContext(ctx, "tcp", t.address)
	if err != nil {
		return tls.ConnectionState{}, err
	}
	defer conn.Close()
	return conn.(*tls.Conn).ConnectionState(), nil
}

func (t *target) noHTTP2(seen string) Finding {
	f := t.about("D07", Fail, signalKey(t.uses[0].Signal, "protocol"))
	f.Seen, f.Fix, f.Means = seen, to("http/protobuf"), "the server does not speak HTTP/2, which gRPC needs; often a proxy stands in front"
	return f
}

// noHandshake finds out why there was none.
func (t *target) noHandshake(ctx context.Context, err error) (failed string) {
	var record tls.RecordHeaderError
	text := err.Error()
	switch {
	case strings.Contains(text, "no application protocol"):
		t.note(t.noHTTP2(text))
		return "D07"
	case t.asked:
		t.note(t.wantsCertificate(text))
		return "D13"
	case errors.As(err, &record), closed(err):
		if errors.As(err, &record) || t.listen(ctx) != speaksNothing {
			f := t.blame("D08", Fail)
			f.Seen, f.Means = text, "the port speaks plain text and no TLS"
			if t.secretsInClear() {
				f.Advice = "name its port for TLS: with http:// the headers would go over the network in plain text"
			} else {
				f.Fix = to(strings.Replace(f.Value, "https://", "http://", 1))
			}
			t.note(f)
			return "D08"
		}
	}
	f := t.blame("D05", Fail)
	f.Seen, f.Means, f.Advice = text, "there is no TLS connection", "check that the port is that of a collector with TLS 1.2 or newer"
	if timedOut(err) {
		f.Means = fmt.Sprintf("the server does not answer the TLS handshake within %s", stepLimit)
	}
	t.note(f)
	return "D05"
}

// secretsInClear reports whether headers would be read on the way if the endpoint
// were http.
func (t *target) secretsInClear() bool {
	ip := net.ParseIP(t.host)
	here := t.host == "localhost" || ip != nil && ip.IsLoopback()
	return !here && slices.ContainsFunc(t.uses, func(u model.Destination) bool { return len(u.Headers) > 0 })
}

// wantsCertificate is D13 for a server that asks for a client certificate.
func (t *target) wantsCertificate(seen string) Finding {
	f := t.about("D13", Fail, "otel.client_certificate")
	f.Seen, f.Means, f.Advice = seen, "the server asks for a client certificate", "set otel.client_certificate and otel.client_key to the files that its owner gave out"
	if f.Value != "" {
		f.Means = "the server does not accept this client certificate"
	}
	return f
}

// checkTrust is D05: whether the certificate leads to an authority, on whatever
// day it is valid.
func (t *target) checkTrust(chain []*x509.Certificate, cfg *tls.Config) bool {
	leaf, between := chain[0], x509.NewCertPool()
	for _, c := range chain[1:] {
		between.AddCert(c)
	}
	at := t.Now()
	if at.After(leaf.NotAfter) {
		at = leaf.NotAfter
	}
	if at.Before(leaf.NotBefore) {
		at = leaf.NotBefore
	}
	_, err := leaf.Verify(x509.VerifyOptions{Roots: cfg.RootCAs, Intermediates: between, CurrentTime: at})
	if err == nil {
		t.ok("D05", "issued by "+leaf.Issuer.String())
		return true
	}
	f := t.about("D05", Fail, "otel.certificate")
	f.Seen = err.Error()
	f.Means = fmt.Sprintf("the certificate of %s was issued by %q, which is not trusted", t.address, leaf.Issuer.String())
	f.Advice = "name the PEM file with the certificate of that authority"
	if leaf.Issuer.String() == leaf.Subject.String() {
		f.Means = fmt.Sprintf("the certificate of %s is signed by itself", t.address)
		f.Advice = "name the PEM file with that certificate"
	}
	t.note(f)
	return false
}

// soon is how long before its end a certificate is warned about.
const soon = 14 * 24 * time.Hour

// checkCertificate is D06.
func (t *target) checkCertificate(chain []*x509.Certificate, _ *tls.Config) bool {
	leaf, now, good := chain[0], t.Now(), true
	if err := leaf.VerifyHostname(t.host); err != nil {
		f := t.blame("D06", Fail)
		f.Seen, f.Means = err.Error(), "the certificate is not for the host "+t.host
		f.Advice = "name the collector as its certificate does, or have the certificate made for this name"
		t.note(f)
		good = false
	}
	for _, c := range chain {
		f := t.blame("D06", Fail)
		name := c.Subject.String()
		switch {
		case now.After(c.NotAfter):
			f.Seen = x509.CertificateInvalidError{Cert: c, Reason: x509.Expired, Detail: fmt.Sprintf("current time %s is after %s", now.Format(time.RFC3339), c.NotAfter.Format(time.RFC3339))}.Error()
			f.Means, f.Advice, good = "the certificate "+name+" has expired", "have it renewed on the server", false
		case now.Before(c.NotBefore):
			f.Seen = fmt.Sprintf("valid from %s, and it is %s", c.NotBefore.Format(time.RFC3339), now.Format(time.RFC3339))
			f.Means, f.Advice, good = "the certificate "+name+" is not valid yet", "check the clock of this machine", false
		case c.NotAfter.Sub(now) < soon:
			f.Severity, f.Seen = Warn, "valid until "+c.NotAfter.Format(time.RFC3339)
			f.Means, f.Advice = fmt.Sprintf("the certificate %s expires in %d days", name, int(c.NotAfter.Sub(now).Hours()/24)), "have it renewed on the server"
		default:
			continue
		}
		t.note(f)
	}
	if !slices.ContainsFunc(t.findings, func(f Finding) bool { return f.ID == "D06" }) {
		t.ok("D06", "valid until "+leaf.NotAfter.Format(time.DateOnly))
	}
	return good
}

// closed reports whether the other side hung up.
func closed(err error) bool {
	return errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) || errors.Is(err, syscall.ECONNRESET) || errors.Is(err, syscall.EPIPE)
}

// timedOut reports whether a step took longer than it may.
func timedOut(err error) bool {
	var n net.Error
	return errors.Is(err, context.DeadlineExceeded) || errors.As(err, &n) && n.Timeout()
}

// speaks is what a port was found to speak.
type speaks int

const (
	speaksNothing speaks = iota // no answer, or none that is known
	speaksHTTP1
	speaksHTTP2 // as gRPC does
	speaksTLS
)

// http2Preface is how an HTTP/2 client begins: the preface and empty settings.
const http2Preface = "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\x00\x00\x00\x04\x00\x00\x00\x00\x00"

// listen finds out what a port speaks, in plain text or by TLS. It is used only
// after something went wrong.
func (t *target) listen(ctx context.Context) speaks {
	ctx, cancel := context.WithTimeout(ctx, stepLimit/2)
	defer cancel()
	if s := listenPlain(ctx, t.address); s != speaksNothing {
		return s
	}
	if _, err := t.dialTLS(ctx, &tls.Config{ServerName: t.host, NextProtos: []string{"h2", "http/1.1"}}); err == nil {
		return speaksTLS
	}
	return speaksNothing
}

func listenPlain(ctx context.Context, address string) speaks {
	var dialer net.Dialer
	conn, err := dialer.DialContext(ctx, "tcp", address)
	if err != nil {
		return speaksNothing
	}
	defer conn.Close()
	if end, ok := ctx.Deadline(); ok {
		// Half of the time is for trying TLS, should there be no answer.
		_ = conn.SetDeadline(time.Now().Add(time.Until(end) / 2))
	}
	answer := make([]byte, 9)
	if _, err := io.WriteString(conn, http2Preface); err != nil {
		return speaksNothing
	}
	n, _ := io.ReadFull(conn, answer) // what came is enough
	switch got := string(answer[:n]); {
	case strings.HasPrefix(got, "HTTP/1."):
		return speaksHTTP1
	case n == 9 && got[3] == 4: // a SETTINGS frame
		return speaksHTTP2
	case n >= 3 && got[0] == 0x15 && got[1] == 3: // a TLS alert
		return speaksTLS
	}
	return speaksNothing
}
