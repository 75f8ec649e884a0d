// Package model holds the plain values that every other package shares:
// settings, runs, nodes, spans, column statistics and artifacts.
// It does no I/O, starts no goroutine and imports nothing else of buildscope.
package model
