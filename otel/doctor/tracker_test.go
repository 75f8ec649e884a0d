package doctor_test

import (
	"context"
	"errors"
	"strings"
	"testing"

	"github.com/buildscope/buildscope/otel/doctor"
	"github.com/buildscope/buildscope/presets"
)

// The Hamilton server is asked only while the tracker is on, and what it says leads
// to the setting that is wrong.
func TestHamiltonServer(t *testing.T) {
	on := []presets.FlagValue{{Name: "enable-hamilton-tracker", Text: "true"}, {Name: "hamilton-project-id", Text: "7"}, {Name: "hamilton-username", Text: "u"}}
	for name, c := range map[string]struct {
		flags    []presets.FlagValue
		projects map[string]string
		err      error
		severity doctor.Severity
		key, say string
	}{
		"off":        {nil, nil, errors.New("must not be asked"), doctor.OK, "", ""},
		"fine":       {on, map[string]string{"7": "demo"}, nil, doctor.OK, "", ""},
		"no project": {on, map[string]string{"1": "other"}, nil, doctor.Fail, "hamilton.project_id", "1 (other)"},
		"no server":  {on, nil, errors.New("connection refused"), doctor.Fail, "hamilton.api_url", "refused"},
		"wrong key":  {on, nil, errors.New("the server answered 401"), doctor.Fail, "hamilton.username", "api_key"},
	} {
		t.Run(name, func(t *testing.T) {
			res, err := presets.Resolve(presets.Input{Dir: t.TempDir(), Flags: c.flags, Env: map[string]string{"HOME": t.TempDir()}})
			if err != nil {
				t.Fatal(err)
			}
			list := doctor.Check(t.Context(), doctor.Options{Resolved: res, IDs: []string{"D30"},
				Projects: func(context.Context) (map[string]string, error) { return c.projects, c.err }})
			if len(list) != 1 {
				t.Fatalf("%+v", list)
			}
			f := list[0]
			if f.Severity != c.severity || f.Key != c.key || !strings.Contains(f.Seen+f.Means+f.Advice, c.say) {
				t.Errorf("%+v", f)
			}
		})
	}
}
