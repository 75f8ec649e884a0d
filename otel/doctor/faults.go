package doctor

import (
	"errors"
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/buildscope/buildscope/model"
	"github.com/buildscope/buildscope/presets"
)

// Faults turns the settings' own faults into findings: while there is one, nothing
// else can be checked. Other errors give one finding each.
func Faults(err error) []Finding {
	keys, _ := presets.Lookup("diagnostics.redact_keys")
	d := &doctor{redact: model.NewRedactor(strings.Split(keys.Default, ","))}
	list := []error{err}
	var all *presets.Errors
	if errors.As(err, &all) {
		list = all.List
	}
	var out []Finding
	for _, e := range list {
		var fault *presets.Fault
		if !errors.As(e, &fault) {
			out = append(out, Finding{ID: "D27", Severity: Fail, Means: e.Error()})
			continue
		}
		out = append(out, d.complete(fromFault(fault)))
	}
	Sort(out)
	return out
}

func fromFault(fault *presets.Fault) Finding {
	f := Finding{Severity: Fail, Key: fault.Key, Value: fault.Text, Source: fault.Source, Means: fault.Err.Error()}
	for _, verb := range []string{"must ", "needs ", "contradicts "} {
		if strings.HasPrefix(f.Means, verb) {
			f.Means = "it " + f.Means
		}
	}
	s, ok := presets.Lookup(fault.Key)
	if !ok {
		f.ID = "D27"
		return f
	}
	f.ID = faultID(s)
	fix, ok := faultFix(s, fault)
	if ok && presets.ValidateText(s.Name(), fix) != nil {
		fix = s.Default
	}
	if ok && fix != "" {
		f.Fix = to(fix)
	}
	return f
}

// faultID is the check that a setting's own fault belongs to.
func faultID(s presets.Setting) string {
	switch {
	case s.Section == "engine" && (strings.Contains(s.Key, "cache") || strings.Contains(s.Key, "statistics")):
		return "D28"
	case s.Section == "engine":
		return "D29"
	case s.Section != "otel":
		return "D27"
	}
	for _, c := range []struct{ part, id string }{
		{"endpoint", "D01"}, {"insecure", "D08"}, {"certificate", "D08"}, {"client_key", "D08"}, {"headers", "D14"},
		{"exporter", "D15"}, {"protocol", "D15"}, {"compression", "D16"}, {"sampler", "D20"}, {"queue", "D21"}, {"batch", "D21"},
		{"delay", "D22"}, {"interval", "D22"}, {"timeout", "D23"}, {"resource", "D24"}, {"service", "D24"}, {"limit", "D26"},
	} {
		if strings.Contains(s.Key, c.part) {
			return c.id
		}
	}
	return "D27"
}

// faultFix is what was probably meant, or the default.
func faultFix(s presets.Setting, fault *presets.Fault) (string, bool) {
	text := strings.TrimSpace(fault.Text)
	switch {
	case fault.Meant != "":
		return fault.Meant, true
	case s.Secret:
		return "", false
	case strings.HasSuffix(s.Key, "endpoint"):
		return fixedEndpoint(text)
	case s.Kind == presets.Duration:
		if v, err := time.ParseDuration(text); err == nil { // written as here, in a variable that counts milliseconds
			return v.String(), true
		}
	case s.Kind == presets.Float:
		if v, err := strconv.ParseFloat(strings.TrimSuffix(text, "%"), 64); err == nil && strings.HasSuffix(text, "%") {
			return strconv.FormatFloat(v/100, 'g', -1, 64), true
		}
	case s.Kind == presets.Enum && strings.HasPrefix(text, "http"):
		return "http/protobuf", true // http, http/json
	case s.Kind == presets.Enum:
		lower := strings.ToLower(text)
		if near := model.Nearest(lower, s.Allowed); near != "" {
			return near, true
		}
	case s.Kind == presets.Path, s.Kind == presets.Map, s.Kind == presets.List:
		return "", false
	}
	return s.Default, s.Default != ""
}

// fixedEndpoint adds a scheme and takes away what exporters would drop.
func fixedEndpoint(text string) (string, bool) {
	if !strings.Contains(text, "://") {
		text = "http://" + text
	}
	// The user is hidden by signs that no URL may have.
	scheme, rest, _ := strings.Cut(text, "://")
	authority, path, _ := strings.Cut(rest, "/")
	u, err := url.Parse(scheme + "://" + authority[strings.LastIndexByte(authority, '@')+1:] + "/" + path)
	if err != nil || u.Host == "" {
		return "", false
	}
	if u.Scheme != "http" && u.Scheme != "https" {
		u.Scheme = "http"
	}
	u.Path, u.RawQuery = strings.TrimSuffix(u.Path, "/"), ""
	return u.String(), true
}
