package doctor

import (
	"encoding/json"
	"fmt"
	"os"
	"path"
	"path/filepath"
	"regexp"
	"runtime"
	"slices"
	"strings"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"github.com/buildscope/buildscope/model"
	"github.com/buildscope/buildscope/presets"
)

// local are the checks that talk to nobody.
func local() (ids []string) {
	for _, c := range Checks() {
		if !c.Network {
			ids = append(ids, c.ID)
		}
	}
	return ids
}

// What is wrong with the settings alone is found without a connection.
func TestSettings(t *testing.T) {
	endpoint := []string{"otel-endpoint", "http://127.0.0.1:4317"}
	took := func(d time.Duration) []PastRun { return []PastRun{{Took: d}} }
	for name, c := range map[string]struct {
		env   map[string]string
		flags []string
		runs  []PastRun
		want  want
	}{
		"port":               {nil, []string{"otel-endpoint", "http://127.0.0.1:99999"}, nil, want{"D01", Fail, "otel.endpoint", "http://127.0.0.1:4317", "port 99999"}},
		"colon":              {nil, append(endpoint, "otel-headers", "Authorization: Basic aHVudGVyMg=="), nil, want{"D14", Fail, "otel.headers", "", ""}},
		"encoded twice":      {nil, append(endpoint, "otel-headers", "authorization=Bearer%2520x"), nil, want{"D14", Fail, "otel.headers", "", ""}},
		"quotes":             {nil, append(endpoint, "otel-headers", `authorization="Bearer x"`), nil, want{"D14", Fail, "otel.headers", "", ""}},
		"reserved":           {nil, append(endpoint, "otel-logs-headers", "Content-Type=text/plain"), nil, want{"D14", Fail, "otel.logs_headers", "", ""}},
		"gRPC's own":         {nil, append(endpoint, "otel-headers", "grpc-timeout2=1"), nil, want{"D14", Fail, "otel.headers", "", ""}},
		"no value":           {nil, append(endpoint, "otel-headers", "x-key="), nil, want{"D14", Fail, "otel.headers", "", ""}},
		"spaces":             {nil, append(endpoint, "otel-headers", "x-key=%20a"), nil, want{"D14", Fail, "otel.headers", "", ""}},
		"signal off":         {nil, append(endpoint, "otel-enable-logs", "false", "otel-logs-exporter", "otlp"), nil, want{"D15", Warn, "otel.enable_logs", "true", ""}},
		"no exporter":        {map[string]string{"OTEL_EXPORTER_OTLP_HEADERS": "a=b"}, nil, nil, want{"D15", Warn, "otel.exporter", "otlp", ""}},
		"always off":         {nil, append(endpoint, "otel-sampler", "always_off"), nil, want{"D20", Warn, "otel.sampler", "always_on", ""}},
		"parents off":        {nil, append(endpoint, "otel-sampler", "parentbased_always_off"), nil, want{"D20", Warn, "otel.sampler", "parentbased_always_on", ""}},
		"ratio 0":            {nil, append(endpoint, "otel-sampler", "traceidratio", "otel-sampler-arg", "0"), nil, want{"D20", Warn, "otel.sampler_arg", "1", ""}},
		"ratio next to 0":    {nil, append(endpoint, "otel-sampler", "traceidratio", "otel-sampler-arg", "0.001"), nil, want{"D20", Warn, "otel.sampler_arg", "1", ""}},
		"unused argument":    {nil, append(endpoint, "otel-sampler", "parentbased_always_on", "otel-sampler-arg", "0.1"), nil, want{"D20", Warn, "otel.sampler", "parentbased_traceidratio", ""}},
		"delay":              {nil, append(endpoint, "otel-bsp-schedule-delay", "1m"), took(10 * time.Second), want{"D22", Warn, "otel.bsp_schedule_delay", "1s", "10s"}},
		"interval":           {map[string]string{"OTEL_METRIC_EXPORT_INTERVAL": "60000"}, endpoint, took(2 * time.Second), want{"D22", Warn, "otel.metric_export_interval", "400ms", "2s"}},
		"milliseconds":       {map[string]string{"OTEL_EXPORTER_OTLP_TIMEOUT": "10"}, endpoint, nil, want{"D23", Warn, "otel.timeout", "10s", ""}},
		"batch milliseconds": {map[string]string{"OTEL_BSP_EXPORT_TIMEOUT": "30"}, endpoint, nil, want{"D23", Warn, "otel.bsp_export_timeout", "30s", ""}},
		"two names":          {map[string]string{"OTEL_SERVICE_NAME": "other", "OTEL_RESOURCE_ATTRIBUTES": "service.name=mine"}, endpoint, nil, want{"D24", Warn, "otel.service_name", "mine", ""}},
		"semicolons":         {map[string]string{"OTEL_RESOURCE_ATTRIBUTES": "a=1;b=2"}, endpoint, nil, want{"D24", Warn, "otel.resource_attributes", "", ""}},
		"space in a name":    {map[string]string{"OTEL_RESOURCE_ATTRIBUTES": "a b=1"}, endpoint, nil, want{"D24", Warn, "otel.resource_attributes", "", ""}},
		"quoted attribute":   {map[string]string{"OTEL_RESOURCE_ATTRIBUTES": `a="1"`}, endpoint, nil, want{"D24", Warn, "otel.resource_attributes", "", ""}},
		"empty attribute":    {map[string]string{"OTEL_RESOURCE_ATTRIBUTES": "a="}, endpoint, nil, want{"D24", Warn, "otel.resource_attributes", "", ""}},
		"no repository":      {nil, []string{"repo-root", "nowhere", "work-dir", "."}, nil, want{"D25", Fail, "build.repo_root", "", "nowhere"}},
		"work folder":        {nil, []string{"work-dir", "/proc/nowhere"}, nil, want{"D25", Fail, "build.work_dir", "", "/proc"}},
		"no events":          {nil, append(endpoint, "otel-span-event-count-limit", "0"), nil, want{"D26", Warn, "otel.span_event_count_limit", "128", ""}},
		"no attributes":      {nil, append(endpoint, "otel-attribute-count-limit", "0"), nil, want{"D26", Warn, "otel.attribute_count_limit", "128", ""}},
		"cut values":         {nil, append(endpoint, "otel-attribute-value-length-limit", "8"), nil, want{"D26", Warn, "otel.attribute_value_length_limit", "4096", ""}},
		"disabled":           {map[string]string{"OTEL_SDK_DISABLED": "true"}, endpoint, nil, want{"D27", Warn, "otel.sdk_disabled", "false", ""}},
		"statistics":         {nil, []string{"engine-file-statistics-cache-limit", "0"}, nil, want{"D28", Warn, "engine.file_statistics_cache_limit", "20M", ""}},
		"footers":            {nil, []string{"engine-metadata-cache-limit", "0"}, nil, want{"D28", Warn, "engine.metadata_cache_limit", "50M", ""}},
		"no statistics":      {nil, []string{"engine-collect-statistics", "false", "engine-meta-fetch-concurrency", "64"}, nil, want{"D28", Warn, "engine.collect_statistics", "true", ""}},
		"no listing":         {nil, []string{"engine-list-files-cache-limit", "0", "engine-list-files-cache-ttl", "1m"}, nil, want{"D28", Warn, "engine.list_files_cache_ttl", "none", ""}},
		"long listing":       {nil, []string{"engine-list-files-cache-ttl", "1m"}, took(20 * time.Second), want{"D28", Warn, "engine.list_files_cache_ttl", "5s", ""}},
		"little memory":      {nil, []string{"engine-memory-limit", "200M", "engine-target-partitions", "2"}, nil, want{"D29", Warn, "engine.memory_limit", "250M", ""}},
		"threads":            {nil, []string{"engine-target-partitions", fmt.Sprint(4*runtime.NumCPU() + 1)}, nil, want{"D29", Warn, "engine.target_partitions", "0", ""}},
	} {
		t.Run(name, func(t *testing.T) {
			list := Check(t.Context(), Options{Resolved: resolve(t, c.env, c.flags...), Env: c.env, Runs: c.runs, IDs: local()})
			c.want.one(t, list)
			if data, err := json.Marshal(list); err != nil || strings.Contains(string(data), "aHVudGVyMg") {
				t.Errorf("a secret is told (%v): %s", err, data)
			}
		})
	}
}

