package presets

import (
	"embed"
	"errors"
	"fmt"
	"path/filepath"
	"reflect"
	"slices"
	"sort"
	"strconv"
	"strings"
	"time"

	"github.com/buildscope/buildscope/model"
)

//go:embed profiles/*.toml
var profileFiles embed.FS

// builtinNames are the profiles every installation has, quietest first.
var builtinNames = []string{"off", "prod", "ci", "dev", "debug"}

// FlagValue is a flag that was given on the command line.
type FlagValue struct{ Name, Text string }

// Input is everything settings are resolved from.
type Input struct {
	Flags      []FlagValue
	Env        map[string]string
	ConfigFile string // --config; it must exist
	Dir        string // where the search for buildscope.toml starts; relative paths of flags start here
}

// Errors is every fault that was found in the settings.
type Errors struct{ List []error }

func (e *Errors) Error() string {
	lines := make([]string, len(e.List))
	for i, err := range e.List {
		lines[i] = err.Error()
	}
	return strings.Join(lines, "\n")
}

// Unwrap gives the single faults.
func (e *Errors) Unwrap() []error { return e.List }

// Resolved is one complete configuration with the origin of every value.
type Resolved struct {
	Settings model.Settings
	Values   []model.Value // in the order of the table
	Profile  string
	Extends  []string // profiles it builds on, nearest first
	File     string   // config file that was read, "" for none

	layers []namedLayer
	files  map[string]*profile
	texts  map[string]string // effective text by name, secrets included
	dir    string            // where relative paths start
}

type namedLayer struct {
	name   string // form, flag, env, file, hamilton.conf, profile
	values layer
}

// Resolve reads every layer and checks every value. The error is an *Errors with
// all faults.
func Resolve(in Input) (*Resolved, error) {
	r := &Resolved{files: map[string]*profile{}, dir: in.Dir}
	var errs []error
	file := layer{}
	path, shown := in.ConfigFile, in.ConfigFile
	if path == "" {
		path = FindFile(in.Dir)
		shown = FileName
	}
	if path != "" {
		f, fileErrs := readFile(path, shown)
		errs = append(errs, fileErrs...)
		if f != nil {
			r.File, file, r.files = path, f.values, f.profiles
		}
	}
	flags, flagErrs := flagLayer(in.Flags)
	env := envLayer(in.Env)
	errs = append(errs, flagErrs...)
	prefixSources(file, "file ")
	conf, confErrs := hamiltonLayer(in.Env)
	errs = append(errs, confErrs...)
	r.layers = []namedLayer{{"flag", flags}, {"env", env}, {"file", file}, {"hamilton.conf", conf}}
	errs = append(errs, r.build()...)
	if len(errs) > 0 {
		return nil, &Errors{errs}
	}
	r.absolute()
	return r, nil
}

// With resolves again with edits of a form on top of every other layer.
func (r *Resolved) With(edits map[string]string) (*Resolved, error) {
	form := layer{}
	for k, text := range edits {
		if _, ok := Lookup(k); !ok {
			return nil, &Errors{[]error{fmt.Errorf("unknown setting %s%s", k, nearestName(k))}}
		}
		form[k] = layerText{text: text, source: "form"}
	}
	return r.below(form)
}

// WithFlags resolves again with flags of somebody else on top of every other layer.
func (r *Resolved) WithFlags(flags []FlagValue) (*Resolved, error) {
	top, errs := flagLayer(flags)
	if len(errs) > 0 {
		return nil, &Errors{errs}
	}
	return r.below(top)
}

// below resolves with a layer on top, in the place of one that was there.
func (r *Resolved) below(top layer) (*Resolved, error) {
	next := &Resolved{File: r.File, files: r.files, dir: r.dir}
	for _, l := range r.layers {
		if l.name != "form" && l.name != "profile" {
			next.layers = append(next.layers, l)
		}
	}
	next.layers = append([]namedLayer{{"form", top}}, next.layers...)
	if errs := next.build(); len(errs) > 0 {
		return nil, &Errors{errs}
	}
	next.absolute()
	return next, nil
}

func flagLayer(flags []FlagValue) (layer, []error) {
	out := layer{}
	var errs []error
	for _, f := range flags {
		i := slices.IndexFunc(table, func(s Setting) bool { return s.Flag == f.Name || s.Alias != "" && s.Alias == f.Name })
		if i < 0 {
			errs = append(errs, fmt.Errorf("unknown flag --%s", f.Name))
			continue
		}
		out[table[i].Name()] = layerText{text: f.Text, source: "flag --" + table[i].Flag}
	}
	return out, errs
}

