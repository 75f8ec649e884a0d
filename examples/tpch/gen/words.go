package gen

import "strings"

// The words of the specification, clauses 4.2.2.13 and 4.2.3.
var (
	colors = strings.Fields(`almond antique aquamarine azure beige bisque black blanched blue blush brown
		burlywood burnished chartreuse chiffon chocolate coral cornflower cornsilk cream cyan dark deep dim
		dodger drab firebrick floral forest frosted gainsboro ghost goldenrod green grey honeydew hot indian
		ivory khaki lace lavender lawn lemon light lime linen magenta maroon medium metallic midnight mint
		misty moccasin navajo navy olive orange orchid pale papaya peach peru pink plum powder puff purple
		red rose rosy royal saddle salmon sandy seashell sienna sky slate smoke snow spring steel tan thistle
		tomato turquoise violet wheat white yellow`)
	sizes      = strings.Fields("STANDARD SMALL MEDIUM LARGE ECONOMY PROMO")
	finishes   = strings.Fields("ANODIZED BURNISHED PLATED POLISHED BRUSHED")
	metals     = strings.Fields("TIN NICKEL BRASS STEEL COPPER")
	wraps      = strings.Fields("SM LG MED JUMBO WRAP")
	boxes      = strings.Fields("CASE BOX BAG JAR PKG PACK CAN DRUM")
	segments   = strings.Fields("AUTOMOBILE BUILDING FURNITURE MACHINERY HOUSEHOLD")
	priorities = []string{"1-URGENT", "2-HIGH", "3-MEDIUM", "4-NOT SPECIFIED", "5-LOW"}
	instructs  = []string{"DELIVER IN PERSON", "COLLECT COD", "NONE", "TAKE BACK RETURN"}
	modes      = []string{"REG AIR", "AIR", "RAIL", "SHIP", "TRUCK", "MAIL", "FOB"}

	regions = []string{"AFRICA", "AMERICA", "ASIA", "EUROPE", "MIDDLE EAST"}
	nations = []struct {
		name   string
		region int64
	}{
		{"ALGERIA", 0}, {"ARGENTINA", 1}, {"BRAZIL", 1}, {"CANADA", 1}, {"EGYPT", 4},
		{"ETHIOPIA", 0}, {"FRANCE", 3}, {"GERMANY", 3}, {"INDIA", 2}, {"INDONESIA", 2},
		{"IRAN", 4}, {"IRAQ", 4}, {"JAPAN", 2}, {"JORDAN", 4}, {"KENYA", 0},
		{"MOROCCO", 0}, {"MOZAMBIQUE", 0}, {"PERU", 1}, {"CHINA", 2}, {"ROMANIA", 3},
		{"SAUDI ARABIA", 4}, {"VIETNAM", 2}, {"RUSSIA", 3}, {"UNITED KINGDOM", 3}, {"UNITED STATES", 1},
	}
)

// The words of comments. A number stands before the words that are so many times as
// frequent as one with 1; an underscore is a space.
var (
	nouns = weighted(`40 packages requests accounts deposits
		20 foxes ideas theodolites pinto_beans instructions 10 dependencies excuses platelets asymptotes
		5 courts dolphins 1 multipliers sauternes warthogs frets dinos attainments somas Tiresias patterns
		forges braids hockey_players frays warhorses dugouts notornis epitaphs pearls tithes waters orbits
		gifts sheaves depths sentiments decoys realms pains grouches escapades`)
	verbs = weighted(`20 sleep wake are cajole haggle 10 nag use boost 5 affix detect integrate
		1 maintain nod was lose sublate solve thrash promise engage hinder print x-ray breach eat grow
		impress mold poach serve run dazzle snooze doze unwind kindle play hang believe doubt`)
	adjectives = weighted(`50 regular 40 final ironic 30 even 20 special pending unusual express bold 10 silent
		1 furious sly careful blithe quick fluffy slow quiet ruthless thin close dogged daring brave stealthy
		permanent enticing idle busy`)
	adverbs = weighted(`50 furiously slyly carefully 40 blithely 30 quickly 20 fluffily
		1 sometimes always never slowly quietly ruthlessly thinly closely doggedly daringly bravely stealthily
		permanently enticingly idly busily regularly finally ironically evenly boldly silently`)
	prepositions = weighted(`50 about above according_to across after against along 40 alongside_of 30 among
		20 around at 1 atop before behind beneath beside besides between beyond by despite during except for
		from in_place_of inside instead_of into near of on outside over past since through throughout to
		toward under until up upon without with within`)
	auxiliaries = weighted(`1 do may might shall will would can could should ought_to must will_have_to
		shall_have_to could_have_to should_have_to must_have_to need_to try_to`)
	ends = weighted(`50 . 1 ; : ? ! --`)
)