// Settings that are as they come give nothing to do, under every profile.
func TestDefaults(t *testing.T) {
	for _, profile := range []string{"off", "prod", "ci", "dev", "debug"} {
		r := resolve(t, nil, "profile", profile)
		list := check(t, Options{Resolved: r, Runs: []PastRun{{Took: time.Second, Spans: 5000}}})
		if p := problems(list); len(p) > 0 {
			t.Errorf("%s: %s", profile, texts(p))
		}
		if s := of(list, "D10"); !slices.Equal(s, []Severity{Skipped}) {
			t.Errorf("%s: D10 is %v", profile, s)
		}
	}
}

// certificates of an endpoint without TLS are named.
func TestUnusedCertificate(t *testing.T) {
	id := certify(t, nil)
	r := resolve(t, nil, "otel-endpoint", serve(t, nil).URL, "otel-protocol", "http/protobuf", "otel-certificate", id.authority)
	want{"D08", Warn, "otel.endpoint", strings.Replace(r.Settings.OTel.Endpoint, "http:", "https:", 1), ""}.one(t, check(t, Options{Resolved: r}))
}

// A variable that wins over the file is named with both values, others are not.
func TestVariableOverFile(t *testing.T) {
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, presets.FileName), []byte("[otel]\nservice_name = \"filed\"\nlog_level = \"warn\"\nheaders = \"a=hunter2\"\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	env := map[string]string{"OTEL_SERVICE_NAME": "varied", "BUILDSCOPE_OTEL_LOG_LEVEL": "warn", "OTEL_EXPORTER_OTLP_HEADERS": "a=hunter2"}
	r, err := presets.Resolve(presets.Input{Dir: dir, Env: env})
	if err != nil {
		t.Fatal(err)
	}
	list := Check(t.Context(), Options{Resolved: r, Env: env, IDs: []string{"D27"}})
	if len(list) != 2 || list[0].Key != "otel.headers" || list[1].Key != "otel.service_name" || list[1].Value != "varied" || list[1].Means != "the variable wins over filed (file buildscope.toml:2)" {
		t.Error(texts(list))
	}
	if strings.Contains(texts(list), "hunter2") {
		t.Error("a secret is told: " + texts(list))
	}
}

