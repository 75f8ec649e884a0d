package model

// SettingError is a value of a setting that cannot be used, found where the settings
// are used: whoever has them resolved adds value and source.
type SettingError struct {
	Key string // as build.targets
	Err error
}

func (e *SettingError) Error() string { return e.Key + ": " + e.Err.Error() }

// Unwrap gives what is wrong.
func (e *SettingError) Unwrap() error { return e.Err }
