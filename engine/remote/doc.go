// Package remote runs the SELECTs of a build on another engine, by Arrow Flight SQL.
// What the build needs besides, it has from an embedded session: parsing, listing and
// pruning of files, and statements that are for the embedded engine alone.
//
// Every statement is whole by itself: inputs are bound by common table expressions over
// their files, so nothing is left behind in a server that has one session for all its
// clients, a statement may be sent again after the connection broke, and a server that
// was started again in the middle of a build is no fault. Server and build see the
// files under the same names; whether that is so is asked for every table.
package remote
