package tracker

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"
)

// callTimeout bounds one request: the server answers in milliseconds, or is ill.
const callTimeout = 10 * time.Second

// maxAnswer bounds what is read of an answer; a run of 20,000 nodes needs a tenth.
const maxAnswer = 256 << 20

// Target is the server and who writes to it.
type Target struct {
	APIURL    string `json:"api_url"`
	UIURL     string `json:"ui_url"`
	ProjectID string `json:"project_id"`
	Username  string `json:"username"`
	APIKey    string `json:"-"` // never stored
}

// RunURL is the page of a run in the UI.
func (t Target) RunURL(run int64) string {
	return fmt.Sprintf("%s/dashboard/project/%s/runs/%d", strings.TrimRight(t.UIURL, "/"), t.ProjectID, run)
}

// CompareURL is the page of two runs side by side.
func (t Target) CompareURL(run, other int64) string {
	return t.RunURL(run) + "," + strconv.FormatInt(other, 10)
}

// ErrorURL is the page of a node's error in a run.
func (t Target) ErrorURL(run int64, node string) string {
	return t.RunURL(run) + "/task/" + url.PathEscape(node) + "?tab=Errors"
}

// Client makes the calls of Hamilton's HTTP API. Slashes at the end of its paths
// are part of them.
type Client struct {
	target Target
	http   *http.Client
}

// NewClient makes a client; Close it.
func NewClient(t Target) *Client {
	tr := http.DefaultTransport.(*http.Transport).Clone()
	return &Client{target: t, http: &http.Client{Transport: tr,
		// A redirect would carry the key to wherever the answer points.
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}}
}

// Close gives idle connections back.
func (c *Client) Close() { c.http.CloseIdleConnections() }

// statusError is an answer that refuses a request.
type statusError struct {
	code int
	text string
}

func (e *statusError) Error() string { return fmt.Sprintf("HTTP %d: %s", e.code, e.text) }

// refused reports whether the server has looked at the request and will never take it.
func refused(err error) bool {
	var s *statusError
	return errors.As(err, &s) && s.code >= 400 && s.code < 500 && s.code != http.StatusTooManyRequests && s.code != http.StatusRequestTimeout
}

// unsent reports whether the request cannot have reached the server.
func unsent(err error) bool {
	var op *net.OpError
	return errors.As(err, &op) && op.Op == "dial"
}

func (c *Client) call(ctx context.Context, method, path string, query url.Values, body, answer any) error {
	ctx, cancel := context.WithTimeout(ctx, callTimeout)
	defer cancel()
	var data []byte
	if body != nil {
		var err error
		if data, err = json.Marshal(body); err != nil {
			return fmt.Errorf("%s %s: %w", method, path, err)
		}
		data = withoutNUL(data)
	}
	to := strings.TrimRight(c.target.APIURL, "/") + "/api/v1" + path
	if len(query) > 0 {
		to += "?" + query.Encode()
	}
	req, err := http.NewRequestWithContext(ctx, method, to, bytes.NewReader(data))
	if err != nil {
		return fmt.Errorf("%s %s: %w", method, path, err)
	}
	req.Header.Set("Content-Type", "application/json")
	req.Header.Set("X-Api-User", c.target.Username)
	if c.target.APIKey != "" {
		req.Header.Set("X-Api-Key", c.target.APIKey)
	}
	resp, err := c.http.Do(req)
	if err != nil {
		return fmt.Errorf("%s %s: %w", method, path, err)
	}
	defer resp.Body.Close()
	got, err := io.ReadAll(io.LimitReader(resp.Body, maxAnswer))
	if err != nil {
		return fmt.Errorf("%s %s: read the answer: %w", method, path, err)
	}
	if resp.StatusCode != http.StatusOK {
		text := strings.ToValidUTF8(string(got[:min(len(got), 300)]), "")
		return fmt.Errorf("%s %s: %w", method, path, &statusError{resp.StatusCode, strings.TrimSpace(text)})
	}
	if answer == nil {
		return nil
	}
	if err := json.Unmarshal(got, answer); err != nil {
		return fmt.Errorf("%s %s: the answer is not what Hamilton's server sends: %w", method, path, err)
	}
	return nil
}

// withoutNUL writes NUL as Hamilton's SDK does: PostgreSQL takes none.
func withoutNUL(data []byte) []byte {
	if !bytes.Contains(data, []byte(`\u0000`)) {
		return data
	}
	out := make([]byte, 0, len(data))
	for i := 0; i < len(data); i++ {
		if data[i] != '\\' {
			out = append(out, data[i])
			continue
		}
		if bytes.HasPrefix(data[i:], []byte(`\u0000`)) {
			out = append(out, `\\x00`...)
			i += 5
			continue
		}
		out = append(out, data[i], data[i+1])
		i++
	}
	return out
}

// Project is one project that the user may see.
type Project struct {
	ID   int64
	Name string
	Role string
}

// greet makes the server know the user; it creates an unknown one.
func (c *Client) greet(ctx context.Context) error {
	return c.call(ctx, http.MethodGet, "/phone_home", nil, nil, nil)
}

// Projects lists the projects that the user may see, the newest first.
func (c *Client) Projects(ctx context.Context) ([]Project, error) {
	if err := c.greet(ctx); err != nil {
		return nil, err
	}
	var list []project
	if err := c.call(ctx, http.MethodGet, "/projects", url.Values{"limit": {"1000"}}, nil, &list); err != nil {
		return nil, err
	}
	out := make([]Project, len(list))
	for i, p := range list {
		out[i] = Project(p)
	}
	return out, nil
}

// CreateProject makes a project that the user may write to. One of the same name
// is taken instead, since the server keeps names apart by number only.
func (c *Client) CreateProject(ctx context.Context, name string) (p Project, made bool, err error) {
	list, err := c.Projects(ctx)
	if err != nil {
		return Project{}, false, err
	}
	for _, p := range list {
		if p.Name == name && p.Role == "write" {
			return p, false, nil
		}
	}
	body := map[string]any{"name": name, "description": "", "tags": map[string]string{}, "attributes": []any{},
		"visibility": map[string]any{"user_ids_visible": []string{}, "user_ids_writable": []string{c.target.Username},
			"team_ids_visible": []string{}, "team_ids_writable": []string{}}}
	var got project
	if err := c.call(ctx, http.MethodPost, "/projects", nil, body, &got); err != nil {
		return Project{}, false, err
	}
	return Project(got), true, nil
}