// Variables that nobody reads are named, with what is meant.
func TestVariables(t *testing.T) {
	for name, advice := range map[string]string{
		"OTEL_EXPORTER_OTLP_ENDPIONT":        "is OTEL_EXPORTER_OTLP_ENDPOINT meant?",
		"OTEL_EXPORTER_OTLP_TRACE_ENDPOINT":  "is OTEL_EXPORTER_OTLP_TRACES_ENDPOINT meant?",
		"BUILDSCOPE_OTEL_SERVICENAME":        "is BUILDSCOPE_OTEL_SERVICE_NAME meant?",
		"otel_service_name":                  "write OTEL_SERVICE_NAME",
		"OTEL_EXPORTER_OTLP_LOGS_INSECURE":   "set otel.insecure, by --otel-insecure or OTEL_EXPORTER_OTLP_INSECURE",
		"OTEL_LOG_LEVEL":                     "set otel.log_level, by --otel-log-level or BUILDSCOPE_OTEL_LOG_LEVEL",
		"OTEL_PROPAGATORS":                   "unset it, or ignore this if it is meant for other programs",
		"OTEL_XX":                            "unset it",
		"OTEL_PYTHON_LOG_CORRELATION":        "",
		"OTEL_SERVICE_NAME":                  "",
		"OTEL_EXPORTER_OTLP_METRICS_TIMEOUT": "",
		"BUILDSCOPE_BUILD_WORKERS":           "",
		"PATH":                               "",
	} {
		got := ""
		if list := unreadVariables(map[string]string{name: "x"}); len(list) == 1 {
			got = list[0].Advice
		}
		if got != advice {
			t.Errorf("%s: %q, want %q", name, got, advice)
		}
	}
}