func envLayer(env map[string]string) layer {
	out := layer{}
	for _, s := range table {
		for _, name := range s.EnvNames() {
			text, ok := env[name]
			if !ok || text == "" { // an empty variable counts as unset, as OpenTelemetry has it
				continue
			}
			out[s.Name()] = standardText(s, name, text)
			break
		}
	}
	return out
}

// standardText translates what the standard variables write differently: times
// are whole milliseconds there, and console is our stdout.
func standardText(s Setting, name, text string) layerText {
	v := layerText{text: text, source: "env " + name}
	switch {
	case strings.HasPrefix(name, envPrefix):
	case s.Kind == Duration:
		ms, err := strconv.ParseInt(text, 10, 64)
		if err != nil {
			v.bad = "must be a whole number of milliseconds"
			break
		}
		v.text = (time.Duration(ms) * time.Millisecond).String()
	case s.Key == "exporter":
		v.text = strings.ReplaceAll(text, "console", "stdout")
	}
	return v
}

func prefixSources(l layer, prefix string) {
	for k, v := range l {
		l[k] = layerText{text: v.text, source: prefix + v.source}
	}
}

// build fills Profile, Settings and Values from the layers.
func (r *Resolved) build() []error {
	chosen := layerText{}
	for _, l := range r.layers {
		if v, ok := l.values[ProfileKey]; ok {
			chosen = v
			break
		}
	}
	if chosen.text == "" {
		s, _ := Lookup(ProfileKey)
		chosen = layerText{text: s.Default, source: "default"}
	}
	r.Profile = chosen.text
	prof, errs := r.expand(chosen)
	r.layers = append(r.layers, namedLayer{"profile", prof})
	values := map[string]any{}
	r.texts = map[string]string{}
	for _, s := range table {
		v, val, err := r.one(s)
		r.Values = append(r.Values, v)
		if err != nil {
			if s.Base == "" || !strings.HasPrefix(v.Source, s.Base+", ") {
				errs = append(errs, err) // else the base has reported the same fault
			}
			continue
		}
		values[s.Name()] = val
	}
	fill(reflect.ValueOf(&r.Settings).Elem(), "", values)
	if len(errs) == 0 {
		errs = crossChecks(r)
	}
	return errs
}

// one resolves one setting: the effective text and what lower layers would give.
func (r *Resolved) one(s Setting) (model.Value, any, error) {
	name := s.Name()
	found := r.given(s)
	if len(found) == 0 && s.exporter() {
		found = r.implied(s)
	}
	if len(found) == 0 && name == "otel.service_name" {
		found = r.serviceName()
	}
	found = append(found, layerText{text: s.Default, source: "default"})
	if s.endpoint() {
		found[0] = r.complete(s, found[0])
	}
	show := r.shown(s)
	top := found[0]
	r.texts[name] = top.text
	v := model.Value{Key: name, Text: show(top.text), Source: top.source, Secret: s.Secret}
	for _, f := range found[1:] {
		v.Lower = append(v.Lower, model.Layer{Text: show(f.text), Source: f.source})
	}
	val, err := s.parse(top.text)
	if top.bad != "" {
		err = errors.New(top.bad)
	}
	if err != nil {
		err = &Fault{Key: name, Text: show(top.text), Source: top.source, Err: err}
	}
	return v, val, err
}

// shown is how a text of the setting may be shown: secrets as a mask, and of maps
// without the values whose keys diagnostics.redact_keys matches.
func (r *Resolved) shown(s Setting) func(string) string {
	switch {
	case s.Secret:
		return mask
	case s.Kind == Map:
		return model.NewRedactor(splitList(r.Value("diagnostics.redact_keys").Text)).Text
	}
	return model.HideUser // an endpoint must not have one, but may
}

// given lists what the layers give for a setting, the highest first. In a layer
// that has only the setting's base, that counts.
func (r *Resolved) given(s Setting) []layerText {
	var found []layerText
	for _, l := range r.layers {
		if v, ok := l.values[s.Name()]; ok {
			found = append(found, v)
			continue
		}
		if v, ok := l.values[s.Base]; ok && s.Base != "" {
			found = append(found, layerText{text: v.text, source: s.Base + ", " + v.source, bad: v.bad, based: true})
		}
	}
	return found
}

