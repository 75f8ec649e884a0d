// Package pipeline is the DAG of a build: nodes, the graph they form, the
// driver that runs it, and the cache of their results. A node is a Go function
// or one SELECT; what it reads is taken from the function's input struct or the
// SQL text, never declared a second time.
//
// The package knows no engine, exporter or screen. It asks for an [Engine] to run
// SQL, tells what happens through [Hook]s, and leaves telemetry to them.
package pipeline
