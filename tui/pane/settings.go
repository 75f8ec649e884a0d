package pane

// Setting is one setting as a form shows it. Values of secrets are redacted.
type Setting struct {
	Section string // "" at the top level
	Key     string // section.key, or the key alone at the top level
	Label   string // a few words
	Kind    string // bool, int, enum, duration, …: what the text must look like
	Unit    string // what a number counts; may be ""
	Text    string // effective value
	Source  string // where it comes from: "flag --otel-endpoint", "profile debug", "form", …
	Default string
	Profile string // what the chosen profile gives; "" unless FromProfile
	Doc     string // one sentence

	Allowed     []string // values of an enum, items of a list; empty means any
	Range       string   // bounds in words; may be ""
	Flag        string   // command line flag without dashes; "" means none
	Env         []string // environment variables that give it, the winning one first
	Secret      bool
	Edited      bool // changed in this form
	FromProfile bool // the chosen profile gives a value
}

// Values lists the fixed values of the setting; nil when it must be typed.
func (s Setting) Values() []string {
	switch s.Kind {
	case "bool":
		return []string{"false", "true"}
	case "enum":
		return s.Allowed
	}
	return nil
}

// Settings is the form's model: every setting with its value, and the edits
// made here, which win over every other layer. It is used by one goroutine.
type Settings interface {
	// List gives every setting in the order in which it is shown.
	List() []Setting
	// SectionTitle says in one sentence what a section is about; may be "".
	SectionTitle(section string) string
	// Validate says what is wrong with a text for a setting. It is called at
	// every key press.
	Validate(key, text string) error
	// Edit gives a setting a new value, Reset takes the edit back.
	Edit(key, text string) error
	Reset(key string) error
	// Undo takes the last step back, an edit or a reset, and Redo takes it again.
	// Steps says how many there are of each.
	Undo() error
	Redo() error
	Steps() (undo, redo int)
	// Edits is the number of settings that were changed here and not saved.
	Edits() int
	// Target is the file that Save would write by default, and Exists whether
	// there is one already.
	Target() (path string, exists bool)
	// Save writes the edits into a config file. It keeps what else is in the file.
	Save(path string) error
	// Written gives the settings as they are, in each form in which they can be
	// given once more. Secrets are left to be put in.
	Written() ([]Written, error)
	// CompareProfiles lists the settings that two profiles give different values.
	CompareProfiles(a, b string) ([]ProfileDifference, error)
	// CheckProfile says what is wrong with the name of a new profile, and whether
	// there is one of that name that SaveProfile would write over.
	CheckProfile(name string) (exists bool, err error)
	// SaveProfile writes the settings as they are into a config file as a profile,
	// which can be chosen at once. It says in sentences what it did.
	SaveProfile(name string, replace bool) ([]string, error)
}

// Written is text that gives the settings once more.
type Written struct {
	Name  string   // of the form: "command line"
	Text  string   // for the clipboard
	Notes []string // what the text does not say, a sentence each
}

// ProfileDifference is a setting with what two profiles make of it.
type ProfileDifference struct{ Key, A, B string }
