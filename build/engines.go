package build

import (
	"context"
	"errors"
	"path/filepath"

	"github.com/buildscope/buildscope/engine/remote"
	"github.com/buildscope/buildscope/model"
	"github.com/buildscope/buildscope/pipeline"
)

// openRemote connects to the engine that the settings name, if it is another one than
// the embedded.
func (r *Run) openRemote(ctx context.Context, e model.EngineSettings) (err error) {
	if e.Kind != model.EngineFlightSQL {
		return nil
	}
	r.remote, err = remote.Open(ctx, remote.Options{
		Endpoint: e.Endpoint, Token: e.Token, Headers: e.Headers,
		CACert: e.CACertificate, ClientCert: e.ClientCert, ClientKey: e.ClientKey,
		ConnectTimeout: e.ConnectTimeout, QueryTimeout: e.QueryTimeout,
		Writes: e.RemoteWrites, ProbeDir: filepath.Join(r.bundle.Dir, "work"),
		Local: r.session, Logger: r.logger,
	})
	return err
}

// engine is what runs the SQL of the build.
func (r *Run) engine() pipeline.Engine {
	if r.remote != nil {
		return r.remote
	}
	return r.session
}

// closeEngines may be called several times.
func (r *Run) closeEngines() error {
	var errs []error
	if r.remote != nil {
		errs = append(errs, r.remote.Close())
	}
	if r.session != nil {
		errs = append(errs, r.session.Close())
	}
	return errors.Join(errs...)
}
