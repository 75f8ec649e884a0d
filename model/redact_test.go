package model

import "testing"

func TestRedactorMatchesWholeKeysWithoutCase(t *testing.T) {
	r := NewRedactor([]string{"*password*", "Authorization", "[bad"})
	for key, want := range map[string]bool{
		"db.PASSWORD.old": true, "authorization": true, "authorization.kind": false, "http/password": true, "[bad": true, "user": false, "": false,
	} {
		if r.Match(key) != want {
			t.Errorf("%q: %v", key, !want)
		}
	}
	if NewRedactor(nil).Match("password") || !NewRedactor(nil).Empty() {
		t.Error("no globs hide something")
	}
}
