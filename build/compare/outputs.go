package compare

import (
	"encoding/hex"
	"math/big"

	"github.com/buildscope/buildscope/model"
)

// whole makes one output of each table whose rows are in several files. The checksum of
// a table is the sum modulo 2^128 of those of its files, as theirs are of their rows.
func whole(files []model.OutputLocation) []model.OutputLocation {
	var tables []model.OutputLocation
	at := map[string]int{}
	for _, f := range files {
		i, more := at[f.Name]
		if !more {
			at[f.Name] = len(tables)
			tables = append(tables, f)
			continue
		}
		t := &tables[i]
		t.Rows, t.Bytes, t.Checksum = t.Rows+f.Rows, t.Bytes+f.Bytes, sumOf(t.Checksum, f.Checksum)
	}
	return tables
}

// sumOf adds two checksums; "" when one is none.
func sumOf(a, b string) string {
	x, errA := hex.DecodeString(a)
	y, errB := hex.DecodeString(b)
	if errA != nil || errB != nil || len(x) != 16 || len(y) != 16 {
		return ""
	}
	sum := new(big.Int).Add(new(big.Int).SetBytes(x), new(big.Int).SetBytes(y))
	out := make([]byte, 17)
	sum.FillBytes(out)
	return hex.EncodeToString(out[1:])
}
