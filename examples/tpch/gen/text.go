package gen

import (
	"sort"
	"strconv"
	"strings"
)

// poolSize is the length in bytes of the text that comments are cut from.
const poolSize = 8 << 20

// choice draws words by their weights.
type choice struct {
	words []string
	upTo  []int64 // sum of the weights of the words before and of this one
}

// weighted reads a list of words, see nouns.
func weighted(text string) choice {
	var c choice
	var weight, sum int64
	for _, word := range strings.Fields(text) {
		if n, err := strconv.ParseInt(word, 10, 64); err == nil {
			weight = n
			continue
		}
		sum += weight
		c.words, c.upTo = append(c.words, strings.ReplaceAll(word, "_", " ")), append(c.upTo, sum)
	}
	return c
}

func (c choice) draw(s *stream) string {
	n := s.between(1, c.upTo[len(c.upTo)-1])
	return c.words[sort.Search(len(c.upTo), func(i int) bool { return c.upTo[i] >= n })]
}

// The grammar of the specification, clause 4.2.2.14. In a sentence N is a noun
// phrase, V a verb phrase and P a preposition with its noun phrase; in phrases n, v, j,
// d and x are words: a noun, a verb, an adjective, an adverb, an auxiliary.
var (
	sentences   = weighted("3 NV NVP NVN 1 NPVN NPVP")
	nounPhrases = weighted("10 n 20 jn 10 j,jn 50 djn")
	verbPhrases = weighted("30 v 1 xv 40 vd 1 xvd")
	classes     = map[rune]choice{'n': nouns, 'v': verbs, 'j': adjectives, 'd': adverbs, 'x': auxiliaries}
)

// newPool writes sentences until there are more than poolSize bytes.
func newPool(seed uint64) string {
	var b strings.Builder
	b.Grow(poolSize + 1024)
	s := streamOf(seed, "text", 0)
	for b.Len() <= poolSize {
		for _, part := range sentences.draw(&s) {
			switch part {
			case 'N':
				phrase(&b, &s, nounPhrases)
			case 'V':
				phrase(&b, &s, verbPhrases)
			case 'P':
				b.WriteString(" " + prepositions.draw(&s) + " the")
				phrase(&b, &s, nounPhrases)
			}
		}
		b.WriteString(ends.draw(&s))
	}
	return b.String()[1 : poolSize+1] // without the space before the first word
}

func phrase(b *strings.Builder, s *stream, forms choice) {
	for _, class := range forms.draw(s) {
		if class == ',' {
			b.WriteByte(',')
			continue
		}
		b.WriteString(" " + classes[class].draw(s))
	}
}

// comment is a piece of the text, of low to high bytes; it begins and ends anywhere.
func (g *generator) comment(s *stream, low, high int64) string {
	n := s.between(low, high)
	at := s.between(0, poolSize-n)
	return g.pool[at : at+n]
}

const addressLetters = "0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ, "

// address is 10 to 40 random characters.
func address(s *stream) string {
	out := make([]byte, s.between(10, 40))
	for i := range out {
		out[i] = addressLetters[s.between(0, int64(len(addressLetters)-1))]
	}
	return string(out)
}
