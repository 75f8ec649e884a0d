package receiver

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"

	"github.com/buildscope/buildscope/model"
)

// maxLine bounds a line of a file, which is one request.
const maxLine = 256 << 20

// ReadFile gives a session what a file holds in the format of the Collector's file
// exporter: OTLP requests of any signal as JSON, one a line. A line that cannot be
// read is skipped; the error names the first of them.
func ReadFile(r io.Reader, s *Session, keys *model.Redactor) (requests, bad int, err error) {
	in := bufio.NewReaderSize(r, 1<<16)
	for n := 1; ; n++ {
		line, last, rerr := readLine(in)
		if rerr != nil {
			return requests, bad, errors.Join(err, fmt.Errorf("line %d: %w", n, rerr))
		}
		if len(line) > 0 {
			req, derr := readRequest(line, keys)
			if derr == nil {
				s.Take(req.groups, len(line))
				requests++
			} else if bad++; err == nil {
				err = fmt.Errorf("line %d: %w", n, derr)
			}
		}
		if last {
			return requests, bad, err
		}
	}
}

func readRequest(line []byte, keys *model.Redactor) (request, error) {
	signal, err := signalOf(line)
	if err != nil {
		return request{}, err
	}
	return decode(signal, true, line, newRedactor(keys))
}

func readLine(in *bufio.Reader) (line []byte, last bool, err error) {
	for {
		part, err := in.ReadSlice('\n')
		line = append(line, part...)
		switch {
		case len(line) > maxLine:
			return nil, true, errTooLarge
		case err == nil:
			return bytes.TrimSpace(line), false, nil
		case errors.Is(err, io.EOF):
			return bytes.TrimSpace(line), true, nil
		case !errors.Is(err, bufio.ErrBufferFull):
			return nil, true, err
		}
	}
}

// signalOf reads the first keys of a request, until one tells its signal.
func signalOf(line []byte) (string, error) {
	d := json.NewDecoder(bytes.NewReader(line))
	if t, err := d.Token(); err != nil || t != json.Delim('{') {
		return "", errors.New("not a JSON object")
	}
	for d.More() {
		key, err := d.Token()
		if err != nil {
			return "", err
		}
		switch key {
		case "resourceSpans":
			return model.SignalTraces, nil
		case "resourceLogs":
			return model.SignalLogs, nil
		case "resourceMetrics":
			return model.SignalMetrics, nil
		}
		var skip json.RawMessage
		if err := d.Decode(&skip); err != nil {
			return "", err
		}
	}
	return "", errors.New("no OTLP request: it has none of resourceSpans, resourceLogs and resourceMetrics")
}
