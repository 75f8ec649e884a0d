package doctor

import (
	"context"
	"net"
	"net/http"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/buildscope/buildscope/model"
)

// follow makes checks and notes in which order things are told: "+D01" when a check
// begins, "D01" for a finding, "-D01" when it is over.
func follow(ctx context.Context, o Options) (told []string) {
	o.Step = func(s Step) {
		mark := "+"
		if s.Over {
			mark = "-"
		}
		told = append(told, mark+s.ID)
	}
	Run(ctx, o, func(f Finding) { told = append(told, f.ID) })
	return told
}

// wellFormed checks that every check begins once, then has findings, then is over
// once, and nothing after that.
func wellFormed(t *testing.T, told []string, ids []string) {
	t.Helper()
	for _, id := range ids {
		var of []string
		for _, x := range told {
			if strings.HasSuffix(x, id) {
				of = append(of, x)
			}
		}
		n := len(of)
		if n < 3 || of[0] != "+"+id || of[n-1] != "-"+id || slices.ContainsFunc(of[1:n-1], func(x string) bool { return x != id }) {
			t.Errorf("%s: %v", id, of)
		}
	}
}

func all() (ids []string) {
	for _, c := range Checks() {
		ids = append(ids, c.ID)
	}
	return ids
}

func TestStepsOfChecks(t *testing.T) {
	fine := serve(t, everywhere(func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusOK) }))
	closed := "http://127.0.0.1:1"
	for name, flags := range map[string][]string{
		"nothing is sent": nil,
		"nobody listens":  {"otel-endpoint", closed},
		"two targets":     {"otel-endpoint", fine.URL, "otel-protocol", "http/protobuf", "otel-logs-endpoint", closed, "otel-logs-protocol", "grpc"},
		"TLS of neither":  {"otel-endpoint", strings.Replace(fine.URL, "http:", "https:", 1), "otel-protocol", "http/protobuf"},
	} {
		t.Run(name, func(t *testing.T) {
			wellFormed(t, follow(t.Context(), Options{Resolved: resolve(t, nil, flags...)}), all())
		})
	}
}

// What is found out below an export is told before the export is over.
func TestLayersAreToldAsTheyAreKnown(t *testing.T) {
	release := make(chan struct{})
	s := serve(t, everywhere(func(http.ResponseWriter, *http.Request) { <-release }))
	r := resolve(t, nil, "otel-endpoint", s.URL, "otel-protocol", "http/protobuf")
	open := true
	Run(t.Context(), Options{Resolved: r}, func(f Finding) {
		switch {
		case f.ID == "D03" && !open:
			t.Error("the connection was told after an answer")
		case f.ID == "D05" && open: // the layer after it: the server may answer now
			open = false
			close(release)
		}
	})
	if open {
		t.Error("nothing was told while the collector was silent")
	}
}

// Breaking off ends every check that has begun.
func TestStepsWhenBrokenOff(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	silent := accept(t, func(c net.Conn) { cancel(); c.Close() })
	wellFormed(t, follow(ctx, Options{Resolved: resolve(t, nil, "otel-endpoint", "http://"+silent)}), all())
}

// A disk that hangs costs its check, not the others.
func TestALocalCheckThatHangs(t *testing.T) {
	r := resolve(t, nil)
	synctest.Test(t, func(t *testing.T) {
		disk := make(chan struct{})
		var list []Finding
		var took time.Duration
		d := &doctor{redact: model.NewRedactor(nil), Options: Options{Resolved: r, Step: func(s Step) { took = s.Took }}, found: func(f Finding) { list = append(list, f) }}
		d.try(t.Context(), "D25", func() []Finding { <-disk; return nil })
		close(disk)
		if len(list) != 1 || list[0].Severity != Fail || !strings.Contains(list[0].Means, "no answer within 5s") || took != localFor {
			t.Errorf("%+v after %s", list, took)
		}
	})
}
