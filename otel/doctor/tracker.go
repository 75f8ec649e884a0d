package doctor

import (
	"context"
	"fmt"
	"strings"
	"time"
)

// trackerFor bounds what a Hamilton server may take to answer.
const trackerFor = 2500 * time.Millisecond

// checkTracker is D30.
func checkTracker(ctx context.Context, d *doctor) []Finding {
	h := d.Resolved.Settings.Hamilton
	if !h.EnableTracker || d.Projects == nil {
		return nil // nothing is sent there
	}
	ctx, cancel := context.WithTimeout(ctx, trackerFor)
	defer cancel()
	projects, err := d.Projects(ctx)
	if err != nil {
		key, means := "hamilton.api_url", "the server does not answer: runs are built, and wait for it in their bundles"
		if text := err.Error(); strings.Contains(text, "401") || strings.Contains(text, "403") {
			key, means = "hamilton.username", "the server does not take the user name with hamilton.api_key"
		}
		f := d.about("D30", Fail, key)
		f.Seen, f.Means, f.Advice = err.Error(), means, "start the Hamilton UI, or name its address and a user that it knows"
		return []Finding{f}
	}
	if _, ok := projects[h.ProjectID]; ok {
		return nil
	}
	f := d.about("D30", Fail, "hamilton.project_id")
	f.Means = "the server has no such project for this user"
	f.Advice = "make one with `buildscope tracker create-project NAME`"
	if len(projects) > 0 {
		var known []string
		for _, id := range sortedKeys(projects) {
			known = append(known, fmt.Sprintf("%s (%s)", id, projects[id]))
		}
		f.Advice = "it has " + strings.Join(known, ", ") + "; or " + f.Advice
	}
	return []Finding{f}
}
