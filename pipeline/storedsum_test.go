package pipeline_test

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/buildscope/buildscope/model"
	"github.com/buildscope/buildscope/pipeline"
)

func TestStoredSumIsUsedOnlyWhileItFits(t *testing.T) {
	e := open(t)
	path := filepath.Join(t.TempDir(), "a.parquet")
	sum := func() pipeline.FileSum {
		t.Helper()
		s, err := pipeline.StoredFingerprint(t.Context(), path, 2)
		if err != nil {
			t.Fatal(err)
		}
		fresh, err := pipeline.Fingerprint(t.Context(), path, 1)
		if err != nil || s != fresh {
			t.Fatalf("stored %+v, fresh %+v, %v", s, fresh, err)
		}
		return s
	}
	write := func(sql string) {
		t.Helper()
		if _, err := e.Materialize(t.Context(), model.Query{SQL: sql, Path: path}); err != nil {
			t.Fatal(err)
		}
	}
	write("SELECT 1 AS n")
	first := sum()
	if again := sum(); again != first {
		t.Errorf("read back as %+v, want %+v", again, first)
	}
	write("SELECT 2 AS n")
	if changed := sum(); changed.Checksum == first.Checksum {
		t.Error("the sum of the old content was taken for the new one")
	}
	if err := os.WriteFile(path+".sum", []byte(`{"checksum":`), 0o644); err != nil {
		t.Fatal(err)
	}
	sum() // a torn sum is written anew
}