// Values that the settings refuse become findings with what was probably meant.
func TestFaults(t *testing.T) {
	for _, c := range []struct {
		env   map[string]string
		flags []presets.FlagValue
		want  want
		env2  string // variable of the fix
	}{
		{env: map[string]string{"OTEL_EXPORTER_OTLP_ENDPOINT": "localhost:4317"}, want: want{"D01", Fail, "otel.endpoint", "http://localhost:4317", ""}, env2: "OTEL_EXPORTER_OTLP_ENDPOINT=http://localhost:4317"},
		{env: map[string]string{"OTEL_EXPORTER_OTLP_ENDPOINT": "https://u:hunter2@h:4318/x?k=1"}, want: want{"D01", Fail, "otel.endpoint", "https://h:4318/x", ""}, env2: "OTEL_EXPORTER_OTLP_ENDPOINT=https://h:4318/x"},
		{flags: []presets.FlagValue{{Name: "otel-endpoint", Text: "http://h:4317/v1/traces"}}, want: want{"D01", Fail, "otel.endpoint", "http://h:4317", ""}},
		{flags: []presets.FlagValue{{Name: "otel-logs-endpoint", Text: "http://h:1/x/"}}, want: want{"D01", Fail, "otel.logs_endpoint", "http://h:1", ""}},
		{flags: []presets.FlagValue{{Name: "otel-endpoint", Text: "tcp://h:4317"}}, want: want{"D01", Fail, "otel.endpoint", "http://h:4317", ""}},
		{env: map[string]string{"OTEL_EXPORTER_OTLP_INSECURE": "true", "OTEL_EXPORTER_OTLP_ENDPOINT": "https://h:4317"}, want: want{"D08", Fail, "otel.insecure", "false", ""}, env2: "OTEL_EXPORTER_OTLP_INSECURE=false"},
		{env: map[string]string{"OTEL_EXPORTER_OTLP_HEADERS": "Authorization: Bearer hunter2"}, want: want{"D14", Fail, "otel.headers", "", ""}},
		{env: map[string]string{"OTEL_EXPORTER_OTLP_HEADERS": "a=%zz"}, want: want{"D14", Fail, "otel.headers", "", ""}},
		{env: map[string]string{"OTEL_EXPORTER_OTLP_PROTOCOL": "http/json"}, want: want{"D15", Fail, "otel.protocol", "http/protobuf", ""}, env2: "OTEL_EXPORTER_OTLP_PROTOCOL=http/protobuf"},
		{env: map[string]string{"OTEL_TRACES_EXPORTER": "jaeger"}, want: want{"D15", Fail, "otel.traces_exporter", "", ""}},
		{env: map[string]string{"OTEL_EXPORTER_OTLP_COMPRESSION": "zstd"}, want: want{"D16", Fail, "otel.compression", "none", ""}, env2: "OTEL_EXPORTER_OTLP_COMPRESSION=none"},
		{env: map[string]string{"OTEL_TRACES_SAMPLER": "Always_On"}, want: want{"D20", Fail, "otel.sampler", "always_on", ""}, env2: "OTEL_TRACES_SAMPLER=always_on"},
		{env: map[string]string{"OTEL_TRACES_SAMPLER_ARG": "50%"}, want: want{"D20", Fail, "otel.sampler_arg", "0.5", ""}, env2: "OTEL_TRACES_SAMPLER_ARG=0.5"},
		{env: map[string]string{"OTEL_BSP_MAX_QUEUE_SIZE": "-1"}, want: want{"D21", Fail, "otel.bsp_max_queue_size", "2048", ""}, env2: "OTEL_BSP_MAX_QUEUE_SIZE=2048"},
		{env: map[string]string{"OTEL_BSP_MAX_QUEUE_SIZE": "100"}, want: want{"D21", Fail, "otel.bsp_max_export_batch_size", "100", ""}},
		{env: map[string]string{"OTEL_BSP_SCHEDULE_DELAY": "10s"}, want: want{"D22", Fail, "otel.bsp_schedule_delay", "10s", ""}, env2: "OTEL_BSP_SCHEDULE_DELAY=10000"},
		{env: map[string]string{"OTEL_EXPORTER_OTLP_TIMEOUT": "0"}, want: want{"D23", Fail, "otel.timeout", "10s", ""}, env2: "OTEL_EXPORTER_OTLP_TIMEOUT=10000"},
		{env: map[string]string{"OTEL_RESOURCE_ATTRIBUTES": "team"}, want: want{"D24", Fail, "otel.resource_attributes", "", ""}},
		{env: map[string]string{"OTEL_ATTRIBUTE_COUNT_LIMIT": "-2"}, want: want{"D26", Fail, "otel.attribute_count_limit", "-1", ""}, env2: "OTEL_ATTRIBUTE_COUNT_LIMIT=-1"},
		{flags: []presets.FlagValue{{Name: "engine-list-files-cache-ttl", Text: "1h"}}, want: want{"D28", Fail, "engine.list_files_cache_ttl", "none", ""}},
		{flags: []presets.FlagValue{{Name: "engine-memory-limit", Text: "2T"}}, want: want{"D29", Fail, "engine.memory_limit", "0", ""}},
		{flags: []presets.FlagValue{{Name: "on-error", Text: "stopp"}}, want: want{"D27", Fail, "build.on_error", "stop", ""}},
	} {
		_, err := presets.Resolve(presets.Input{Dir: t.TempDir(), Env: c.env, Flags: c.flags})
		list := Faults(err)
		if len(list) != 1 {
			t.Errorf("%v: %s", c, texts(list))
			continue
		}
		f, fix, env2 := list[0], "", ""
		if f.Fix != nil {
			fix, env2 = f.Fix.Value, f.Fix.Env
		}
		if f.ID != c.want.id || f.Severity != Fail || f.Key != c.want.key || fix != c.want.fix || env2 != c.env2 || f.Means == "" {
			t.Errorf("%v %v: got fix %q, env %q\n%s", c.env, c.flags, fix, env2, f.Text())
		}
		if strings.Contains(fmt.Sprint(f), "hunter2") {
			t.Errorf("a secret is told: %+v", f)
		}
	}
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, presets.FileName), []byte("[otel]\nendpont = 1\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	_, err := presets.Resolve(presets.Input{Dir: dir})
	if list := Faults(err); len(list) != 1 || list[0].ID != "D27" || !strings.Contains(list[0].Means, "did you mean otel.endpoint") {
		t.Error(texts(list))
	}
}

