// Package doctor finds out why telemetry would not arrive: it checks resolved
// settings, the environment, earlier runs, disks, and every collector that
// traces, metrics and logs are sent to, layer by layer with a client of its own.
// It sends empty export requests only, follows no redirect and uses no proxy.
package doctor

import (
	"cmp"
	"context"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/buildscope/buildscope/model"
	"github.com/buildscope/buildscope/presets"
)

// Options says what to check.
type Options struct {
	Resolved *presets.Resolved
	// Env is the environment at the start of the program: variables that nobody
	// reads, and proxies.
	Env map[string]string
	// Runs are earlier runs, the newest first. What needs them is skipped without.
	Runs []PastRun
	// Projects asks the Hamilton server of the settings for its projects, id to name;
	// nil leaves the check out.
	Projects func(context.Context) (map[string]string, error)
	// Now is the clock that certificates and the collector's time are compared
	// with; nil means time.Now.
	Now func() time.Time
	// IDs are the checks to make; empty means all. A check that needs others, as
	// an export needs a connection, makes them without reporting them.
	IDs []string
	// Step is told when each check begins and when it is over, one at a time; nil:
	// nobody wants to know.
	Step func(Step)
	// RequestBytes is the size of one more request for each signal, filled with
	// what receivers ignore, to see whether it is taken; 0 means that none is sent.
	RequestBytes int
}

// PastRun is what an earlier run left behind.
type PastRun struct {
	ID      string
	Took    time.Duration // 0 if it failed
	Spans   int64         // that ended
	Exports []model.ExportCounts
	Values  []model.Value // its settings
}

// Check makes the checks and returns their findings, failures first, then by id.
func Check(ctx context.Context, o Options) []Finding {
	var list []Finding
	Run(ctx, o, func(f Finding) { list = append(list, f) })
	Sort(list)
	return list
}

// Run makes the checks and hands each finding over as soon as it is known, one
// at a time. It returns when all are made, or soon after ctx has ended; what was
// under way then is skipped. Every check that was asked for has at least one
// finding.
func Run(ctx context.Context, o Options, found func(Finding)) {
	d := &doctor{Options: o, redact: model.NewRedactor(o.Resolved.Settings.Diagnostics.RedactKeys), found: found,
		latency: map[string]time.Duration{}, open: map[string]int{}, slowest: map[string]time.Duration{}}
	if d.Now == nil {
		d.Now = time.Now
	}
	for _, dest := range d.settings().Destinations() {
		for _, value := range dest.Headers {
			d.secrets = append(d.secrets, value)
		}
	}
	table := Checks()
	for _, c := range table {
		if c.local != nil && d.wants(c.ID) {
			d.try(ctx, c.ID, func() []Finding { return c.local(d) })
		}
	}
	if slices.ContainsFunc(table, func(c Info) bool { return c.Network && d.wants(c.ID) }) {
		d.network(ctx)
	}
	for _, c := range table {
		switch {
		case !d.wants(c.ID):
		case c.measured != nil:
			d.try(ctx, c.ID, func() []Finding { return c.measured(d) })
		case c.tried != nil:
			d.try(ctx, c.ID, func() []Finding { return c.tried(ctx, d) })
		}
	}
}

// Sort puts failures first, then warnings, what is fine, and what was skipped.
func Sort(list []Finding) {
	slices.SortStableFunc(list, func(a, b Finding) int {
		return cmp.Or(cmp.Compare(rank[a.Severity], rank[b.Severity]), strings.Compare(a.ID, b.ID), strings.Compare(a.Key, b.Key))
	})
}

// doctor is one examination.
type doctor struct {
	Options
	redact  *model.Redactor
	secrets []string // values of headers, which a server may send back

	mu      sync.Mutex // guards what follows, and calls of found and Step
	found   func(Finding)
	latency map[string]time.Duration // of an export request, by signal
	open    map[string]int           // targets that have not answered yet, by id of the check
	slowest map[string]time.Duration // target, by id of the check
}

func (d *doctor) settings() model.OTelSettings { return d.Resolved.Settings.OTel }

func (d *doctor) wants(id string) bool { return len(d.IDs) == 0 || slices.Contains(d.IDs, id) }

// report hands over what a check found; nothing means that all is well.
func (d *doctor) report(id string, findings []Finding) {
	if len(findings) == 0 {
		findings = []Finding{{ID: id, Severity: OK}}
	}
	for _, f := range findings {
		d.tell(f)
	}
}

// tell completes a finding and hands it over, if its check was asked for.
func (d *doctor) tell(f Finding) {
	if !d.wants(f.ID) {
		return
	}
	f = d.complete(f)
	d.mu.Lock()
	defer d.mu.Unlock()
	d.found(f)
}

// about starts a finding on the setting that is responsible.
func (d *doctor) about(id string, s Severity, key string) Finding {
	key = d.Resolved.Written(key)
	v := d.Resolved.Value(key)
	return Finding{ID: id, Severity: s, Key: key, Value: v.Text, Source: v.Source}
}

// exported lists the signals that go to a collector.
func (d *doctor) exported() []model.Destination {
	return slices.DeleteFunc(d.settings().Destinations(), func(dest model.Destination) bool { return !slices.Contains(dest.Exporters, "otlp") })
}

// given reports whether somebody set the value rather than the table.
func given(source string) bool { return source != "" && !strings.HasPrefix(source, "default") }
