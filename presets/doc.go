// Package presets is the one place where a setting of buildscope is defined:
// the table of settings, the diagnostics profiles, and the resolution of flags,
// environment, config file, profile and default into one model.Settings in which
// every value knows where it came from. Flags, the JSON schema, the reference
// page and the settings screen are derived from the table; nothing here acts on
// a setting.
package presets
