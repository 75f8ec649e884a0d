package remote

import (
	"fmt"
	"path/filepath"
	"testing"

	"github.com/buildscope/buildscope/engine"
	"github.com/buildscope/buildscope/engine/objects"
	"github.com/buildscope/buildscope/engine/objects/objectstest"
	"github.com/buildscope/buildscope/engine/remote/sailtest"
	"github.com/buildscope/buildscope/model"
)

// Objects are listed and pruned here, and read by the server with a key of its own:
// none is fetched.
func TestSailObjects(t *testing.T) {
	bucket := objectstest.Start(t)
	server := sailtest.Start(t, "AWS_ENDPOINT="+bucket.Endpoint, "AWS_ALLOW_HTTP=true", "AWS_REGION=us-east-1",
		"AWS_ACCESS_KEY_ID="+objectstest.AccessKeyID, "AWS_SECRET_ACCESS_KEY="+objectstest.SecretAccessKey)
	dir := t.TempDir()
	store, err := objects.New(objects.Options{Endpoint: bucket.Endpoint, Region: "us-east-1", AccessKeyID: objectstest.AccessKeyID, SecretAccessKey: objectstest.SecretAccessKey,
		Dir: filepath.Join(dir, "fetched"), CacheLimit: 1 << 30, FetchConcurrency: 2})
	if err != nil {
		t.Fatal(err)
	}
	here, err := engine.Open(t.Context(), engine.Options{TempDirectory: dir, Threads: 1, CollectStatistics: true, MetadataCacheLimit: 1 << 20, FileStatisticsCacheLimit: 1 << 20, Objects: store})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := here.Close(); err != nil {
			t.Error(err)
		}
	})
	for i, name := range []string{"day=1/a.parquet", "day=1/b c.parquet", "day=2/a.parquet"} {
		path := writeTable(t, here, filepath.Join(dir, "o.parquet"), fmt.Sprintf("SELECT %d + range AS n FROM range(10)", 100*i))
		bucket.PutFile(t, "events/"+name, path)
	}
	s := open(t, server.Endpoint, Options{Local: here})
	got, err := s.Materialize(t.Context(), model.Query{Node: "n", SQL: "SELECT CAST(sum(n) AS BIGINT) AS total, count(*) AS rows FROM t WHERE n >= 100", Profile: true,
		Path: filepath.Join(dir, "n.parquet"), Inputs: []model.QueryInput{{Name: "t", Files: []string{"s3://" + bucket.Bucket + "/events/**/*.parquet"}}}})
	if err != nil {
		t.Fatal(err)
	}
	if rows := rowsOf(t, here, got.Files...); len(rows) != 1 || rows[0] != "(3090)(20)" {
		t.Errorf("rows %v", rows)
	}
	if p := got.Profile; p == nil || p.FilesListed != 3 || p.FilesRead != 2 {
		t.Errorf("profile %+v", p)
	}
	if fetched, err := filepath.Glob(filepath.Join(dir, "fetched", "*")); err != nil || len(fetched) > 0 {
		t.Errorf("fetched %v: %v", fetched, err)
	}
}
