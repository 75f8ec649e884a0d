package doctor

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"sync"
	"time"

	"google.golang.org/grpc/codes"

	"github.com/buildscope/buildscope/model"
)

// ask sends an empty request of each signal and judges the answers: D09 to
// D19. What an answer speaks against is a finding, the checks below it are fine,
// those above it are skipped.
func (t *target) ask(ctx context.Context) {
	c, err := t.client()
	if err != nil {
		f := t.blame("D01", Fail)
		f.Seen, f.Means = err.Error(), "it is no address for "+t.protocol
		t.note(f)
		t.skipRest("D01 failed")
		return
	}
	defer c.close()
	replies := make([]reply, len(t.uses))
	var wg sync.WaitGroup
	for i, u := range t.uses {
		wg.Go(func() { replies[i] = c.export(ctx, u, false, 0) })
	}
	wg.Wait()
	j := &judge{target: t, client: c, replies: replies}
	for i, u := range t.uses {
		f := j.verdict(ctx, u, replies[i])
		if f == nil {
			t.passed(u.Signal, replies[i])
			t.more(ctx, c, u)
			continue
		}
		f.Signals = []string{u.Signal}
		t.note(*f)
		t.above(*f, u.Signal)
	}
	for _, r := range replies {
		if !r.date.IsZero() {
			t.note(t.clock(r))
			break
		}
	}
	if t.scheme == "http" && !slices.ContainsFunc(t.findings, func(f Finding) bool { return f.ID == "D08" }) {
		t.ok("D08", "")
	}
	why := "the collector does not tell its time"
	if t.protocol == "grpc" {
		why = "gRPC collectors do not tell their time"
	}
	t.skipRest(why)
}

// passed notes that an export was a success.
func (t *target) passed(signal string, r reply) {
	for _, id := range []string{"D09", "D10", "D11", "D12", "D13", "D18"} {
		t.note(Finding{ID: id, Severity: OK, Signals: []string{signal}})
	}
	f := Finding{ID: "D17", Severity: OK, Signals: []string{signal}}
	if r.refused > 0 || r.message != "" {
		f = t.about("D17", Warn, signalKey(signal, "endpoint"))
		f.Signals, f.Seen = []string{signal}, r.message
		f.Means, f.Advice = "the receiver has something to say about every export", "follow what it says"
	}
	t.note(f)
}

// above marks what an answer leaves open.
func (t *target) above(failed Finding, signal string) {
	order := []string{"D09", "D10", "D11", "D12", "D13", "D18", "D16", "D17"}
	for _, id := range order {
		if id != failed.ID {
			t.note(Finding{ID: id, Severity: Skipped, Signals: []string{signal}, Means: failed.ID + " has a finding"})
		}
	}
}

// more is what can be tried once an empty export was a success: D16 and the size
// of D17.
func (t *target) more(ctx context.Context, c *client, u model.Destination) {
	if r := c.export(ctx, u, false, 0); r.answered() { // the connection is open by now, as it is during a run
		t.mu.Lock()
		t.latency[u.Signal] = r.took
		t.mu.Unlock()
	}
	signals := []string{u.Signal}
	f := Finding{ID: "D16", Severity: OK, Signals: signals}
	switch {
	case u.Compression != "gzip":
		f.Severity, f.Means = Skipped, "compression is off"
	default:
		r := c.export(ctx, u, true, 0)
		if r.answered() {
			break
		}
		f = t.about("D16", Fail, signalKey(u.Signal, "compression"))
		f.Signals, f.Seen = signals, r.words()
		f.Fix, f.Means = to("none"), "the receiver does not take gzip, and every export fails"
	}
	t.note(f)
	if t.RequestBytes == 0 || !t.wants("D17") {
		return
	}
	if r := c.export(ctx, u, false, t.RequestBytes); !r.answered() {
		key := "otel.bsp_max_export_batch_size"
		if u.Signal == model.SignalLogs {
			key = "otel.blrp_max_export_batch_size"
		}
		f := t.smallerBatch(u.Signal, key, r.words(), fmt.Sprintf("the receiver does not take a request of %d bytes", t.RequestBytes))
		if u.Signal == model.SignalMetrics {
			f = t.about("D17", Warn, signalKey(u.Signal, "endpoint"))
			f.Signals, f.Seen, f.Means = signals, r.words(), fmt.Sprintf("the receiver does not take a request of %d bytes", t.RequestBytes)
			f.Advice = "raise its limit if there are so many metrics"
		}
		t.note(f)
	}
}

// words is what came back, in words.
func (r reply) words() string {
	switch {
	case r.err != nil:
		return r.err.Error()
	case r.code != codes.OK:
		return fmt.Sprintf("%s: %s", r.code, r.message)
	}
	return r.message
}

// Clocks that differ more than this are warned about, or fail.
const (
	skewWarn = 2 * time.Second
	skewFail = time.Minute
)

// clock is D19. The server's time was taken in the middle of the request, and is
// cut to seconds.
func (t *target) clock(r reply) Finding {
	skew := r.date.Add(500 * time.Millisecond).Sub(r.sent.Add(r.took / 2))
	f := Finding{ID: "D19", Severity: OK}
	size, word := skew.Abs(), "ahead of"
	if skew < 0 {
		word = "behind"
	}
	if size <= skewWarn {
		return f
	}
	f.Severity = Warn
	if size > skewFail {
		f.Severity = Fail
	}
	f.Seen = fmt.Sprintf("the collector says %s, this machine %s", r.date.UTC().Format(time.DateTime), r.sent.UTC().Format(time.DateTime))
	f.Means = fmt.Sprintf("the collector's clock is %s %s this machine's, so spans lie outside the time that is searched", size.Round(time.Second), word)
	f.Advice = "set the clock of the machine that is wrong"
	return f
}

// pathOf is what a signal's endpoint has behind host and port.
func pathOf(endpoint string) string {
	_, rest, _ := strings.Cut(endpoint, "://")
	_, path, _ := strings.Cut(rest, "/")
	return strings.TrimSuffix("/"+path, "/")
}
