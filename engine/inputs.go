package engine

import (
	"context"

	"github.com/buildscope/buildscope/engine/listing"
	"github.com/buildscope/buildscope/model"
)

// Prepared is a query that an engine elsewhere will run: parsed, and its files listed
// and pruned.
type Prepared struct {
	Inputs []Input

	found reads
	in    scanned
}

// Input is a table of a query with the files that hold rows which it needs.
type Input struct {
	Name  string
	Files []listing.TableFile // at least one
}

// Prepare parses a query and lists the files of its inputs, as Materialize does before
// it runs one.
func (s *Session) Prepare(ctx context.Context, q model.Query) (Prepared, error) {
	ctx, done, err := s.scope(ctx)
	if err != nil {
		return Prepared{}, nodeError(q.Node, err)
	}
	defer done()
	p := Prepared{}
	if p.found, err = s.reads(ctx, q.Node, q.SQL); err != nil {
		return Prepared{}, err
	}
	if p.in, err = s.scan(ctx, q.Inputs, p.found.rows); err != nil {
		return Prepared{}, nodeError(q.Node, err)
	}
	for _, b := range p.in.inputs {
		p.Inputs = append(p.Inputs, Input{b.name, b.files})
	}
	return p, nil
}

// Trace puts into a profile of a prepared query what Materialize does beside what the
// engine measures: the numbers of files and the origins of the columns of the result,
// which is at path.
func (s *Session) Trace(ctx context.Context, profile *model.QueryProfile, p Prepared, path string) error {
	release, err := s.acquire(ctx)
	if err != nil {
		return err
	}
	defer release()
	profile.FilesListed, profile.FilesRead = p.in.listed, p.in.read
	s.origins(profile, p.found, p.in, path)
	return nil
}
