package remote

import (
	"errors"
	"fmt"
	"log/slog"
	"maps"
	"net/url"
	"os"
	"slices"
	"strings"
	"time"

	"github.com/apache/arrow-adbc/go/adbc"
	"github.com/apache/arrow-adbc/go/adbc/driver/flightsql"

	"github.com/buildscope/buildscope/engine"
)

// Values of Options.Writes.
const (
	WritesAuto   = "auto"   // by the server where ProbeDir is seen to be shared
	WritesServer = "server" // by the server, or Open fails
	WritesStream = "stream" // rows come by the network and are written here
)

// Options configures a Session. Endpoint and Local must be set.
type Options struct {
	Endpoint string // grpc://host:port, or grpc+tls://host:port
	Token    string // sent as Authorization: Bearer; "" sends none
	Headers  map[string]string

	// PEM files: who may have signed the server's certificate, "" for those the system
	// trusts, and the certificate that is shown to it, if any.
	CACert, ClientCert, ClientKey string

	// ConnectTimeout bounds how long the server may be out of reach, at the start and
	// in the middle of a build.
	ConnectTimeout time.Duration
	// QueryTimeout bounds one statement; zero does not.
	QueryTimeout time.Duration

	Writes   string // auto, server or stream; "" is auto
	ProbeDir string // folder of the build, in which it is tried what the server sees

	Local  *engine.Session // also makes the spans; the caller closes it after the Session
	Logger *slog.Logger    // of the driver, which writes to stderr without one
}

// goodbyeTimeout bounds CloseSession, the one call that the driver makes without a
// context, and the only one of ours that its timeout of updates is for.
const goodbyeTimeout = 2 * time.Second

// driverOptions are the options in the driver's terms.
func (o Options) driverOptions() (map[string]string, error) {
	u, err := url.Parse(o.Endpoint)
	if err != nil || u.Scheme != "grpc" && u.Scheme != "grpc+tls" || u.Port() == "" {
		return nil, fmt.Errorf("%q is no endpoint of Flight SQL; it must be like grpc://host:port or grpc+tls://host:port", o.Endpoint)
	}
	d := map[string]string{adbc.OptionKeyURI: u.Scheme + "://" + u.Host,
		flightsql.OptionTimeoutUpdate: fmt.Sprint(min(goodbyeTimeout, o.ConnectTimeout).Seconds())}
	if o.Token != "" {
		d[flightsql.OptionAuthorizationHeader] = "Bearer " + o.Token
	}
	for _, name := range slices.Sorted(maps.Keys(o.Headers)) {
		d[flightsql.OptionRPCCallHeaderPrefix+strings.ToLower(name)] = o.Headers[name]
	}
	var errs []error
	for option, path := range map[string]string{flightsql.OptionSSLRootCerts: o.CACert, flightsql.OptionMTLSCertChain: o.ClientCert, flightsql.OptionMTLSPrivateKey: o.ClientKey} {
		if path == "" {
			continue
		}
		if u.Scheme != "grpc+tls" {
			errs = append(errs, fmt.Errorf("certificates are for an endpoint with TLS, grpc+tls://%s", u.Host))
			break
		}
		pem, err := os.ReadFile(path)
		if err != nil {
			errs = append(errs, fmt.Errorf("read a certificate: %w", err))
			continue
		}
		d[option] = string(pem)
	}
	return d, errors.Join(errs...)
}
