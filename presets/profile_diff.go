package presets

// ProfileDifference is a setting that two profiles do not give the same value.
type ProfileDifference struct {
	Key string       `json:"key"`
	A   ProfileValue `json:"a"`
	B   ProfileValue `json:"b"`
}

// ProfileValue is what a profile makes of a setting while nothing else sets it.
type ProfileValue struct {
	Text   string `json:"text"`   // redacted
	Source string `json:"source"` // "profile ci", with the profile it extends named, "default" or "implied by …"
}

// String tells a default from the same text given by a profile.
func (v ProfileValue) String() string {
	text := v.Text
	if text == "" {
		text = "(empty)"
	}
	if v.Source == "default" {
		text += " (default)"
	}
	return text
}

// CompareProfiles lists the settings that differ under two profiles, in the order of
// the table. Flags, variables and the rest of the config file are left out.
func (r *Resolved) CompareProfiles(a, b string) ([]ProfileDifference, error) {
	ra, err := r.alone(a)
	if err != nil {
		return nil, err
	}
	rb, err := r.alone(b)
	if err != nil {
		return nil, err
	}
	out := []ProfileDifference{}
	for i, va := range ra.Values {
		vb := rb.Values[i]
		if va.Key != ProfileKey && ra.texts[va.Key] != rb.texts[va.Key] {
			out = append(out, ProfileDifference{va.Key, ProfileValue{va.Text, va.Source}, ProfileValue{vb.Text, vb.Source}})
		}
	}
	return out, nil
}

// alone resolves a profile with nothing above it.
func (r *Resolved) alone(name string) (*Resolved, error) {
	chosen := layerText{text: name, source: "argument"}
	p := &Resolved{files: r.files, dir: r.dir}
	if _, errs := p.expand(chosen); len(errs) > 0 {
		return nil, &Errors{errs}
	}
	p.layers = []namedLayer{{"argument", layer{ProfileKey: chosen}}}
	p.build() // settings that contradict each other are compared all the same
	return p, nil
}
