package listing

import "strconv"

// Signature tells lists of files apart. Size, time and tag are part of it: what was
// found out of the files does not hold for others of their names.
func Signature(files []TableFile) string {
	var b []byte
	for _, f := range files {
		b = append(b, f.Path...)
		b = append(b, 0)
		b = strconv.AppendInt(b, f.Size, 36)
		b = append(b, 0)
		b = strconv.AppendInt(b, f.ModTime, 36)
		b = append(b, 0)
		b = append(b, f.Tag...)
		b = append(b, 0)
	}
	return string(b)
}
