package gen

import "time"

var (
	orders = table{"orders", []column{{"o_orderkey", key}, {"o_custkey", key}, {"o_orderstatus", word}, {"o_totalprice", money},
		{"o_orderdate", date}, {"o_orderpriority", word}, {"o_clerk", text}, {"o_shippriority", number}, {"o_comment", text}}}
	lineitem = table{"lineitem", []column{{"l_orderkey", key}, {"l_partkey", key}, {"l_suppkey", key}, {"l_linenumber", number},
		{"l_quantity", money}, {"l_extendedprice", money}, {"l_discount", money}, {"l_tax", money}, {"l_returnflag", word},
		{"l_linestatus", word}, {"l_shipdate", date}, {"l_commitdate", date}, {"l_receiptdate", date},
		{"l_shipinstruct", word}, {"l_shipmode", word}, {"l_comment", text}}}
)

var (
	firstDay = days(1992, time.January, 1)
	lastDay  = days(1998, time.December, 31)
	today    = days(1995, time.June, 17) // of the data: what is shipped later is open
)

// order writes an order and its one to seven lines.
func (g *generator) order(i int64, s *stream, out []*rows) {
	o, l := out[0], out[1]
	id := orderKey(i + 1)
	ordered := s.between(firstDay, lastDay-151) // the last line is received by the last day
	lines := s.between(1, 7)
	var total, open int64 // total is in 1/10,000 of a cent
	for n := range lines {
		part := s.between(1, g.parts)
		quantity, discount, tax := s.between(1, 50), s.between(0, 10), s.between(0, 8)
		price := quantity * retailCents(part)
		total += price * (100 - discount) * (100 + tax)
		shipped := ordered + s.between(1, 121)
		committed := ordered + s.between(30, 90)
		received := shipped + s.between(1, 30)
		returned, status := "N", "F"
		if received <= today {
			returned = s.of([]string{"R", "A"})
		}
		if shipped > today {
			status = "O"
			open++
		}
		l.int(id)
		l.int(part)
		l.int(g.supplierOf(part, s.between(0, 3)))
		l.int(n + 1)
		l.cents(quantity * 100)
		l.cents(price)
		l.cents(discount)
		l.cents(tax)
		l.text(returned)
		l.text(status)
		l.day(shipped)
		l.day(committed)
		l.day(received)
		l.text(s.of(instructs))
		l.text(s.of(modes))
		l.text(g.comment(s, 10, 43))
	}
	o.int(id)
	o.int(g.buyer(s))
	switch open {
	case 0:
		o.text("F")
	case lines:
		o.text("O")
	default:
		o.text("P")
	}
	o.cents((total + 5000) / 10_000)
	o.day(ordered)
	o.text(s.of(priorities))
	o.text(numbered("Clerk", s.between(1, g.clerks)))
	o.int(0)
	o.text(g.comment(s, 19, 78))
}

// orderKey is the key of the nth order: of every 32 keys, eight are used.
func orderKey(n int64) int64 { return n/8*32 + n%8 }

// buyer is a customer. Every third has never bought anything.
func (g *generator) buyer(s *stream) int64 {
	for {
		if c := s.between(1, g.customers); c%3 != 0 {
			return c
		}
	}
}
