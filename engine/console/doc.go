// Package console answers SELECT statements over a fixed set of files, for people
// who look at what runs have left. It cannot write, and it cannot read anything
// else: see Open. What the tables are is for others to say.
package console