// What the machine has is compared with what is asked for.
func TestMachine(t *testing.T) {
	only := func(id string, flags ...string) []Finding {
		return problems(Check(t.Context(), Options{Resolved: resolve(t, nil, flags...), IDs: []string{id}}))
	}
	if have := memory(); have > 0 {
		if p := only("D29", "engine-memory-limit", "100000G"); len(p) != 1 || p[0].Key != "engine.memory_limit" || p[0].Fix == nil {
			t.Error(texts(p))
		}
	}
	var old unix.Rlimit
	if err := unix.Getrlimit(unix.RLIMIT_NOFILE, &old); err != nil {
		t.Fatal(err)
	}
	if err := unix.Setrlimit(unix.RLIMIT_NOFILE, &unix.Rlimit{Cur: 1000, Max: old.Max}); err != nil {
		t.Fatal(err)
	}
	p := only("D29", "engine-meta-fetch-concurrency", "600")
	if err := unix.Setrlimit(unix.RLIMIT_NOFILE, &old); err != nil {
		t.Fatal(err)
	}
	if len(p) != 1 || p[0].Key != "engine.meta_fetch_concurrency" || p[0].Fix == nil || p[0].Fix.Value != "250" {
		t.Error(texts(p))
	}
	if inMemory("/dev/shm") {
		if p := only("D25", "engine-temp-directory", "/dev/shm/below"); len(p) == 0 || p[0].Key != "engine.temp_directory" || remote("/dev/shm") {
			t.Error(texts(p))
		}
	}
	if free, ok := freeSpace(t.TempDir()); !ok || free <= 0 {
		t.Errorf("%d free: %v", free, ok)
	}
	for free, want := range map[int64]Severity{0: Fail, 63 << 20: Fail, 64 << 20: Warn, 1<<30 - 1: Warn, 1 << 30: OK} {
		if got := room(free); got != want {
			t.Errorf("%d: %s", free, got)
		}
	}
}

