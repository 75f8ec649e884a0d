package doctor

import (
	"context"
	"crypto/tls"
	"fmt"
	"net"
	"net/url"
	"slices"
	"strings"
	"sync"
	"time"

	"golang.org/x/net/http/httpproxy"

	"github.com/buildscope/buildscope/model"
	"github.com/buildscope/buildscope/otel"
)

// stepLimit is how long one step on the network may take: name and connection
// together, the handshake, a request. A collector that cannot be reached thus
// takes less than 3 seconds in all, because targets are examined side by side.
const stepLimit = 2500 * time.Millisecond

// target is one place that signals are sent to in one way. What is below an
// export is checked once for it.
type target struct {
	*doctor
	scheme, host, address, protocol string
	uses                            []model.Destination // at least one
	tls                             *tls.Config         // of https
	asked                           bool                // the server asked for a client certificate

	findings []Finding
	told     int       // of them that were handed over
	began    time.Time // of the layer that is being examined
}

// lower and upper are the checks of a target, in the order of the layers. A
// failure below skips what is above.
var (
	lower = []string{"D02", "D03", "D05", "D06", "D07"}
	upper = []string{"D09", "D10", "D11", "D12", "D13", "D16", "D17", "D18", "D19"}
	// ofTarget are all checks of which every target has at least one finding.
	ofTarget = slices.Concat(lower, upper, []string{"D04", "D08"})
)

// network examines every target at the same time.
func (d *doctor) network(ctx context.Context) {
	targets := d.targets()
	for _, id := range ofTarget {
		d.open[id] = len(targets)
		d.step(Step{ID: id})
		if len(targets) == 0 {
			d.report(id, skip(id, "no signal is sent to a collector"))
			d.step(Step{ID: id, Over: true})
		}
	}
	if len(targets) == 0 {
		return
	}
	for _, f := range merge(append(d.checkRefusals(), d.checkStaticTLS()...)) {
		d.tell(f)
	}
	var wg sync.WaitGroup
	for _, t := range targets {
		wg.Go(func() {
			t.began = time.Now()
			t.examine(ctx)
			t.flush(ctx)
		})
	}
	wg.Wait()
}

// targets groups the signals by where and how they are sent.
func (d *doctor) targets() (list []*target) {
	for _, dest := range d.exported() {
		u, err := url.Parse(dest.Endpoint)
		if err != nil {
			continue // the settings refuse it
		}
		t := &target{doctor: d, scheme: u.Scheme, host: u.Hostname(), address: otel.HostPort(u), protocol: dest.Protocol}
		i := slices.IndexFunc(list, func(o *target) bool {
			return o.scheme == t.scheme && o.address == t.address && o.protocol == t.protocol
		})
		if i < 0 {
			i, list = len(list), append(list, t)
		}
		list[i].uses = append(list[i].uses, dest)
	}
	return list
}

// note keeps a finding about all signals of the target.
func (t *target) note(f Finding) {
	if len(f.Signals) == 0 {
		for _, u := range t.uses {
			f.Signals = append(f.Signals, u.Signal)
		}
	}
	t.findings = append(t.findings, f)
}

func (t *target) ok(id, seen string) { t.note(Finding{ID: id, Severity: OK, Seen: seen}) }

// blame starts a finding on the endpoint of the target.
func (t *target) blame(id string, s Severity) Finding {
	return t.about(id, s, signalKey(t.uses[0].Signal, "endpoint"))
}

// skipRest marks what has no finding yet as not checked.
func (t *target) skipRest(why string) {
	for _, id := range ofTarget {
		if !slices.ContainsFunc(t.findings, func(f Finding) bool { return f.ID == id }) {
			t.note(Finding{ID: id, Severity: Skipped, Means: why})
		}
	}
}

// examine goes up the layers until one fails.
func (t *target) examine(ctx context.Context) {
	if err := t.connect(ctx); err != "" {
		t.skipRest(err + " failed")
		return
	}
	t.ok("D04", "")
	if !t.flush(ctx) {
		return
	}
	if t.scheme == "https" {
		if err := t.handshake(ctx); err != "" {
			t.skipRest(err + " failed")
			return
		}
	} else {
		for _, id := range []string{"D05", "D06", "D07"} {
			t.note(Finding{ID: id, Severity: Skipped, Means: "the endpoint is http, without TLS"})
		}
	}
	if t.flush(ctx) {
		t.ask(ctx)
	}
}

// connect is D02 to D04. It returns the id of what failed.
func (t *target) connect(whole context.Context) (failed string) {
	ctx, cancel := context.WithTimeout(whole, stepLimit)
	defer cancel()
	if net.ParseIP(t.host) != nil {
		t.ok("D02", t.host+" is an address")
	} else if addrs, err := net.DefaultResolver.LookupIPAddr(ctx, t.host); err != nil {
		f := t.blame("D02", Fail)
		f.Seen, f.Means = err.Error(), "the host "+t.host+" has no address"
		f.Advice = "name a host that resolves on this machine, or an address"
		t.note(f)
		t.checkProxy()
		return "D02"
	} else {
		t.ok("D02", addresses(addrs))
	}
	t.flush(whole)
	var dialer net.Dialer
	conn, err := dialer.DialContext(ctx, "tcp", t.address)
	if err != nil {
		t.note(t.unreachable(err))
		t.checkProxy()
		return "D03"
	}
	t.ok("D03", conn.RemoteAddr().String())
	conn.Close()
	return ""
}

func addresses(list []net.IPAddr) string {
	texts := make([]string, len(list))
	for i, a := range list {
		texts[i] = a.String()
	}
	return strings.Join(texts, ", ")
}

// unreachable is D03.
func (t *target) unreachable(err error) Finding {
	f := t.blame("D03", Fail)
	f.Seen, f.Means, f.Advice = err.Error(), "nothing listens there", "start the collector, or name its host and port"
	if timedOut(err) {
		f.Means = fmt.Sprintf("there is no answer within %s: a firewall, or a host that is down", stepLimit)
	}
	u, parseErr := url.Parse(f.Value)
	if parseErr == nil && u.Host != "" && u.Port() == "" && u.Scheme == "http" {
		u.Host = net.JoinHostPort(u.Hostname(), standardPort(t.protocol))
		f.Fix, f.Advice = to(u.String()), "start the collector if it does not run"
		f.Means += "; without a port in the endpoint it is 80, and collectors use " + standardPort(t.protocol)
	}
	return f
}

// checkProxy is D04 for a direct connection that failed.
func (t *target) checkProxy() {
	env := func(name string) string {
		for _, n := range []string{name, lowerCase[name]} {
			if t.Env[n] != "" {
				return t.Env[n]
			}
		}
		return ""
	}
	cfg := httpproxy.Config{HTTPProxy: env("HTTP_PROXY"), HTTPSProxy: env("HTTPS_PROXY"), NoProxy: env("NO_PROXY")}
	proxy, err := cfg.ProxyFunc()(&url.URL{Scheme: t.scheme, Host: t.address})
	if err != nil || proxy == nil {
		t.ok("D04", "")
		return
	}
	f := t.blame("D04", Warn)
	f.Seen = "the environment names the proxy " + proxy.Redacted()
	f.Means = "telemetry never goes through a proxy, which would see the headers, and a direct connection fails"
	f.Advice = "run a collector on this side of the proxy and name it here"
	t.note(f)
}

var lowerCase = map[string]string{"HTTP_PROXY": "http_proxy", "HTTPS_PROXY": "https_proxy", "NO_PROXY": "no_proxy"}
