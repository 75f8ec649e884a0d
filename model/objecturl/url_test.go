package objecturl

import (
	"strings"
	"testing"
)

func TestParse(t *testing.T) {
	for _, test := range []struct{ text, prefix, err string }{
		{"s3://shop/orders.parquet", "orders.parquet", ""},
		{"s3://shop/orders/*.parquet", "orders/", ""},
		{"s3://shop/orders/day=?/x-[12].parquet", "orders/day=", ""},
		{"s3://shop/**/*.parquet", "", ""},
		{"s3://shop/a/**/*.parquet", "a/", ""},
		{"/data/a.parquet", "", "does not begin with s3://"},
		{"http://host/a.parquet", "", "does not begin with s3://"},
		{"s3://", "", "does not name a bucket"},
		{"s3:///a.parquet", "", "does not name a bucket"},
		{"s3://*/a.parquet", "", "does not name a bucket"},
		{"s3://key:secret@shop/a.parquet", "", "does not name a bucket"},
		{"s3://shop", "", "names no objects"},
		{"s3://shop/", "", "s3://shop/*.parquet does"},
		{"s3://shop/orders/", "", "names no objects"},
		{"s3://shop/a//b.parquet", "", `a folder named ""`},
		{"s3://shop/../b.parquet", "", `a folder named ".."`},
		{"s3://shop/a/**", "", "** stands once"},
		{"s3://shop/a**/b", "", "** stands once"},
		{"s3://shop/**/a/*.parquet", "", "** stands once"},
		{"s3://shop/**/**.parquet", "", "** stands once"},
		{"s3://shop/[a.parquet", "", "not a valid glob"},
	} {
		u, err := Parse(test.text)
		switch {
		case test.err == "" && err != nil:
			t.Errorf("%s: %v", test.text, err)
		case test.err == "":
			if u.String() != test.text || u.Prefix() != test.prefix {
				t.Errorf("%s: read as %s with the prefix %q, not %q", test.text, u, u.Prefix(), test.prefix)
			}
		case err == nil || !strings.Contains(err.Error(), test.err):
			t.Errorf("%s: the error %v does not say %q", test.text, err, test.err)
		}
	}
}

func TestMatches(t *testing.T) {
	for _, test := range []struct {
		key       string
		yes, nope string
	}{
		{"a.parquet", "a.parquet", "b/a.parquet a.parquet2"},
		{"o/*.parquet", "o/1.parquet o/.parquet", "o/x/1.parquet p/1.parquet o/1.csv"},
		{"o/day=?/*.parquet", "o/day=1/a.parquet", "o/day=10/a.parquet o/day=1/b/a.parquet"},
		{"**/*.parquet", "a.parquet x/a.parquet x/y/a.parquet", "x/a.csv"},
		{"o/**/*.parquet", "o/a.parquet o/x/y/a.parquet", "a.parquet ox/a.parquet p/o/a.parquet"},
		{"o/*/**/a.parquet", "o/x/a.parquet o/x/y/z/a.parquet", "o/a.parquet"},
	} {
		u := URL{"shop", test.key}
		for _, key := range strings.Fields(test.yes) {
			if !u.Matches(key) || !strings.HasPrefix(key, u.Prefix()) {
				t.Errorf("%s does not match %s", test.key, key)
			}
		}
		for _, key := range strings.Fields(test.nope) {
			if u.Matches(key) {
				t.Errorf("%s matches %s", test.key, key)
			}
		}
	}
}

func FuzzParse(f *testing.F) {
	for _, text := range []string{"s3://shop/orders/*.parquet", "s3://shop/**/a.parquet", "s3://b/[a-", "s3://b/a/../b"} {
		f.Add(text, "orders/a.parquet")
	}
	f.Fuzz(func(t *testing.T, text, key string) {
		u, err := Parse(text)
		if err != nil {
			return
		}
		if u.String() != text {
			t.Errorf("%q is given back as %q", text, u)
		}
		if u.Matches(key) && !strings.HasPrefix(key, u.Prefix()) {
			t.Errorf("%q matches %q, which has not the prefix %q", text, key, u.Prefix())
		}
	})
}
