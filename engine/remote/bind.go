package remote

import (
	"context"
	"fmt"
	"path"
	"slices"
	"strconv"
	"strings"

	"github.com/buildscope/buildscope/engine"
	"github.com/buildscope/buildscope/engine/listing"
	"github.com/buildscope/buildscope/engine/remote/spark"
	"github.com/buildscope/buildscope/model/human"
	"github.com/buildscope/buildscope/model/sqllex"
)

// statement is a SELECT with its inputs bound, and how much stands in front of it.
type statement struct {
	sql    string
	before int // bytes in front of the text, from its first token on
	skip   int // bytes of the text that are in front of its first token
}

// bind puts inputs in front of a text of Spark SQL as common table expressions, on the
// line of its first word.
func bind(text string, inputs []engine.Input) statement {
	if len(inputs) == 0 {
		return statement{sql: text}
	}
	tables := make([]string, len(inputs))
	for i, in := range inputs {
		tables[i] = spark.QuoteName(in.Name) + " AS (" + read(in.Files) + ")"
	}
	with, list := "WITH ", strings.Join(tables, ", ")
	start := sqllex.SkipBlank(text)
	rest := text[start:]
	word := func() string { return rest[:sqllex.WordLength(rest)] }
	after := " "
	if slices.ContainsFunc(inputs, func(in engine.Input) bool { return spark.Names(text, in.Name) }) {
		// An expression of the text hides an input of its name, and may read it.
		after, rest = " SELECT * FROM (", rest+"\n)"
	} else if strings.EqualFold(word(), "WITH") {
		rest, after = rest[len("WITH"):], ","
		rest = rest[sqllex.SkipBlank(rest):]
		if strings.EqualFold(word(), "RECURSIVE") {
			rest, with = rest[len("RECURSIVE"):], "WITH RECURSIVE "
		}
	}
	before := with + list + after
	return statement{sql: before + rest, before: len(before), skip: max(0, strings.LastIndex(text, strings.TrimSuffix(rest, "\n)")))}
}

// offset is the place in the text of a byte of the statement, or -1.
func (s statement) offset(at int) int {
	if at < s.before {
		return -1
	}
	return at - s.before + s.skip
}

// read is the SELECT of all rows of some files. Files of one folder are named by one
// pattern, of which a server makes one scan.
func read(files []listing.TableFile) string {
	var folders []string
	names := map[string][]string{}
	for _, f := range files {
		dir, name := path.Split(f.Path)
		if _, known := names[dir]; !known {
			folders = append(folders, dir)
		}
		names[dir] = append(names[dir], name)
	}
	var scans []string
	scan := func(pattern string) {
		scans = append(scans, "SELECT * FROM parquet."+spark.QuoteName(pattern))
	}
	for _, dir := range folders {
		var together []string
		for _, name := range names[dir] {
			if strings.ContainsAny(name, "{,} ") { // which a list in braces cannot hold
				scan(escape(dir + name))
				continue
			}
			together = append(together, escape(name))
		}
		switch len(together) {
		case 0:
		case 1:
			scan(escape(dir) + together[0])
		default:
			scan(escape(dir) + "{" + strings.Join(together, ",") + "}")
		}
	}
	return strings.Join(scans, " UNION ALL ")
}

// escape writes a path as a pattern that is it alone.
func escape(path string) string {
	return strings.NewReplacer("*", "[*]", "?", "[?]", "[", "[[]", "{", "[{]", "}", "[}]").Replace(path)
}

// check asks, once for all files of an input, whether the server reads the rows that
// are known to be there. A server that does not see a file takes it for a table without
// rows, so without this a build would succeed and be wrong.
func (s *Session) check(ctx context.Context, in engine.Input) error {
	signature := listing.Signature(in.Files)
	if _, ok := s.seen.Load(signature); ok {
		return nil
	}
	paths := make([]string, len(in.Files))
	for i, f := range in.Files {
		paths[i] = f.Path
		if strings.Contains(f.Path, "%") { // on its way to a worker Sail 0.7.2 makes a%20b of it "a b", which may be there too
			return fmt.Errorf("table %s: the server may take the %% in the name of %s for another character; give the file another name", in.Name, listing.ShownPath(f.Path))
		}
	}
	_, known, err := s.o.Local.Describe(ctx, in.Name, paths)
	if err != nil {
		return err
	}
	counted, err := s.ask(ctx, "SELECT CAST(count(*) AS STRING) FROM ("+read(in.Files)+")")
	if err != nil {
		return fmt.Errorf("table %s: count its rows: %w", in.Name, shorten(err))
	}
	got := int64(-1)
	if len(counted) == 1 {
		if got, err = strconv.ParseInt(counted[0], 10, 64); err != nil {
			return fmt.Errorf("table %s: count its rows: %w", in.Name, err)
		}
	}
	if got == known.Rows {
		s.seen.Store(signature, true)
		return nil
	}
	return fmt.Errorf("table %s: %s reads %s of its %s rows; it must see the files under the names that they have here, of which the first is %s",
		in.Name, s.o.Endpoint, human.Commas(max(got, 0)), human.Commas(known.Rows), listing.ShownPath(slices.Min(paths)))
}
