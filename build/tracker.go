package build

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/buildscope/buildscope/build/bundle"
	"github.com/buildscope/buildscope/model"
	"github.com/buildscope/buildscope/model/human"
	"github.com/buildscope/buildscope/otel/why"
	"github.com/buildscope/buildscope/pipeline/tracker"
	"github.com/buildscope/buildscope/presets"
)

// trackerWait bounds what a Hamilton server may take of a build's end. What it has
// not got by then waits in the bundle.
const trackerWait = 2 * time.Second

// TrackerTarget is the Hamilton server that the settings name.
func TrackerTarget(s model.HamiltonSettings) tracker.Target {
	return tracker.Target{APIURL: s.APIURL, UIURL: s.UIURL, ProjectID: s.ProjectID, Username: s.Username, APIKey: s.APIKey}
}

// startTracker starts the tracker when the settings ask for it. A build that can
// not be tracked is built all the same.
func (r *Run) startTracker() bool {
	s := r.opts.Resolved.Settings
	if !s.Hamilton.EnableTracker {
		return false
	}
	config := map[string]string{}
	for _, v := range r.opts.Resolved.Values {
		if strings.HasPrefix(v.Key, "build.") {
			config[v.Key] = v.Text
		}
	}
	o := tracker.Options{Target: TrackerTarget(s.Hamilton), RunID: r.id, Started: r.started, Dir: r.bundle.Dir, Earlier: tracker.Waiting(s.Build.WorkDir),
		DAGName: r.dagName(), Code: codeVersion(r.opts.Version), Config: config, Tags: r.tags(),
		Repository: r.repository, Types: map[string]string{}, Statistics: r.capture != nil,
		Limits: tracker.Limits{List: s.Hamilton.MaxListLengthCapture, Dict: s.Hamilton.MaxDictLengthCapture}, Redact: r.keys}
	o.LastGood = tracker.LastGood(r.earlier(), o.Target)
	delete(o.Tags, "trace_id") // there is no trace yet; the end of the run tells it
	for _, n := range r.graph.Nodes() {
		o.Types[n.Name] = n.Type().String()
		if n.Publish {
			o.Outputs = append(o.Outputs, n.Name)
		}
	}
	t, err := tracker.Start(o)
	if err != nil {
		r.logger.Warn("start the Hamilton tracker", "error", err.Error())
		return false
	}
	r.mu.Lock()
	r.tracker = t
	r.mu.Unlock()
	return true
}

// earlier lists the bundles of the runs before this one, the newest first.
func (r *Run) earlier() []string {
	workDir := r.opts.Resolved.Settings.Build.WorkDir
	ids, _ := bundle.IDs(workDir) // none to compare with, then
	var out []string
	for _, id := range ids {
		if id < r.id {
			out = append(out, filepath.Join(workDir, "runs", id))
		}
	}
	return out
}

// closeTracker tells how the run ended.
func (r *Run) closeTracker(ctx context.Context, state model.RunState) {
	if r.tracker == nil {
		return
	}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), trackerWait)
	defer cancel()
	tags := r.tags()
	tags["status"] = state.String()
	// The flush of telemetry, which is still to come, is not among these causes.
	slow := why.Find(r.slowFacts())
	if len(slow.Causes) > 0 {
		tags["why_slow"] = slow.Causes[0].Text
	}
	if err := r.tracker.Close(ctx, tracker.Ending{Succeeded: state == model.RunSucceeded, At: r.Snapshot().Ended, Tags: tags, Diagnosis: diagnosis(slow)}); err != nil {
		r.logger.Warn("close the Hamilton tracker", "error", err.Error())
	}
	if p := r.tracker.Status(); !p.Delivered {
		r.logger.Warn("Hamilton tracker", "state", trackerLine(p))
	}
}

// diagnosis is what each node did to the time of the run, a line for each cause.
func diagnosis(p model.WhySlowPayload) map[string]string {
	out := map[string]string{}
	for _, c := range p.Causes {
		if c.Node == "" {
			continue
		}
		if c.Setting != "" {
			c.Text += " Setting: " + c.Setting + "."
		}
		out[c.Node] = strings.TrimPrefix(out[c.Node]+"\n"+c.Text, "\n")
	}
	return out
}

// trackerStatus is hamilton_tracker_status_v1.
func (r *Run) trackerStatus() model.TrackerStatusPayload {
	if r.tracker == nil {
		h := r.opts.Resolved.Settings.Hamilton
		return model.TrackerStatusPayload{APIURL: h.APIURL, ProjectID: h.ProjectID, Username: h.Username}
	}
	p := r.tracker.Status()
	now := r.Snapshot().Tracker
	p.ErrorURL, p.CompareURL = now.ErrorURL, now.CompareURL
	p.LastError, p.SpoolError = r.keys.Text(p.LastError), r.keys.Text(p.SpoolError)
	return p
}

// trackerLine says in one line what became of the run at the server.
func trackerLine(p model.TrackerStatusPayload) string {
	what := "schemas, code, times, errors and tags"
	if p.Statistics {
		what = "statistics, " + what
	}
	if p.Delivered {
		return fmt.Sprintf("Run %s: %s sent, %d refused, with %s.", p.RunURL, human.Counted(p.NodesSent, "node"), p.NodesRejected, what)
	}
	if p.SpoolError != "" {
		return fmt.Sprintf("%s sent; what the server lacks could not be kept, but for %d of them (%s): %s.", human.Counted(p.NodesSent, "node"), p.NodesSpooled, p.SpoolError,
			cmp.Or(p.LastError, "the server did not answer in time"))
	}
	return fmt.Sprintf("%s sent, %d wait in %s for `buildscope tracker push` (%s): %s.", human.Counted(p.NodesSent, "node"), p.NodesSpooled, p.Spool, what,
		cmp.Or(p.LastError, "the server did not answer in time"))
}

// Pushed is what PushTracked did for one run.
type Pushed struct {
	RunID string
	Nodes int64
	URL   string
}

// PushTracked sends what earlier runs could not, the oldest first; refs name some
// of them, none means all. It refuses while a build uses the work directory,
// whose journal would otherwise be written by two.
func PushTracked(ctx context.Context, res *presets.Resolved, refs []string, told func(Pushed)) (err error) {
	workDir := res.Settings.Build.WorkDir
	wanted := map[string]bool{}
	for _, ref := range refs {
		b, err := bundle.Find(workDir, ref)
		if err != nil {
			return err
		}
		wanted[b.Dir] = true
	}
	dirs := tracker.Waiting(workDir)
	if len(dirs) == 0 {
		return nil
	}
	unlock, err := lockDir(workDir, "work directory")
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, unlock()) }()
	dirs = tracker.Waiting(workDir)
	if len(refs) > 0 {
		dirs = slices.DeleteFunc(dirs, func(d string) bool { return !wanted[d] })
	}
	var errs []error
	for _, dir := range dirs {
		n, url, err := tracker.Push(ctx, dir, TrackerTarget(res.Settings.Hamilton))
		if err != nil {
			errs = append(errs, fmt.Errorf("send %s: %w", dir, err))
			continue
		}
		told(Pushed{RunID: filepath.Base(dir), Nodes: n, URL: url})
	}
	return errors.Join(errs...)
}
