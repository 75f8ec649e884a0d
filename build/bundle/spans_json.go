package bundle

import (
	"encoding/json"
	"fmt"
	"math"
	"strconv"

	"github.com/buildscope/buildscope/model"
)

// The attributes of a span are one JSON object, and its events one JSON array of
// {"name", "time_unix_ns", "attributes"}. They are written by hand because
// encoding/json spends more on a span than the rest of its way to the disk.

func appendAttrs(dst []byte, attrs []model.Attr) []byte {
	dst = append(dst, '{')
	for i, a := range attrs {
		if i > 0 {
			dst = append(dst, ',')
		}
		dst = appendJSON(append(appendString(dst, a.Key), ':'), a.Value)
	}
	return append(dst, '}')
}

func appendEvents(dst []byte, events []model.SpanEvent) []byte {
	dst = append(dst, '[')
	for i, e := range events {
		if i > 0 {
			dst = append(dst, ',')
		}
		dst = appendString(append(dst, `{"name":`...), e.Name)
		dst = strconv.AppendInt(append(dst, `,"time_unix_ns":`...), e.Time, 10)
		dst = appendAttrs(append(dst, `,"attributes":`...), e.Attrs)
		dst = append(dst, '}')
	}
	return append(dst, ']')
}

func appendJSON(dst []byte, v any) []byte {
	switch v := v.(type) {
	case string:
		return appendString(dst, v)
	case bool:
		return strconv.AppendBool(dst, v)
	case int64:
		return strconv.AppendInt(dst, v, 10)
	case float64:
		return appendFloat(dst, v)
	case []string:
		return appendList(dst, v, appendString)
	case []bool:
		return appendList(dst, v, strconv.AppendBool)
	case []int64:
		return appendList(dst, v, func(dst []byte, n int64) []byte { return strconv.AppendInt(dst, n, 10) })
	case []float64:
		return appendList(dst, v, appendFloat)
	}
	return appendString(dst, fmt.Sprint(v))
}

func appendList[T any](dst []byte, list []T, one func([]byte, T) []byte) []byte {
	dst = append(dst, '[')
	for i, v := range list {
		if i > 0 {
			dst = append(dst, ',')
		}
		dst = one(dst, v)
	}
	return append(dst, ']')
}

// appendFloat writes what JSON has no number for as a text: "NaN", "+Inf", "-Inf".
func appendFloat(dst []byte, f float64) []byte {
	if math.IsNaN(f) || math.IsInf(f, 0) {
		return append(strconv.AppendFloat(append(dst, '"'), f, 'g', -1, 64), '"')
	}
	return strconv.AppendFloat(dst, f, 'g', -1, 64)
}

func appendString(dst []byte, s string) []byte {
	for i := 0; i < len(s); i++ {
		if c := s[i]; c < 0x20 || c > 0x7e || c == '"' || c == '\\' {
			text, err := json.Marshal(s) // which cannot fail for a string
			if err != nil {
				return append(dst, `""`...)
			}
			return append(dst, text...)
		}
	}
	return append(append(append(dst, '"'), s...), '"')
}
