// Package ui draws the small things that every pane is made of: clean text,
// lines of exact width, frames, bars, numbers for people. It knows colours and
// cells; it does not know runs, settings or keys, which are the business of
// package pane and of the program itself.
package ui
