// Package sqlproject is the build of a folder of SQL models: a project file names
// the sources, every file under models is one SELECT, and each becomes a node of a
// pipeline. What a model reads is taken from its text.
package sqlproject
