package receiver

import (
	"go.opentelemetry.io/collector/pdata/plog/plogotlp"
	"go.opentelemetry.io/collector/pdata/pmetric/pmetricotlp"
	"go.opentelemetry.io/collector/pdata/ptrace/ptraceotlp"

	"github.com/buildscope/buildscope/model"
)

// response is the answer to an accepted request. What was refused of it is said.
func response(signal string, req request, json bool) ([]byte, error) {
	var r interface {
		MarshalProto() ([]byte, error)
		MarshalJSON() ([]byte, error)
	}
	rejected := int64(req.rejected)
	switch signal {
	case model.SignalTraces:
		t := ptraceotlp.NewExportResponse()
		if rejected > 0 {
			t.PartialSuccess().SetRejectedSpans(rejected)
			t.PartialSuccess().SetErrorMessage(req.reason)
		}
		r = t
	case model.SignalLogs:
		r = plogotlp.NewExportResponse() // every log record is taken
	default:
		r = pmetricotlp.NewExportResponse() // every data point is taken
	}
	if json {
		return r.MarshalJSON()
	}
	return r.MarshalProto()
}
