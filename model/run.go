package model

import "time"

// RunState is where a run is in its life.
type RunState uint8

const (
	RunStarting   RunState = iota // settings, bundle, telemetry, engine
	RunRunning                    // nodes run
	RunFinishing                  // outputs are published, the report is written, telemetry is flushed
	RunSucceeded                  // every node that was asked for has its outputs
	RunFailed                     // a node failed, or the outputs could not be written
	RunCancelled                  // somebody cancelled it
	RunIncomplete                 // read back from a bundle whose process died
)

var runStateNames = [...]string{"starting", "running", "finishing", "succeeded", "failed", "cancelled", "incomplete"}

// RunStates lists all states, in the order of a run's life.
func RunStates() []RunState {
	out := make([]RunState, len(runStateNames))
	for i := range out {
		out[i] = RunState(i)
	}
	return out
}

// String gives the word that is stored and shown.
func (s RunState) String() string {
	if int(s) < len(runStateNames) {
		return runStateNames[s]
	}
	return "unknown"
}

// MarshalText makes the word the JSON form.
func (s RunState) MarshalText() ([]byte, error) { return []byte(s.String()), nil }

// UnmarshalText reads the word; an unknown word reads as incomplete.
func (s *RunState) UnmarshalText(b []byte) error {
	*s = RunIncomplete
	for i, name := range runStateNames {
		if name == string(b) {
			*s = RunState(i)
		}
	}
	return nil
}

// Ended reports whether the run is over.
func (s RunState) Ended() bool { return s >= RunSucceeded }

// RunSnapshot is a run at one moment, for viewers.
type RunSnapshot struct {
	RunID     string
	State     RunState
	Profile   string
	RepoRoot  string
	Workers   int    // nodes that may run at the same time; 0 when it is not known here
	OutputDir string // of this run; set once the outputs are published
	BundleDir string
	Started   time.Time
	Ended     time.Time // zero while it runs
	Err       string    // first cause, with the node's name
	ErrNode   string
	Exports   []ExportCounts
	Outputs   []OutputLocation
	WhySlow   *WhySlowPayload // so far; nil when it is not known here. Never changed once it is given
	Tracker   TrackerSnapshot
	Warnings  []DataTestResult // data tests of severity warn that found rows; set at the end
}

// TrackerSnapshot is what a Hamilton server has of a run at one moment. The zero
// value is a run that is not tracked.
type TrackerSnapshot struct {
	Enabled    bool
	Statistics bool   // statistics and values are sent, not only schemas, code, times and errors
	RunURL     string // page of the run; "" until the server has it
	ErrorURL   string // page of the node that failed first
	CompareURL string // page of this run beside the last good one that the server has
	NodesSent  int64  // ended nodes that the server has
	Delivered  bool   // the server has everything
	Away       bool   // the last request had no good answer
}

// ExportCounts is what became of the spans, log records or data points given to
// one exporter. Created = SampledOut + Queued + Sent + Rejected + Failed + Dropped
// + Lost at every moment.
type ExportCounts struct {
	Signal      string           `json:"signal" doc:"traces, metrics or logs; they count spans, data points and log records"`
	Exporter    string           `json:"exporter" doc:"otlp grpc, otlp http/protobuf, stdout or file"`
	Endpoint    string           `json:"endpoint" doc:"where it sends, without credentials"`
	Created     int64            `json:"created" doc:"items that were made"`
	SampledOut  int64            `json:"sampled_out" doc:"items the sampler kept from the exporter"`
	Queued      int64            `json:"queued" doc:"items waiting or in flight"`
	Sent        int64            `json:"sent" doc:"items the receiver accepted"`
	Rejected    int64            `json:"rejected" doc:"items the receiver refused in a partial success"`
	Failed      int64            `json:"failed" doc:"items of failed export calls"`
	FailedBy    map[string]int64 `json:"failed_by,omitempty" doc:"failed, by reason"`
	Dropped     int64            `json:"dropped" doc:"items a full queue turned away"`
	Lost        int64            `json:"lost" doc:"items still queued or in flight when the time to shut down was over"`
	Message     string           `json:"message,omitempty" doc:"what the receiver last said in a partial success, sanitised"`
	LastError   string           `json:"last_error,omitempty" doc:"last error in words, sanitised and redacted"`
	SpentNS     int64            `json:"spent_ns" doc:"time spent in export calls, nanoseconds"`
	ExportCalls int64            `json:"export_calls" doc:"number of export calls"`
}

// Missing is how many items should have arrived and did not.
func (c ExportCounts) Missing() int64 { return c.Rejected + c.Failed + c.Dropped + c.Lost }
