package cli_test

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/buildscope/buildscope/build"
	"github.com/buildscope/buildscope/cli"
	"github.com/buildscope/buildscope/engine"
	"github.com/buildscope/buildscope/engine/objects"
	"github.com/buildscope/buildscope/engine/objects/objectstest"
	"github.com/buildscope/buildscope/model"
)

// A SQL project over a store: only what the models need is fetched, it is kept for the
// next run, and a changed object runs its readers anew.
func TestBuildOverAStore(t *testing.T) {
	server := objectstest.Start(t)
	defer server.CloseIdle()
	session, err := engine.Open(t.Context(), engine.Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer session.Close()
	put := func(day, rows int) {
		t.Helper()
		path := filepath.Join(t.TempDir(), "day.parquet")
		q := model.Query{Path: path, SQL: fmt.Sprintf("SELECT DATE '2024-01-01' + %d AS day, i AS id FROM range(%d) t(i)", day, rows)}
		if _, err := session.Materialize(t.Context(), q); err != nil {
			t.Fatal(err)
		}
		server.PutFile(t, fmt.Sprintf("orders/%d.parquet", day), path)
	}
	for day := range 8 {
		put(day, 100+day)
	}
	repo := t.TempDir()
	write := func(name, text string) {
		t.Helper()
		path := filepath.Join(repo, name)
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	write("buildscope-sql.toml", "name = \"shop\"\n\n[sources.orders]\npath = \"s3://shop/orders/*.parquet\"\n")
	write("models/recent.sql", "SELECT day, count(*) AS n FROM orders WHERE day >= '2024-01-07' GROUP BY day ORDER BY day")
	run := func(secret string, args ...string) *process {
		p := command(t, "buildscope", args...)
		p.cmd.Env = append(p.cmd.Env, "AWS_ENDPOINT_URL="+server.Endpoint, "AWS_REGION=us-east-1",
			"AWS_ACCESS_KEY_ID="+objectstest.AccessKeyID, "AWS_SECRET_ACCESS_KEY="+secret)
		return p
	}
	build1 := func() *process {
		t.Helper()
		p := run(objectstest.SecretAccessKey, "build", repo, "--batch", "--profile", "debug", "--otel-exporter", "none")
		if code := p.run(); code != cli.ExitOK {
			t.Fatalf("exit %d: %s", code, p.narration())
		}
		return p
	}
	held := func(want int) {
		t.Helper()
		if h, err := objects.Holds(build.FetchedObjects(filepath.Join(repo, ".buildscope"))); err != nil || h.Objects != want {
			t.Errorf("%+v are kept, not %d: %v", h, want, err)
		}
	}
	rows := func(want string) {
		t.Helper()
		p := run("", "query", "latest", "SELECT string_agg(n::VARCHAR, ',' ORDER BY day) AS n FROM recent", repo, "--format", "csv")
		p.cmd.Env = p.cmd.Env[:3] // nothing of the store is needed to look at a run
		if code := p.run(); code != cli.ExitOK || !strings.Contains(p.stdout.String(), want) {
			t.Errorf("exit %d, %s%s", code, &p.stdout, p.narration())
		}
	}

	build1()
	held(2)
	rows("106,107")
	var captured model.CaptureStatisticsPayload
	if err := newest(t, repo).Payload(model.ArtifactCapture, &captured); err != nil {
		t.Fatal(err)
	}
	for _, table := range captured.Tables {
		if table.Table == "orders" && (table.Rows != 828 || table.Files != 8 || len(table.Columns) != 2) {
			t.Errorf("%+v", table)
		}
	}
	if p := build1(); !strings.Contains(p.narration(), "1 from the cache") {
		t.Errorf("nothing has changed: %s", p.narration())
	}
	put(7, 7)
	build1()
	held(3) // the earlier contents stay until the limit is met
	rows("106,7")
	why := run("", "explain-cache", "recent", repo)
	why.cmd.Env = why.cmd.Env[:3]
	if code := why.run(); code != cli.ExitOK || !strings.Contains(why.stdout.String(), "input orders changed") {
		t.Errorf("exit %d, %s%s", code, &why.stdout, why.narration())
	}
	noSecret(t, filepath.Join(repo, ".buildscope"), objectstest.SecretAccessKey)

	// What cannot be reached is told with the setting.
	p := run("guess", "build", repo, "--batch")
	if code := p.run(); code != cli.ExitFailed || !strings.Contains(p.narration(), "node orders") || !strings.Contains(p.narration(), "engine.s3_secret_access_key") {
		t.Errorf("exit %d: %s", code, p.narration())
	}
	p = run("", "build", repo, "--batch")
	if code := p.run(); code != cli.ExitUsage || !strings.Contains(p.narration(), "engine.s3_access_key_id = tester (env AWS_ACCESS_KEY_ID): needs engine.s3_secret_access_key") {
		t.Errorf("exit %d: %s", code, p.narration())
	}

	show := run(objectstest.SecretAccessKey, "cache", "show", "latest", repo)
	if code := show.run(); code != cli.ExitOK || !strings.Contains(show.stdout.String(), "Kept for the next run: 3 objects of a store") {
		t.Errorf("exit %d, %s%s", code, &show.stdout, show.narration())
	}
	clear := run(objectstest.SecretAccessKey, "cache", "clear", repo)
	if code := clear.run(); code != cli.ExitOK || !strings.Contains(clear.narration(), filepath.Join(".buildscope", "objects")) {
		t.Errorf("exit %d: %s", code, clear.narration())
	}
	if _, err := os.Stat(build.FetchedObjects(filepath.Join(repo, ".buildscope"))); !os.IsNotExist(err) {
		t.Errorf("the objects are still there: %v", err)
	}
}

// noSecret fails when a file of a folder has the text.
func noSecret(t *testing.T, dir, secret string) {
	t.Helper()
	err := filepath.WalkDir(dir, func(path string, e os.DirEntry, err error) error {
		if err != nil || !e.Type().IsRegular() {
			return err
		}
		data, err := os.ReadFile(path)
		if strings.Contains(string(data), secret) {
			t.Errorf("%s has the secret", path)
		}
		return err
	})
	if err != nil {
		t.Error(err)
	}
}
