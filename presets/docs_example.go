package presets

import (
	"bufio"
	"fmt"
	"io"
)

// exampleHead opens the file that config init writes.
const exampleHead = `# Settings of buildscope. Every line that starts with "#key" shows a default:
# remove the # and change the value. The file is found from the working
# directory upwards; flags and environment variables win over it.
`

// WriteExample writes a config file with every setting commented out, each with
// its meaning and default, so that the file as it is changes nothing.
func WriteExample(w io.Writer) error {
	b := bufio.NewWriter(w)
	b.WriteString(exampleHead)
	for _, section := range Sections() {
		fmt.Fprintf(b, "\n")
		if section != "" {
			fmt.Fprintf(b, "# %s\n[%s]\n\n", sectionDocs[section], section)
		}
		for _, s := range table {
			if s.Section != section {
				continue
			}
			fmt.Fprintf(b, "# %s\n#%s = %s\n\n", s.Doc, s.Key, tomlValue(s, s.Default))
		}
	}
	b.WriteString(`# A profile of your own, chosen by diagnostics_profile = "nightly".
#[profiles.nightly]
#extends = "ci"
#otel.sampler_arg = 0.5
`)
	return b.Flush()
}
