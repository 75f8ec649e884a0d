package pane

import (
	"github.com/buildscope/buildscope/model"
	"github.com/buildscope/buildscope/otel/runview"
)

// planDiagnostics tells how to get the engine's operators.
const planDiagnostics = "diagnostics.enable_plan_diagnostics was off. Switch it on (--enable-plan-diagnostics, or --profile ci, dev or debug) and build again."

// noOperators says why the engine's account of a statement is not there; "" when it
// is.
func noOperators(row runview.Detail) string {
	q := row.Query
	switch state := row.Row.State; {
	case q.Profile != nil && len(q.Profile.Root) > 0:
		return ""
	case q.Profile != nil:
		return "the engine gave none for this statement."
	case q.Cut != "":
		return "what came of them cannot be read (" + q.Cut + "): the sender's otel.attribute_value_length_limit may have cut them."
	case !state.Ended():
		return "they come when the statement has ended."
	case state == model.NodeFailed, state == model.NodeCancelled:
		return "the engine gives none of a statement that did not end well."
	case state == model.NodeBlocked:
		return "the statement was not run."
	case state == model.NodeCached:
		return "the result cache had none: when it was filled, " + planDiagnostics
	}
	return planDiagnostics
}
