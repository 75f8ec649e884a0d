package presets

var tuiTable = []Setting{
	{
		Section: "tui", Key: "theme", Kind: String, Default: "auto",
		Flag:  "tui-theme",
		Short: "Theme",
		Doc:   "Colours and symbols of the screen: auto, dark, light or ascii; auto follows the background of the terminal, set it when the terminal does not say, or ascii for plain letters without colour. Any other name is that of a theme of your own, NAME.toml in the folder themes of the user's configuration, or the path of such a file.",
		check: themeName,
	},
	{
		Section: "tui", Key: "mouse", Kind: Bool, Default: "false",
		Flag:  "tui-mouse",
		Short: "Mouse",
		Doc:   "Whether the mouse scrolls and selects rows; the terminal then selects text only with a modifier key, so it is off at first. The key m switches it.",
	},
	{
		Section: "tui", Key: "refresh_rate", Kind: Int, Unit: "frames per second", Default: "10",
		Min: "1", Max: "30",
		Flag:  "tui-refresh-rate",
		Short: "Refresh rate",
		Doc:   "How often the screen of a running build is drawn anew at most; lower it on a slow line. Keys are answered at once whatever it is.",
	},
}
