package tui

import (
	"context"
	"time"
)

// fakeDoctor makes checks as the test lets it.
type fakeDoctor struct {
	settings *fakeSettings
	ids      [][]string      // of every examination
	hold     <-chan struct{} // closed when the collector may answer; nil: it answers at once
}

func (f *fakeDoctor) doctor() *Doctor {
	return &Doctor{Start: f.start, Checks: []DoctorCheck{
		{ID: "D01", Title: "endpoint syntax", Doc: "Scheme, host and port of every endpoint.", Key: "otel.endpoint"},
		{ID: "D03", Title: "connection", Doc: "Something listens there. Over HTTP a refused connection loses data at once.", Key: "otel.endpoint"},
		{ID: "D10", Title: "path and answer", Doc: "An empty export gets an answer from the URL in use.", Key: "otel.endpoint"},
		{ID: "D20", Title: "sampler", Doc: "The sampler lets something through, and its argument is used.", Key: "otel.sampler_arg"},
		{ID: "D27", Title: "sources of settings", Doc: "Variables that win over the file."},
	}}
}

func (f *fakeDoctor) start(ids []string) Examination {
	f.ids = append(f.ids, ids)
	hold := f.hold
	endpoint, arg := f.settings.find("otel.endpoint").Text, f.settings.find("otel.sampler_arg").Text
	edits := f.settings.Edits()
	sampler := DoctorFinding{Word: "ok"}
	if arg != "0.5" {
		sampler = DoctorFinding{Word: "warn", Key: "otel.sampler_arg", Value: arg, Source: "default", Means: "every span is exported", Fix: "0.5", Mends: true,
			Forms: [][2]string{{"flag", "--otel-sampler-arg=0.5"}, {"file", "[otel]\nsampler_arg = 0.5"}}}
	}
	found := map[string]DoctorFinding{
		"D01": {Word: "ok"},
		"D03": {Word: "fail", Signals: []string{"traces", "logs"}, Key: "otel.endpoint", Value: endpoint, Source: "env OTEL_EXPORTER_OTLP_ENDPOINT",
			Seen: "dial tcp: \x1b[2Jconnection refused", Means: "nothing listens there", Advice: "start the collector, or name its host and port"},
		"D10": {Word: "skipped", Means: "D03 failed"},
		"D20": sampler,
		"D27": {Word: "ok", Seen: "17 variables"},
	}
	return Examination{
		Run: func(ctx context.Context, tell func(DoctorNews)) {
			for _, id := range ids {
				tell(DoctorNews{ID: id})
				what := found[id]
				if hold != nil && id == "D03" {
					select {
					case <-hold:
					case <-ctx.Done():
					}
				}
				if ctx.Err() != nil {
					what = DoctorFinding{Word: "skipped", Means: "the examination was broken off"}
				}
				tell(DoctorNews{ID: id, Found: &what})
				tell(DoctorNews{ID: id, Over: true, Took: map[string]time.Duration{"D03": 31 * time.Millisecond}[id]})
			}
		},
		Stale: func(id string) bool {
			switch id {
			case "D20":
				return f.settings.find("otel.sampler_arg").Text != arg
			case "D27":
				return f.settings.Edits() != edits
			}
			return f.settings.find("otel.endpoint").Text != endpoint
		},
	}
}

// withDoctor adds a doctor to options that have settings of the test.
func withDoctor(opts Options) (Options, *fakeDoctor) {
	f := &fakeDoctor{settings: opts.Settings.(*fakeSettings)}
	opts.Doctor = f.doctor()
	return opts, f
}
