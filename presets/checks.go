package presets

import (
	"errors"
	"fmt"
	"net/url"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"unicode"

	"github.com/buildscope/buildscope/model"
)

func nonEmptyList(v any) error {
	if len(v.([]string)) == 0 {
		return errors.New("must name at least one")
	}
	return nil
}

func wholeNumberText(v any) error {
	if s := v.(string); s != "" {
		if _, err := strconv.ParseUint(s, 10, 63); err != nil {
			return errors.New("must be the number of a project")
		}
	}
	return nil
}

func validExporters(v any) error {
	list := v.([]string)
	for i, e := range list {
		if slices.Contains(list[:i], e) {
			return fmt.Errorf("%s is given twice", e)
		}
	}
	if len(list) > 1 && slices.Contains(list, "none") {
		return errors.New("none cannot be combined with another exporter")
	}
	return nil
}

// httpURL reads the URL of a server; example is one that would do.
func httpURL(text, example string) (*url.URL, error) {
	u, err := url.Parse(text)
	if err != nil || u.Scheme != "http" && u.Scheme != "https" || u.Host == "" {
		return nil, errors.New("must be a URL with scheme and host, such as " + example)
	}
	return u, nil
}

func validEndpoint(v any) error {
	s := v.(string)
	if s == "" {
		return nil
	}
	u, err := httpURL(s, "http://localhost:4317")
	if err != nil {
		return err
	}
	if u.User != nil || u.RawQuery != "" {
		return errors.New("must not hold a user name, password or query: exporters drop them; use otel.headers")
	}
	return nil
}

func validServerURL(v any) error {
	u, err := httpURL(v.(string), "http://localhost:8241")
	if err != nil {
		return err
	}
	if u.User != nil || u.RawQuery != "" || u.Fragment != "" {
		return errors.New("must not hold a user name, password, query or fragment; use hamilton.api_key")
	}
	return nil
}

func validStoreURL(v any) error {
	s := v.(string)
	if s == "" {
		return nil
	}
	u, err := httpURL(s, "http://localhost:9000")
	if err != nil {
		return err
	}
	if u.User != nil || u.RawQuery != "" || u.Fragment != "" || strings.Trim(u.Path, "/") != "" {
		return errors.New("must not hold a user name, path, query or fragment; the bucket is in the path of a source, the key in engine.s3_access_key_id")
	}
	return nil
}

// printableText refuses what could not stand in a header of a request.
func printableText(v any) error {
	for _, r := range v.(string) {
		if r < 0x20 || r > 0x7e {
			return errors.New("must be printable ASCII: it is sent as a header")
		}
	}
	return nil
}

func validHeaders(v any) error {
	for k, val := range v.(map[string]string) {
		for _, r := range k + val {
			if r < 0x20 || r > 0x7e {
				return fmt.Errorf("header %s must be printable ASCII", strconv.QuoteToASCII(k))
			}
		}
	}
	return nil
}

// themeName refuses what is neither a name nor the path of a file. Whether there is
// such a theme is for the screen to find out.
func themeName(v any) error {
	s := v.(string)
	if s != strings.TrimSpace(s) || s == "" || strings.ContainsFunc(s, unicode.IsControl) {
		return errors.New("must be auto, dark, light, ascii, the name of a theme of your own or the path of its file")
	}
	return nil
}

// ThemeKey is the name of the setting that chooses the look of the screen.
const ThemeKey = "tui.theme"

// ThemeFile is the file that tui.theme names by its path; "" when it is a name. A
// relative path starts beside the config file that has it, else in the working
// directory.
func (r *Resolved) ThemeFile() string {
	text := r.texts[ThemeKey]
	switch {
	case !strings.ContainsRune(text, filepath.Separator) && !strings.HasSuffix(text, ".toml"):
		return ""
	case filepath.IsAbs(text):
		return text
	case strings.HasPrefix(r.Value(ThemeKey).Source, "file "):
		return filepath.Join(filepath.Dir(r.File), text)
	}
	return filepath.Join(r.dir, text)
}