// expand gives the values of a profile and of everything it extends.
func (r *Resolved) expand(chosen layerText) (layer, []error) {
	out := layer{}
	r.Extends = nil
	seen := []string{}
	for name := chosen.text; name != ""; {
		if slices.Contains(seen, name) {
			return out, []error{fmt.Errorf("profile %s extends itself: %s", chosen.text, strings.Join(append(seen, name), " -> "))}
		}
		seen = append(seen, name)
		p, err := r.profile(name)
		if err != nil {
			if len(seen) > 1 {
				return out, []error{fmt.Errorf("profile %s extends %s: %w", seen[len(seen)-2], name, err)}
			}
			return out, []error{fmt.Errorf("%s = %s (%s): %w", ProfileKey, name, chosen.source, err)}
		}
		for k, v := range p.values {
			if _, ok := out[k]; !ok {
				out[k] = layerText{text: v.text, source: "profile " + name}
			}
		}
		name = p.extends
	}
	r.Extends = append(r.Extends, seen[1:]...)
	return out, nil
}

func (r *Resolved) profile(name string) (*profile, error) {
	if p, ok := r.files[name]; ok {
		return p, nil
	}
	if slices.Contains(builtinNames, name) {
		data, err := profileFiles.ReadFile("profiles/" + name + ".toml")
		if err != nil {
			return nil, fmt.Errorf("read profile %s: %w", name, err)
		}
		f, errs := parseFile("profile "+name, data)
		return &profile{name: name, values: f.values}, errors.Join(errs...)
	}
	return nil, fmt.Errorf("there is no such profile; there are %s", strings.Join(r.ProfileNames(), ", "))
}

// ProfileNames lists the built-in profiles, then the user's own.
func (r *Resolved) ProfileNames() []string {
	var own []string
	for name := range r.files {
		own = append(own, name)
	}
	sort.Strings(own)
	return append(slices.Clone(builtinNames), own...)
}

// ProfileValues is what a profile sets, by name of the setting.
func (r *Resolved) ProfileValues(name string) (map[string]string, error) {
	l, errs := (&Resolved{files: r.files}).expand(layerText{text: name, source: "argument"})
	if len(errs) > 0 {
		return nil, &Errors{errs}
	}
	out := map[string]string{}
	for k, v := range l {
		out[k] = v.text
	}
	return out, nil
}

// Value finds a resolved value by name; the zero Value when there is none.
func (r *Resolved) Value(name string) model.Value {
	for _, v := range r.Values {
		if v.Key == name {
			return v
		}
	}
	return model.Value{}
}

// ValidateText says what is wrong with a text for a setting, nil if nothing is.
func ValidateText(name, text string) error {
	s, ok := Lookup(name)
	if !ok {
		return fmt.Errorf("unknown setting %s%s", name, nearestName(name))
	}
	_, err := s.parse(text)
	return err
}

// fill copies parsed values into the struct by its setting tags.
func fill(v reflect.Value, prefix string, values map[string]any) {
	for i := range v.NumField() {
		name := v.Type().Field(i).Tag.Get("setting")
		f := v.Field(i)
		if f.Kind() == reflect.Struct {
			fill(f, name+".", values)
			continue
		}
		if val, ok := values[prefix+name]; ok && val != nil {
			f.Set(reflect.ValueOf(val).Convert(f.Type()))
		}
	}
}

// absolute resolves the directories of a build against the working directory. The
// work directory is inside the repository unless somebody names another, and the
// outputs are inside that.
func (r *Resolved) absolute() {
	b, dir := &r.Settings.Build, r.dir
	abs := func(base, path string) string {
		if filepath.IsAbs(path) {
			return path
		}
		return filepath.Join(base, path)
	}
	b.RepoRoot = abs(dir, b.RepoRoot)
	if real, err := filepath.EvalSymlinks(b.RepoRoot); err == nil {
		b.RepoRoot = real
	}
	if b.WorkDir == "" {
		b.WorkDir = filepath.Join(b.RepoRoot, ".buildscope")
	}
	b.WorkDir = abs(dir, b.WorkDir)
	if b.OutputDir == "" {
		b.OutputDir = filepath.Join(b.WorkDir, "outputs")
	}
	b.OutputDir = abs(dir, b.OutputDir)
}

// Environ turns os.Environ's form into a map.
func Environ(list []string) map[string]string {
	out := make(map[string]string, len(list))
	for _, kv := range list {
		if k, v, ok := strings.Cut(kv, "="); ok {
			out[k] = v
		}
	}
	return out
}
