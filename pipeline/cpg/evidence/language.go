package evidence

import "path"

// Language names the language of a source file by its extension: python, go, or
// "" for a file that no front end reads.
func Language(file string) string {
	switch path.Ext(file) {
	case ".py", ".pyi", ".pyw":
		return "python"
	case ".go":
		return "go"
	}
	return ""
}
