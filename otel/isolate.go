package otel

import (
	"os"
	"sort"
	"strings"

	"github.com/go-logr/logr"
	"go.opentelemetry.io/otel"
	"google.golang.org/grpc/grpclog"
)

// Isolate takes the OTEL_ variables out of the process, because the SDK would read
// them behind the settings' back, and keeps what libraries log off the terminal.
// The program calls it once, before anything else; it returns the names it took.
func Isolate(environ map[string]string) []string {
	var names []string
	for name := range environ {
		if strings.HasPrefix(name, "OTEL_") {
			names = append(names, name)
			os.Unsetenv(name)
		}
	}
	sort.Strings(names)
	otel.SetErrorHandler(otel.ErrorHandlerFunc(func(error) {})) // the exporters' counters hold the facts
	otel.SetLogger(logr.Discard())
	grpclog.SetLoggerV2(grpclog.NewLoggerV2(discard{}, discard{}, discard{}))
	return names
}

type discard struct{}

func (discard) Write(p []byte) (int, error) { return len(p), nil }
