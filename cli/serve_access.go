package cli

import (
	"errors"
	"fmt"
	"maps"
	"path/filepath"
	"slices"

	"github.com/buildscope/buildscope/presets"
)

// access is what people who come over SSH may make of the settings of a server.
type access struct {
	base  *presets.Resolved // of the server
	roots []string          // real paths
	own   []string          // real paths of folders outside of the roots that the server was given for builds to write to
}

// newAccess looks the roots up; a root that does not exist is a slip.
func newAccess(base *presets.Resolved) (*access, error) {
	a := &access{base: base}
	named := base.Settings.SSH.AllowedRoots
	if len(named) == 0 {
		named = []string{base.Settings.Build.RepoRoot}
	}
	for _, root := range named {
		real, err := filepath.EvalSymlinks(root)
		if err != nil {
			return nil, fmt.Errorf("ssh.allowed_roots: %w", err)
		}
		a.roots = append(a.roots, real)
	}
	for _, folder := range workFolders(base.Settings) {
		if folder.path == "" || within(folder.path, append(named, a.roots...)) {
			continue // one in a root that leads out of it is nobody's choice
		}
		real, err := realPath(folder.path)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", folder.key, err)
		}
		a.own = append(a.own, real)
	}
	return a, nil
}

// allow refuses settings that would reach beyond the roots, send secrets of the
// server to an address that somebody else has chosen, or show what it hides. What
// is as the server has it is the choice of who started it.
func (a *access) allow(next *presets.Resolved) error {
	now, was := next.Settings, a.base.Settings
	for _, p := range []struct{ key, now, was string }{
		{"build.repo_root", now.Build.RepoRoot, ""},
		{"otel.certificate", now.OTel.Certificate, was.OTel.Certificate},
		{"otel.client_certificate", now.OTel.ClientCertificate, was.OTel.ClientCertificate},
		{"otel.client_key", now.OTel.ClientKey, was.OTel.ClientKey},
		{"engine.ca_certificate", now.Engine.CACertificate, was.Engine.CACertificate},
		{"engine.client_certificate", now.Engine.ClientCert, was.Engine.ClientCert},
		{"engine.client_key", now.Engine.ClientKey, was.Engine.ClientKey},
	} {
		if p.now == p.was || p.now == "" {
			continue
		}
		if err := a.inRoots(p.now); err != nil {
			return fmt.Errorf("%s: %w", p.key, err)
		}
	}
	for _, f := range workFolders(now) {
		if f.path == "" {
			continue
		}
		if err := a.inFolders(f.path); err != nil {
			return fmt.Errorf("%s: %w", f.key, err)
		}
	}
	if err := a.runsIn(now.Build.WorkDir); err != nil {
		return err
	}
	if now.Build.FollowSymlinks && !was.Build.FollowSymlinks {
		return errors.New("build.follow_symlinks may not be turned on over SSH: links can lead out of the allowed roots")
	}
	for _, key := range was.Diagnostics.RedactKeys {
		if !slices.Contains(now.Diagnostics.RedactKeys, key) {
			return fmt.Errorf("diagnostics.redact_keys: %s may not be taken out over SSH", key)
		}
	}
	for _, d := range []struct {
		key      string
		now, was string
		secrets  map[string]string
		before   map[string]string
	}{
		{"otel.traces_endpoint", now.OTel.TracesEndpoint, was.OTel.TracesEndpoint, now.OTel.TracesHeaders, was.OTel.TracesHeaders},
		{"otel.metrics_endpoint", now.OTel.MetricsEndpoint, was.OTel.MetricsEndpoint, now.OTel.MetricsHeaders, was.OTel.MetricsHeaders},
		{"otel.logs_endpoint", now.OTel.LogsEndpoint, was.OTel.LogsEndpoint, now.OTel.LogsHeaders, was.OTel.LogsHeaders},
	} {
		elsewhere := d.now != d.was || now.OTel.Insecure && !was.OTel.Insecure
		if elsewhere && len(d.secrets) > 0 && maps.Equal(d.secrets, d.before) {
			return fmt.Errorf("%s may not be changed over SSH while the headers are those of the server: they would go to another address; give headers of your own first", d.key)
		}
	}
	if h, b := now.Hamilton, was.Hamilton; h.APIURL != b.APIURL && h.APIKey != "" && h.APIKey == b.APIKey {
		return errors.New("hamilton.api_url may not be changed over SSH while hamilton.api_key is that of the server: it would go to another address; give a key of your own first")
	}
	// Without a key among the settings that of ~/.aws/credentials signs, which is the
	// server's too; the token of a key is sent as it is.
	if e, b := now.Engine, was.Engine; e.S3Endpoint != b.S3Endpoint && e.S3SecretAccessKey == b.S3SecretAccessKey {
		return errors.New("engine.s3_endpoint may not be changed over SSH while engine.s3_access_key_id is that of the server: what it signs would go to another address; give a key of your own first")
	}
	e, b := now.Engine, was.Engine
	secret := e.Token != "" && e.Token == b.Token || len(e.Headers) > 0 && maps.Equal(e.Headers, b.Headers)
	if e.Endpoint != b.Endpoint && secret {
		return errors.New("engine.endpoint may not be changed over SSH while engine.token or engine.headers are those of the server: they would go to another address; give your own first")
	}
	return nil
}

// hostedForm is a form that somebody fills in over SSH: it writes files in the
// allowed roots only.
type hostedForm struct {
	*formSettings
	access *access
}

func (f hostedForm) writable(path string) error {
	if filepath.Ext(path) != ".toml" {
		return fmt.Errorf("%s: over SSH settings are written to files that end in .toml only", path)
	}
	return f.access.inRoots(path)
}

func (f hostedForm) Save(path string) error {
	if err := f.writable(path); err != nil {
		return err
	}
	return f.formSettings.Save(path)
}

func (f hostedForm) SaveProfile(name string, replace bool) ([]string, error) {
	path, _ := f.Target()
	if err := f.writable(path); err != nil {
		return nil, err
	}
	return f.formSettings.SaveProfile(name, replace)
}
