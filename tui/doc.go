// Package tui is the terminal program: it shows settings, a build as it runs and
// what the build left behind, and turns keys into actions on them. What a build
// is, how settings are resolved and where artifacts lie is behind the small
// interfaces of Options; how things are drawn is in packages pane, ui and theme.
package tui
