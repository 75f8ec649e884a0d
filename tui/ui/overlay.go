package ui

// Over lays the box into the middle of a screen of w cells per line and gives
// the same lines slice. Both have exact widths; a box that is larger than the
// screen is cut.
func Over(screen, box []string, w int) []string {
	if len(box) == 0 {
		return screen
	}
	boxW := min(Width(box[0]), w)
	x, y := (w-boxW)/2, max(0, (len(screen)-len(box))/2)
	for i, line := range box {
		if y+i >= len(screen) {
			break
		}
		under := screen[y+i]
		screen[y+i] = Window(under, 0, x) + Window(line, 0, boxW) + Window(under, x+boxW, w-x-boxW)
	}
	return screen
}
