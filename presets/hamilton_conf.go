package presets

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
)

// hamiltonConstants are the keys of Hamilton's own file that are settings here
// too, under the same names.
var hamiltonConstants = []string{"capture_data_statistics", "max_list_length_capture", "max_dict_length_capture"}

// hamiltonLayer reads the file in which Hamilton's SDK keeps its constants, so
// that whoever has turned capture off there has turned it off here. A missing
// file is no fault unless HAMILTON_CONFIG_URI names it.
func hamiltonLayer(env map[string]string) (layer, []error) {
	out := layer{}
	path := strings.TrimPrefix(env["HAMILTON_CONFIG_URI"], "file://")
	named := path != ""
	if !named {
		if env["HOME"] == "" {
			return out, nil
		}
		path = filepath.Join(env["HOME"], ".hamilton.conf")
	}
	if rest, ok := strings.CutPrefix(path, "~/"); ok {
		path = filepath.Join(env["HOME"], rest)
	}
	data, err := os.ReadFile(path)
	if errors.Is(err, fs.ErrNotExist) && !named {
		return out, nil
	}
	if err != nil {
		return out, []error{fmt.Errorf("read Hamilton's configuration: %w", err)}
	}
	section, number := "", 0
	for line := range strings.Lines(string(data)) {
		number++
		line = strings.TrimSpace(line)
		if line == "" || line[0] == '#' || line[0] == ';' {
			continue
		}
		if line[0] == '[' && line[len(line)-1] == ']' {
			section = line[1 : len(line)-1]
			continue
		}
		i := strings.IndexAny(line, "=:")
		if i < 0 || section != "SDK_CONSTANTS" {
			continue
		}
		key := strings.ToLower(strings.TrimSpace(line[:i]))
		if slices.Contains(hamiltonConstants, key) {
			text := strings.ToLower(strings.TrimSpace(line[i+1:]))
			out["hamilton."+key] = layerText{text: text, source: fmt.Sprintf("file %s:%d", filepath.Base(path), number)}
		}
	}
	return out, nil
}
