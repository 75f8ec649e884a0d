package model

import (
	"strings"
	"testing"
)

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

func TestRedactorHidesInsideTexts(t *testing.T) {
	r := NewRedactor([]string{"*password*", "authorization", "*token*"})
	for text, want := range map[string]string{
		"nothing to hide":                           "nothing to hide",
		"password=hunter2 user=u":                   "password=•••• user=u",
		"Authorization: Bearer abc.def, x: y":       "Authorization: Bearer ••••, x: y",
		`{"db.password": "a \"b\" c", "n": 1}`:      `{"db.password": "••••", "n": 1}`,
		"GET http://u:pw@h/x?token=1&y=2":           "GET http://••••@h/x?token=••••&y=2",
		"run --password hunter2 --n 3":              "run --password •••• --n 3",
		`{"sql": "password = \"hunter2\" and 'x'"}`: `{"sql": "password = \"••••\" and 'x'"}`,
		`{"body": "{\"token\": \"hunter2\"}"}`:      `{"body": "{\"token\": \"••••\"}"}`,
		"PASSWORD: hunter2":                         "PASSWORD: ••••",
		"the password is unknown":                   "the password is unknown",
		"url=http://h/?access_token=a;b":            "url=http://h/?access_token=••••;b",
		"12:30 password='a b' done":                 "12:30 password='••••' done",
	} {
		if got := r.Text(text); got != want {
			t.Errorf("%q became %q, want %q", text, got, want)
		}
	}
}

// A planted secret is never in the result, whatever stands around it.
func FuzzRedactText(f *testing.F) {
	f.Add("GET ", " --token x http://a:b@c")
	f.Add("\"", "\"")
	r := NewRedactor([]string{"*password*", "*token*"})
	f.Fuzz(func(t *testing.T, before, after string) {
		if got := r.Text(before + " password=s3cr3t " + after); strings.Contains(got, "s3cr3t") && !strings.Contains(before+after, "s3cr3t") {
			t.Errorf("%q", got)
		}
	})
}
