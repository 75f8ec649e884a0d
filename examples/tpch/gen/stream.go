package gen

import "math/bits"

// stream is a sequence of random numbers: SplitMix64, see
// https://prng.di.unimi.it/splitmix64.c. Every row has one of its own, so rows can
// be made in any order.
type stream uint64

// streamOf is the sequence of a row of a family.
func streamOf(seed uint64, family string, row int64) stream {
	s := stream(seed)
	for _, c := range []byte(family) {
		s = stream(s.next() ^ uint64(c))
	}
	s += stream(row)
	return stream(s.next())
}

func (s *stream) next() uint64 {
	*s += 0x9e3779b97f4a7c15
	z := uint64(*s)
	z = (z ^ z>>30) * 0xbf58476d1ce4e5b9
	z = (z ^ z>>27) * 0x94d049bb133111eb
	return z ^ z>>31
}

// between is a number from low to high, both included.
func (s *stream) between(low, high int64) int64 {
	n, _ := bits.Mul64(s.next(), uint64(high-low+1))
	return low + int64(n)
}

// of is one of the words.
func (s *stream) of(words []string) string { return words[s.between(0, int64(len(words)-1))] }
