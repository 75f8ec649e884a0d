package engine

import (
	"errors"
	"fmt"
	"strings"

	"github.com/buildscope/buildscope/engine/lineage"
	"github.com/buildscope/buildscope/engine/listing"
	"github.com/buildscope/buildscope/model"
)

// origins tells of each column that a statement has written which columns of its inputs
// it was computed from; where that cannot be told, the profile says why. The caller has
// the turn.
func (s *Session) origins(p *model.QueryProfile, found reads, in scanned, path string) {
	names, err := listing.Columns(path)
	var cols [][]lineage.Ref
	if err == nil {
		cols, err = s.lineage(found, in)
	}
	if err == nil && len(cols) != len(names) {
		err = fmt.Errorf("the text has %d columns, the result %d", len(cols), len(names))
	}
	if err != nil {
		p.NoOrigins = strings.TrimPrefix(err.Error(), lineage.ErrUnknown.Error()+": ")
		return
	}
	p.Origins = make([]model.Origin, len(cols))
	for i, refs := range cols {
		p.Origins[i] = model.Origin{Column: names[i], From: make([]string, len(refs))}
		for j, ref := range refs {
			p.Origins[i].From[j] = ref.Table + "." + ref.Column
		}
	}
}

func (s *Session) lineage(found reads, in scanned) ([][]lineage.Ref, error) {
	tables := make(map[string][]string, len(in.inputs))
	for _, input := range in.inputs {
		if len(input.files) == 0 {
			return nil, errors.New("the table " + input.name + " has no files")
		}
		first := input.files[0].File
		names, known := s.columns[first]
		if !known {
			var err error
			if names, err = listing.Columns(first.Path); err != nil {
				return nil, err
			}
			s.columns[first] = names
		}
		tables[strings.ToLower(input.name)] = names
	}
	cols, err := lineage.Of(found.root, tables)
	if err != nil {
		return nil, err
	}
	for _, refs := range cols {
		for i := range refs { // as the input is called, however the text writes it
			for _, input := range in.inputs {
				if strings.EqualFold(input.name, refs[i].Table) {
					refs[i].Table = input.name
				}
			}
		}
	}
	return cols, nil
}
