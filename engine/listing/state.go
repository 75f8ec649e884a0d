package listing

import "github.com/buildscope/buildscope/engine/cache"

// State is the account of the three caches.
type State struct {
	ListFiles, Metadata, Statistics cache.Stats
}

// State returns the counters and the limits in force.
func (c *Catalog) State() State {
	return State{ListFiles: c.lists.Stats(), Metadata: c.footers.Stats(), Statistics: c.statistics.Stats()}
}

// Account is what one cache knows of itself.
type Account struct {
	cache.Stats
	Tables map[string]cache.Stats
	Curve  cache.Curve
}

// Accounts are the accounts of the three caches.
type Accounts struct {
	ListFiles, Metadata, Statistics Account
}

// Accounts returns what the caches know of themselves, at a cost that grows with
// the number of tables.
func (c *Catalog) Accounts() Accounts {
	return Accounts{
		ListFiles:  Account{c.lists.Stats(), c.lists.Tables(), c.lists.Curve()},
		Metadata:   Account{c.footers.Stats(), c.footers.Tables(), c.footers.Curve()},
		Statistics: Account{c.statistics.Stats(), c.statistics.Tables(), c.statistics.Curve()},
	}
}
