// Package browsertest drives a Chromium without a window in tests of pages.
package browsertest

import (
	"bufio"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"
)

// Browser is a Chromium without a window, spoken to over its DevTools protocol.
// With --remote-debugging-pipe that is JSON objects, each ended by a zero byte, on
// the file descriptors 3 and 4: nothing listens on a port.
type Browser struct {
	t   *testing.T
	in  io.Writer
	out chan message // closed when the browser ends

	last    int
	session string // of the page that is open
	mu      sync.Mutex
	trouble []string // what the console said, and what was asked of the network
}

type message struct {
	ID        int             `json:"id,omitempty"`
	Method    string          `json:"method,omitempty"`
	Params    json.RawMessage `json:"params,omitempty"`
	SessionID string          `json:"sessionId,omitempty"`
	Result    json.RawMessage `json:"result,omitempty"`
	Error     *struct {
		Message string `json:"message"`
	} `json:"error,omitempty"`
}

// patience is how long a browser on a busy machine may take for one answer.
const patience = 60 * time.Second

// New starts a browser that ends with the test. Where there is none the test
// is skipped, but not in CI.
func New(t *testing.T) *Browser {
	t.Helper()
	var path string
	for _, name := range []string{"chromium", "chromium-browser", "google-chrome"} {
		if p, err := exec.LookPath(name); err == nil {
			path = p
			break
		}
	}
	if path == "" {
		if os.Getenv("CI") == "true" {
			t.Fatal("there is no Chromium; CI must have one (Debian: apt-get install chromium)")
		}
		t.Skip("there is no Chromium (Debian: apt-get install chromium)")
	}
	toRead, toWrite, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	fromRead, fromWrite, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	profile, err := os.MkdirTemp("", "page-test-")
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command(path, "--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
		"--disable-component-update", "--disable-sync", "--disable-dev-shm-usage", "--remote-debugging-pipe", "--user-data-dir="+profile, "about:blank")
	cmd.ExtraFiles = []*os.File{toRead, fromWrite}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	err = errors.Join(toRead.Close(), fromWrite.Close())
	b := &Browser{t: t, in: toWrite, out: make(chan message, 1024)}
	read := make(chan struct{})
	go func() {
		defer close(read)
		defer close(b.out)
		b.listen(fromRead)
	}()
	t.Cleanup(func() {
		_ = toWrite.Close() // the end of its pipe is the end of the browser
		stop := time.AfterFunc(5*time.Second, func() { _ = cmd.Process.Kill() })
		_ = cmd.Wait()
		stop.Stop()
		_ = fromRead.Close()
		<-read
		// Its last processes may still write there for a moment.
		for range 20 {
			if err = os.RemoveAll(profile); err == nil {
				break
			}
			time.Sleep(50 * time.Millisecond)
		}
		if err != nil {
			t.Logf("remove the profile of the browser: %v", err)
		}
	})
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// For makes t, a subtest, the one that fails from now on.
func (b *Browser) For(t *testing.T) { b.t = t }

// listen takes what the browser says. Events are noted; answers go to whoever waits.
func (b *Browser) listen(r io.Reader) {
	in := bufio.NewReaderSize(r, 1<<20)
	for {
		data, err := in.ReadBytes(0)
		if err != nil {
			return
		}
		var m message
		if json.Unmarshal(data[:len(data)-1], &m) != nil {
			continue
		}
		b.note(m)
		if m.ID != 0 || m.Method == "Page.loadEventFired" {
			b.out <- m
		}
	}
}

// note keeps what a page must not do.
func (b *Browser) note(m message) {
	var request struct {
		Request struct {
			URL string `json:"url"`
		} `json:"request"`
	}
	switch m.Method {
	case "Runtime.exceptionThrown", "Runtime.consoleAPICalled", "Log.entryAdded":
	case "Network.requestWillBeSent":
		if json.Unmarshal(m.Params, &request) == nil && strings.HasPrefix(request.Request.URL, "file://") && strings.HasSuffix(request.Request.URL, ".html") {
			return // the page itself
		}
	default:
		return
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	b.trouble = append(b.trouble, fmt.Sprintf("%s %.400s", m.Method, m.Params))
}

// call asks and waits for the answer.
func (b *Browser) call(method string, params, result any) {
	b.t.Helper()
	b.last++
	data, err := json.Marshal(params)
	if err != nil {
		b.t.Fatal(err)
	}
	m := message{ID: b.last, Method: method, Params: data}
	if !strings.HasPrefix(method, "Target.") {
		m.SessionID = b.session
	}
	if data, err = json.Marshal(m); err != nil {
		b.t.Fatal(err)
	}
	if _, err := b.in.Write(append(data, 0)); err != nil {
		b.t.Fatalf("%s: %v", method, err)
	}
	answer := b.wait(method, func(m message) bool { return m.ID == b.last })
	if answer.Error != nil {
		b.t.Fatalf("%s: %s", method, answer.Error.Message)
	}
	if result != nil {
		if err := json.Unmarshal(answer.Result, result); err != nil {
			b.t.Fatalf("%s: %v", method, err)
		}
	}
}

func (b *Browser) wait(what string, is func(message) bool) message {
	b.t.Helper()
	late := time.After(patience)
	for {
		select {
		case m, ok := <-b.out:
			if !ok {
				b.t.Fatalf("%s: the browser has ended", what)
			}
			if is(m) {
				return m
			}
		case <-late:
			b.t.Fatalf("%s: no answer within %s", what, patience)
		}
	}
}

// Look is how a page is looked at.
type Look struct {
	Width, Height int
	Scheme        string // dark or light
	Scripts       bool
}

// String names the look as a file can be named.
func (l Look) String() string {
	s := fmt.Sprintf("%dx%d-%s", l.Width, l.Height, l.Scheme)
	if !l.Scripts {
		s += "-noscript"
	}
	return s
}

type object = map[string]any

// Open shows what is at an URL in a fresh page.
func (b *Browser) Open(url string, l Look) {
	b.t.Helper()
	var target struct {
		TargetID  string `json:"targetId"`
		SessionID string `json:"sessionId"`
	}
	b.call("Target.createTarget", object{"url": "about:blank"}, &target)
	b.call("Target.attachToTarget", object{"targetId": target.TargetID, "flatten": true}, &target)
	b.session = target.SessionID
	for _, domain := range []string{"Page", "Runtime", "Log", "Network"} {
		b.call(domain+".enable", object{}, nil)
	}
	b.call("Emulation.setDeviceMetricsOverride", object{"width": l.Width, "height": l.Height, "deviceScaleFactor": 1, "mobile": l.Width < 600}, nil)
	b.call("Emulation.setEmulatedMedia", object{"features": []object{{"name": "prefers-color-scheme", "value": l.Scheme}}}, nil)
	b.call("Emulation.setScriptExecutionDisabled", object{"value": !l.Scripts}, nil)
	b.call("Page.navigate", object{"url": url}, nil)
	b.wait("load "+url, func(m message) bool { return m.Method == "Page.loadEventFired" && m.SessionID == b.session })
}

// Eval runs a script of the test's, also in a page that may not run its own.
func (b *Browser) Eval(script string, result any) {
	b.t.Helper()
	var answer struct {
		Result struct {
			Value json.RawMessage `json:"value"`
		} `json:"result"`
		Exception *struct {
			Text      string          `json:"text"`
			Exception json.RawMessage `json:"exception"`
		} `json:"exceptionDetails"`
	}
	b.call("Runtime.evaluate", object{"expression": script, "returnByValue": true}, &answer)
	if answer.Exception != nil {
		b.t.Fatalf("%s: %s %s", script, answer.Exception.Text, answer.Exception.Exception)
	}
	if result == nil {
		return
	}
	if err := json.Unmarshal(answer.Result.Value, result); err != nil {
		b.t.Fatalf("%s gave %s: %v", script, answer.Result.Value, err)
	}
}

// Mouse does what a hand does with the left button at a place.
func (b *Browser) Mouse(kind string, x, y float64) {
	b.t.Helper()
	buttons := 1
	if kind == "mouseReleased" {
		buttons = 0
	}
	b.call("Input.dispatchMouseEvent", object{"type": kind, "x": x, "y": y, "button": "left", "buttons": buttons, "clickCount": 1}, nil)
}

// Shoot writes a picture of the page to a folder.
func (b *Browser) Shoot(dir, name string, whole bool) {
	b.t.Helper()
	var shot struct {
		Data []byte `json:"data"`
	}
	b.call("Page.captureScreenshot", object{"format": "png", "captureBeyondViewport": whole}, &shot)
	if err := os.WriteFile(filepath.Join(dir, name+".png"), shot.Data, 0o644); err != nil {
		b.t.Fatal(err)
	}
}

// Troubles are the console's messages and the requests since the last call.
func (b *Browser) Troubles() []string {
	b.mu.Lock()
	defer b.mu.Unlock()
	defer func() { b.trouble = nil }()
	return b.trouble
}
