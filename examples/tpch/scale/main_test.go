//go:build linux

package main

import (
	"testing"
	"time"
)

func TestResult(t *testing.T) {
	got, err := result([]byte(`{"duration_ms": 70, "nodes": [{"name": "q18_large_volume_customers", "duration_ns": 3000000},
		{"name": "q01_pricing_summary", "duration_ns": 1000000}, {"name": "lineitem", "duration_ns": 9},
		{"name": "q05_local_supplier_volume", "duration_ns": 2000000}]}`))
	if err != nil {
		t.Fatal(err)
	}
	if got.whole != 70*time.Millisecond {
		t.Errorf("the build took %s", got.whole)
	}
	for i, d := range got.models {
		if want := time.Duration(i+1) * time.Millisecond; d != want {
			t.Errorf("%s took %s, want %s", models[i], d, want)
		}
	}
	for _, bad := range []string{"", `{"nodes": [{"name": "q01_pricing_summary", "duration_ns": 1}]}`} {
		if _, err := result([]byte(bad)); err == nil {
			t.Errorf("%q is taken for a result", bad)
		}
	}
}
