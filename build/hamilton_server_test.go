package build_test

import (
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
	"time"
)

// hamiltonServer is a real Hamilton UI server with a database of its own, which
// can be killed and started again where it was.
type hamiltonServer struct {
	url    string
	port   int
	python string
	dir    string
	cmd    *exec.Cmd // nil: it does not run
}

// newHamiltonServer starts a server. Where CI is set it is installed and must
// start; elsewhere BUILDSCOPE_TEST_HAMILTON_PYTHON names an interpreter that has it.
func newHamiltonServer(t *testing.T) *hamiltonServer {
	t.Helper()
	s := &hamiltonServer{python: os.Getenv("BUILDSCOPE_TEST_HAMILTON_PYTHON"), dir: t.TempDir()}
	if s.python == "" {
		if os.Getenv("CI") != "true" {
			t.Skip("installing a Hamilton UI takes minutes: set CI=true, or BUILDSCOPE_TEST_HAMILTON_PYTHON to an interpreter that has one")
		}
		venv := filepath.Join(s.dir, "venv")
		s.python = filepath.Join(venv, "bin", "python")
		// Later releases do not start with each other.
		for _, c := range [][]string{{"python3", "-m", "venv", venv}, {s.python, "-m", "pip", "-q", "install",
			"sf-hamilton-ui==0.0.17", "django-ninja>=1.1,<1.5", "django>=4.2,<5.3", "sf-hamilton==1.88.0", "sf-hamilton-sdk==0.8.0", "pandas", "setuptools"}} {
			if out, err := exec.Command(c[0], c[1:]...).CombinedOutput(); err != nil {
				t.Fatalf("%v: %v\n%s", c, err, out)
			}
		}
	}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	s.port = l.Addr().(*net.TCPAddr).Port
	if err := l.Close(); err != nil {
		t.Fatal(err)
	}
	if err := os.Mkdir(filepath.Join(s.dir, "ui"), 0o755); err != nil {
		t.Fatal(err)
	}
	s.url = fmt.Sprintf("http://127.0.0.1:%d", s.port)
	t.Cleanup(s.kill)
	if err := s.start(); err != nil {
		t.Fatal(err)
	}
	return s
}

// start starts the server and waits for its answer.
func (s *hamiltonServer) start() error {
	log, err := os.OpenFile(filepath.Join(s.dir, "ui.log"), os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o644)
	if err != nil {
		return err
	}
	defer log.Close() // the server has its own
	// Without the autoloader there is one process to end.
	manage := "import os, sys\nos.environ['DJANGO_SETTINGS_MODULE'] = 'hamilton_ui.server.settings_mini'\n" +
		"import hamilton_ui\nsys.path.insert(0, os.path.dirname(hamilton_ui.__file__))\nos.environ['DJANGO_SETTINGS_MODULE'] = 'server.settings_mini'\n" +
		"from django.core.management import execute_from_command_line as run\nrun(['m', 'migrate'])\n" +
		fmt.Sprintf("run(['m', 'runserver', '127.0.0.1:%d', '--insecure', '--noreload'])\n", s.port)
	s.cmd = exec.Command(s.python, "-c", manage)
	s.cmd.Env = append(os.Environ(), "HAMILTON_BASE_DIR="+filepath.Join(s.dir, "ui"), "HAMILTON_TELEMETRY_ENABLED=false")
	s.cmd.Stdout, s.cmd.Stderr = log, log
	if err := s.cmd.Start(); err != nil {
		return err
	}
	for end := time.Now().Add(time.Minute); time.Now().Before(end); time.Sleep(200 * time.Millisecond) {
		if code, body := get(s.url + "/api/ping"); code == 200 && body == "ok" {
			return nil
		}
	}
	text, err := os.ReadFile(log.Name())
	return fmt.Errorf("the Hamilton UI did not start (%v):\n%s", err, text)
}

// kill ends the server at once, as a crash does.
func (s *hamiltonServer) kill() {
	if s.cmd == nil {
		return
	}
	_ = s.cmd.Process.Kill() // it may have ended
	_ = s.cmd.Wait()         // killed
	s.cmd = nil
}

func get(url string) (int, string) {
	req, err := http.NewRequest(http.MethodGet, url, nil)
	if err != nil {
		return 0, err.Error()
	}
	req.Header.Set("X-Api-User", "alice@example.com")
	c := &http.Client{Transport: &http.Transport{DisableKeepAlives: true}}
	resp, err := c.Do(req)
	if err != nil {
		return 0, err.Error()
	}
	defer resp.Body.Close()
	data, _ := io.ReadAll(resp.Body) // what is missing shows in what is compared
	return resp.StatusCode, string(data)
}