// The text of a finding is the one line that is promised, and a fix has the forms
// that would win.
func TestText(t *testing.T) {
	r := resolve(t, nil, "otel-endpoint", "http://127.0.0.1:4317", "otel-sampler", "traceidratio", "otel-sampler-arg", "0")
	f := problems(Check(t.Context(), Options{Resolved: r, IDs: []string{"D20"}}))[0]
	if want := "WARN D20 otel.sampler_arg (from flag --otel-sampler-arg) is 0; set it to 1 because a ratio of 0 exports no span"; f.Text() != want {
		t.Errorf("got  %s\nwant %s", f.Text(), want)
	}
	for source, want := range map[string]Fix{
		"default":                     {"a b", "--otel-service-name='a b'", "", "[otel]\nservice_name = \"a b\"", ""},
		"file buildscope.toml:3":      {"a b", "--otel-service-name='a b'", "", "[otel]\nservice_name = \"a b\"", ""},
		"flag --otel-service-name":    {"a b", "--otel-service-name='a b'", "", "", "the file cannot help: the flag wins over it"},
		"env OTEL_SERVICE_NAME":       {"a b", "--otel-service-name='a b'", "OTEL_SERVICE_NAME='a b'", "", "the file cannot help: the variable wins over it"},
		"profile mine":                {"a b", "--otel-service-name='a b'", "", "[otel]\nservice_name = \"a b\"", ""},
		"implied by otel.endpoint, x": {"a b", "--otel-service-name='a b'", "", "[otel]\nservice_name = \"a b\"", ""},
	} {
		d := &doctor{redact: model.NewRedactor(nil)}
		if got := d.complete(Finding{Key: "otel.service_name", Source: source, Fix: to("a b")}).Fix; *got != want {
			t.Errorf("%s: %+v, want %+v", source, *got, want)
		}
	}
}

// Every check is documented, its keys exist, and each setting of telemetry leads
// to some check besides D27.
func TestTableOfChecks(t *testing.T) {
	for i, c := range Checks() {
		if c.ID != fmt.Sprintf("D%02d", i+1) || c.Title == "" || !strings.HasSuffix(c.Doc, ".") || c.Network == (c.local != nil || c.measured != nil || c.tried != nil) {
			t.Errorf("%+v", c)
		}
		for _, pattern := range c.Keys {
			if !slices.ContainsFunc(presets.Table(), func(s presets.Setting) bool { ok, _ := path.Match(pattern, s.Name()); return ok }) {
				t.Errorf("%s: no setting is called %s", c.ID, pattern)
			}
		}
	}
	free := regexp.MustCompile(`^otel\.(enable_traces|enable_metrics|enable_logs|sdk_disabled|log_correlation|log_level)$`)
	for _, s := range presets.Table() {
		if ids := ChecksOf(s.Name()); s.Section == "otel" && len(ids) < 2 && !free.MatchString(s.Name()) {
			t.Errorf("%s: only %v", s.Name(), ids)
		}
	}
}
