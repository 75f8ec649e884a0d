// Package theme says what the screen's colours and glyphs are. It holds values
// only: where they are used is the business of packages ui and pane.
package theme
