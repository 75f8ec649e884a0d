// Package pane holds the parts of the screen: the list of settings, the tree of
// a run, the details of one row, log lines, artifacts and tables. A pane is a
// plain struct that keeps what one viewer did (cursor, folds, tab) and draws
// values that it was given; it starts nothing, waits for nothing and knows
// neither keys nor other panes.
package pane
