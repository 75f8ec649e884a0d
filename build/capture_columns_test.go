package build

import (
	"strings"
	"testing"
)

func TestOnlyCounted(t *testing.T) {
	for _, c := range []struct {
		keys, columns string
		looks, counts string // names of columns
	}{
		{"", "", "id email", ""},
		{"", "!*mail*", "id user_id", "email E-Mail"},
		{"", "*_id", "user_id USER_ID", "id email"},
		{"", "*_id,!secret_id", "user_id", "secret_id id"},
		{"", "!secret_id,*_id", "user_id", "secret_id id"}, // the order does not matter
		{"*token*", "*", "id", "api_token"},
		{"*token*", "api_token", "", "api_token"}, // redact_keys is the stronger one
	} {
		why := onlyCounted(split(c.keys), split(c.columns))
		for _, name := range strings.Fields(c.looks) {
			if r := why(name); r != "" {
				t.Errorf("%+v: %s is only counted: %s", c, name, r)
			}
		}
		for _, name := range strings.Fields(c.counts) {
			want := "hamilton.capture_columns"
			if strings.Contains(name, "token") {
				want = "diagnostics.redact_keys"
			}
			if r := why(name); !strings.Contains(r, want) {
				t.Errorf("%+v: %s says %q", c, name, r)
			}
		}
	}
}

func split(s string) []string {
	if s == "" {
		return nil
	}
	return strings.Split(s, ",")
}
