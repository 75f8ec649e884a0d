package gen

import "fmt"

// family is one or two tables whose rows are made together. Row i of it writes to out,
// which has the tables in their order; i begins at 0.
type family struct {
	name   string
	count  func(g *generator) int64
	tables []table
	row    func(g *generator, i int64, s *stream, out []*rows)
}

type table struct {
	name    string
	columns []column
}

var families = []family{
	{"orders", func(g *generator) int64 { return g.orders }, []table{orders, lineitem}, (*generator).order},
	{"part", func(g *generator) int64 { return g.parts }, []table{part, partsupp}, (*generator).part},
	{"customer", func(g *generator) int64 { return g.customers }, []table{customer}, (*generator).customer},
	{"supplier", func(g *generator) int64 { return g.suppliers }, []table{supplier}, (*generator).supplier},
	{"nation", func(*generator) int64 { return int64(len(nations)) }, []table{nation}, (*generator).nation},
	{"region", func(*generator) int64 { return int64(len(regions)) }, []table{region}, (*generator).region},
}

var (
	region   = table{"region", []column{{"r_regionkey", number}, {"r_name", word}, {"r_comment", text}}}
	nation   = table{"nation", []column{{"n_nationkey", number}, {"n_name", word}, {"n_regionkey", number}, {"n_comment", text}}}
	supplier = table{"supplier", []column{{"s_suppkey", key}, {"s_name", text}, {"s_address", text}, {"s_nationkey", number},
		{"s_phone", text}, {"s_acctbal", money}, {"s_comment", text}}}
	customer = table{"customer", []column{{"c_custkey", key}, {"c_name", text}, {"c_address", text}, {"c_nationkey", number},
		{"c_phone", text}, {"c_acctbal", money}, {"c_mktsegment", word}, {"c_comment", text}}}
	part = table{"part", []column{{"p_partkey", key}, {"p_name", text}, {"p_mfgr", word}, {"p_brand", word}, {"p_type", word},
		{"p_size", number}, {"p_container", word}, {"p_retailprice", money}, {"p_comment", text}}}
	partsupp = table{"partsupp", []column{{"ps_partkey", key}, {"ps_suppkey", key}, {"ps_availqty", number},
		{"ps_supplycost", money}, {"ps_comment", text}}}
)

func (g *generator) region(i int64, s *stream, out []*rows) {
	r := out[0]
	r.int(i)
	r.text(regions[i])
	r.text(g.comment(s, 31, 115))
}

func (g *generator) nation(i int64, s *stream, out []*rows) {
	n := out[0]
	n.int(i)
	n.text(nations[i].name)
	n.int(nations[i].region)
	n.text(g.comment(s, 31, 114))
}

func (g *generator) supplier(i int64, s *stream, out []*rows) {
	r := out[0]
	r.int(i + 1)
	r.text(numbered("Supplier", i+1))
	r.text(address(s))
	where := s.between(0, int64(len(nations)-1))
	r.int(where)
	r.text(phone(s, where))
	r.cents(s.between(-99_999, 999_999))
	r.text(g.opinion(s))
}

// opinion is the comment of a supplier: 5 of 10,000 have complaints of customers in it,
// and as many recommendations.
func (g *generator) opinion(s *stream) string {
	comment := g.comment(s, 25, 100)
	about := ""
	switch s.between(1, 2000) {
	case 1:
		about = "Complaints"
	case 2:
		about = "Recommends"
	default:
		return comment
	}
	const customer = "Customer "
	free := int64(len(comment) - len(customer) - len(about))
	first := s.between(0, free)
	second := first + int64(len(customer)) + s.between(0, free-first)
	return comment[:first] + customer + comment[first+int64(len(customer)):second] + about + comment[second+int64(len(about)):]
}

// phone begins with the code of a country.
func phone(s *stream, nation int64) string {
	return fmt.Sprintf("%02d-%03d-%03d-%04d", nation+10, s.between(100, 999), s.between(100, 999), s.between(1000, 9999))
}

func (g *generator) customer(i int64, s *stream, out []*rows) {
	r := out[0]
	r.int(i + 1)
	r.text(numbered("Customer", i+1))
	r.text(address(s))
	where := s.between(0, int64(len(nations)-1))
	r.int(where)
	r.text(phone(s, where))
	r.cents(s.between(-99_999, 999_999))
	r.text(s.of(segments))
	r.text(g.comment(s, 29, 116))
}

// part writes a part and its four suppliers.
func (g *generator) part(i int64, s *stream, out []*rows) {
	p, ps := out[0], out[1]
	maker := s.between(1, 5)
	p.int(i + 1)
	p.text(partName(s))
	p.text(fmt.Sprintf("Manufacturer#%d", maker))
	p.text(fmt.Sprintf("Brand#%d%d", maker, s.between(1, 5)))
	p.text(s.of(sizes) + " " + s.of(finishes) + " " + s.of(metals))
	p.int(s.between(1, 50))
	p.text(s.of(wraps) + " " + s.of(boxes))
	p.cents(retailCents(i + 1))
	p.text(g.comment(s, 5, 22))
	for n := range int64(4) {
		ps.int(i + 1)
		ps.int(g.supplierOf(i+1, n))
		ps.int(s.between(1, 9999))
		ps.cents(s.between(100, 100_000))
		ps.text(g.comment(s, 49, 198))
	}
}

// partName is five different colors.
func partName(s *stream) string {
	var drawn [5]int64
	name := ""
	for i := 0; i < len(drawn); {
		drawn[i] = s.between(0, int64(len(colors)-1))
		again := false
		for _, before := range drawn[:i] {
			again = again || before == drawn[i]
		}
		if again {
			continue
		}
		if i > 0 {
			name += " "
		}
		name += colors[drawn[i]]
		i++
	}
	return name
}

// retailCents is the price of a part, which its key gives.
func retailCents(part int64) int64 { return 90_000 + part/10%20_001 + 100*(part%1000) }

// supplierOf is the nth of the four suppliers of a part, n from 0; they are spread
// over all suppliers. Below 240 suppliers the formula of the specification, which is
// this one without the remainder, would name some of them twice.
func (g *generator) supplierOf(part, n int64) int64 {
	step := g.suppliers/4 + (part-1)/g.suppliers%max(1, g.suppliers/12)
	return (part+n*step)%g.suppliers + 1
}
