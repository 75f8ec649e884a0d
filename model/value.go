package model

// Value is one setting as it was resolved: what is in force, where that came
// from, and what each lower layer would have given. Secrets are already
// redacted in the text forms.
type Value struct {
	Key    string  `json:"key"`    // section.key, or key at the top level
	Text   string  `json:"value"`  // effective value in the syntax of the file, redacted if secret
	Source string  `json:"source"` // "flag --otel-endpoint", "env X", "file buildscope.toml:12", "profile debug", "default"
	Secret bool    `json:"secret,omitempty"`
	Lower  []Layer `json:"lower,omitempty"` // lower layers that gave a value, highest first
}

// Layer is what one lower layer would have given.
type Layer struct {
	Text   string `json:"value"`
	Source string `json:"source"`
}
