package presets

import (
	"errors"
	"fmt"
	"net/url"
	"slices"
	"strconv"
	"strings"

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

func validEndpoint(v any) error {
	s := v.(string)
	if s == "" {
		return nil
	}
	u, err := url.Parse(s)
	if err != nil || u.Scheme != "http" && u.Scheme != "https" || u.Host == "" {
		return errors.New("must be a URL with scheme and host, such as http://localhost:4317")
	}
	if u.User != nil || u.RawQuery != "" {
		return errors.New("must not hold a user name, password or query: exporters drop them; use otel.headers")
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

// crossChecks compares settings with each other.
func crossChecks(r *Resolved) (errs []error) {
	o := r.Settings.OTel
	fail := func(key, reason string) {
		v := r.Value(key)
		errs = append(errs, fmt.Errorf("%s = %s (%s): %s", key, v.Text, v.Source, reason))
	}
	about := func(key string) string {
		v := r.Value(key)
		return fmt.Sprintf("%s = %s (%s)", key, v.Text, v.Source)
	}
	if o.BSPMaxExportBatch > o.BSPMaxQueueSize {
		fail("otel.bsp_max_export_batch_size", "must not be larger than "+about("otel.bsp_max_queue_size"))
	}
	if u, err := url.Parse(o.Endpoint); err == nil && o.Endpoint != "" {
		if o.Protocol == "grpc" && strings.Trim(u.Path, "/") != "" {
			fail("otel.endpoint", "must have no path with "+about("otel.protocol"))
		}
		if u.Scheme == "https" && o.Insecure {
			fail("otel.insecure", "contradicts "+about("otel.endpoint"))
		}
	}
	if slices.Contains(o.Exporter, "otlp") && o.Endpoint == "" {
		fail("otel.exporter", "otlp needs otel.endpoint, such as http://localhost:4317")
	}
	if (o.ClientCertificate == "") != (o.ClientKey == "") {
		fail("otel.client_certificate", "needs otel.client_key, and the reverse: "+about("otel.client_key"))
	}
	return errs
}

// nearestName suggests the setting that a misspelt one may mean.
func nearestName(name string) string {
	if near := model.Nearest(name, names()); near != "" {
		return "; did you mean " + near + "?"
	}
	return ""
}