// crossChecks compares settings with each other.
func crossChecks(r *Resolved) (errs []error) {
	o := r.Settings.OTel
	fail := func(key, reason, meant string) { errs = append(errs, r.fault(key, reason, meant)) }
	if o.BSPMaxExportBatch > o.BSPMaxQueueSize {
		fail("otel.bsp_max_export_batch_size", "must not be larger than "+r.about("otel.bsp_max_queue_size"), r.Value("otel.bsp_max_queue_size").Text)
	}
	if o.BLRPMaxExportBatch > o.BLRPMaxQueueSize {
		fail("otel.blrp_max_export_batch_size", "must not be larger than "+r.about("otel.blrp_max_queue_size"), r.Value("otel.blrp_max_queue_size").Text)
	}
	if (o.ClientCertificate == "") != (o.ClientKey == "") {
		fail("otel.client_certificate", "needs otel.client_key, and the reverse: "+r.about("otel.client_key"), "")
	}
	if e := r.Settings.Engine; (e.S3AccessKeyID == "") != (e.S3SecretAccessKey == "") {
		fail("engine.s3_access_key_id", "needs engine.s3_secret_access_key, and the reverse: "+r.about("engine.s3_secret_access_key"), "")
	} else if e.S3SessionToken != "" && e.S3AccessKeyID == "" {
		fail("engine.s3_session_token", "belongs to a key: "+r.about("engine.s3_access_key_id"), "")
	}
	if e := r.Settings.Engine; e.Kind == model.EngineFlightSQL && e.Endpoint == "" {
		fail("engine.kind", "needs "+r.about("engine.endpoint")+" to be grpc://host:port or grpc+tls://host:port", "")
	}
	if e := r.Settings.Engine; (e.ClientCert == "") != (e.ClientKey == "") {
		fail("engine.client_certificate", "needs engine.client_key, and the reverse: "+r.about("engine.client_key"), "")
	}
	if e := r.Settings.Engine; e.CACertificate+e.ClientCert != "" && strings.HasPrefix(e.Endpoint, "grpc://") {
		fail("engine.endpoint", "has no TLS, for which certificates are given; it must be grpc+tls://host:port", "")
	}
	if h := r.Settings.Hamilton; h.EnableTracker && (h.ProjectID == "" || h.Username == "") {
		fail("hamilton.enable_tracker", fmt.Sprintf("needs %s and %s; `buildscope tracker projects` lists projects, `buildscope tracker create-project` makes one",
			r.about("hamilton.project_id"), r.about("hamilton.username")), "")
	}
	return append(errs, r.checkDestinations()...)
}

// Fault is a value that cannot be used.
type Fault struct {
	Key    string
	Text   string // as it was given; masked if it is secret
	Source string // as in model.Value
	Err    error  // what is wrong with it
	Meant  string // a value that would do; "" if none is known
}

func (f *Fault) Error() string {
	return fmt.Sprintf("%s = %s (%s): %v", f.Key, f.Text, f.Source, f.Err)
}

// Unwrap gives what is wrong.
func (f *Fault) Unwrap() error { return f.Err }

// fault says what is wrong with a value.
func (r *Resolved) fault(key, reason, meant string) error {
	v := r.Value(key)
	return &Fault{Key: key, Text: v.Text, Source: v.Source, Err: errors.New(reason), Meant: meant}
}

// Sourced gives each model.SettingError of an error that has some the value and the
// source of its setting; any other error it gives back.
func (r *Resolved) Sourced(err error) error {
	var faults []error
	var walk func(err error)
	walk = func(err error) {
		if of, ok := err.(*model.SettingError); ok {
			v := r.Value(of.Key)
			faults = append(faults, &Fault{Key: of.Key, Text: v.Text, Source: v.Source, Err: of.Err})
			return
		}
		switch err := err.(type) {
		case interface{ Unwrap() []error }:
			for _, one := range err.Unwrap() {
				walk(one)
			}
		case interface{ Unwrap() error }:
			walk(err.Unwrap())
		}
	}
	walk(err)
	if len(faults) == 0 {
		return err
	}
	return &Errors{List: faults}
}

// about names a setting with its value and source.
func (r *Resolved) about(key string) string {
	v := r.Value(key)
	return fmt.Sprintf("%s = %s (%s)", key, v.Text, v.Source)
}

// splitEndpoint gives the path of an endpoint, without slashes around it, and
// whether it asks for TLS; ok is false when there is no endpoint.
func splitEndpoint(text string) (path string, secure, ok bool) {
	u, err := url.Parse(text)
	if err != nil || text == "" {
		return "", false, false
	}
	return strings.Trim(u.Path, "/"), u.Scheme == "https", true
}

// nearestName suggests the setting that a misspelt one may mean.
func nearestName(name string) string {
	if near := model.Nearest(name, names()); near != "" {
		return "; did you mean " + near + "?"
	}
	return ""
}

func validFlightEndpoint(v any) error {
	s := v.(string)
	if s == "" {
		return nil
	}
	u, err := url.Parse(s)
	if err != nil || u.Scheme != "grpc" && u.Scheme != "grpc+tls" || u.Hostname() == "" || u.Port() == "" || strings.Trim(u.Path, "/") != "" || u.RawQuery != "" || u.User != nil {
		return errors.New("must be grpc://host:port, or grpc+tls://host:port for TLS")
	}
	return nil
}
