package cli_test

import (
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"github.com/buildscope/buildscope/cli"
	"github.com/buildscope/buildscope/model"
	"github.com/buildscope/buildscope/model/nettest"
)

// Somebody's network is cut without a word: it is noticed, what was held for the client
// is given back, the others see the build go on, and whoever comes back finds it.
func TestServeNoticesACut(t *testing.T) {
	for name, lay := range map[string]func(testing.TB) nettest.Cable{"network": nettest.NewCable, "proxy": nettest.NewProxy} {
		t.Run(name, func(t *testing.T) {
			needsOpenSSH(t)
			repo, line := repository(t, "wait"), lay(t)
			s := serveRepo(t, "probe", repo, "--listen", line.Here+":0", "--ssh-keepalive-interval", "1s", "--ssh-keepalive-count", "3", "--ssh-health-listen", "127.0.0.1:0")
			ann := s.at("ann", 100, 30)
			ann.press("b")
			ann.expect("1 running")
			files, goroutines := s.holds()

			host, port, _ := net.SplitHostPort(line.Reach(net.JoinHostPort(s.host, s.port))) // an address has both
			command := strings.Join(append(append([]string{}, line.Via...), s.sshTo(host, port, "bob")...), " ")
			bob := newTmux(t, 100, 30)
			bob.typed(command).press("Enter")
			bob.expect("1 running", "2 here")
			ann.expect("2 here")
			if with, _ := s.holds(); with <= files {
				t.Errorf("%d files with two people, %d with one", with, files)
			}

			line.Cut()
			s.says("the client does not answer any more")
			ann.who("ann is in control (this is you)", "bob")
			took := regexp.MustCompile(`wait.*? (\d[\d.]*m?s)`)
			first := took.FindString(ann.screen())
			waitFor(t, "a screen that goes on", func() bool { return first != "" && took.FindString(ann.screen()) != first })
			waitFor(t, "the base line", func() bool {
				f, g := s.holds()
				return f <= files && g <= goroutines
			})
			if b := newest(t, repo); b.Status != model.RunIncomplete {
				t.Errorf("the build has ended: %+v", b.Summary)
			}

			line.Restore()
			waitFor(t, "the client's end", func() bool {
				bob.press("x")
				screen := strings.TrimRight(bob.screen(), " \n")
				return strings.HasSuffix(screen, "$ x") || strings.Contains(screen, "$ xx")
			})
			bob.press("C-u")
			bob.typed("clear; " + command).press("Enter")
			bob.expect("1 running", "2 here")
			ann.press("c")
			ann.expect("Cancel")
			ann.press("y")
			bob.expect("cancelled")
			bob.press("q")
			bob.expect("$")
			s.signal(os.Interrupt)
			if code := s.exit(); code != cli.ExitOK {
				t.Errorf("exit %d\n%s", code, s.narration())
			}
		})
	}
}

// holds is how many files and goroutines the server has.
func (s *served) holds() (files, goroutines int) {
	s.t.Helper()
	list, err := os.ReadDir(fmt.Sprintf("/proc/%d/fd", s.cmd.Process.Pid))
	if err != nil {
		s.t.Fatal(err)
	}
	found := regexp.MustCompile(`metrics on (http://\S+)`).FindStringSubmatch(s.narration())
	if found == nil {
		s.t.Fatal(s.narration())
	}
	client := http.Client{Transport: &http.Transport{DisableKeepAlives: true}}
	resp, err := client.Get(found[1] + "/metrics")
	if err != nil {
		s.t.Fatal(err)
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(resp.Body)
	if err != nil {
		s.t.Fatal(err)
	}
	count := regexp.MustCompile(`\ngo_goroutines (\d+)\n`).FindSubmatch(body)
	if count == nil {
		s.t.Fatalf("no goroutines in\n%s", body)
	}
	goroutines, err = strconv.Atoi(string(count[1]))
	if err != nil {
		s.t.Fatal(err)
	}
	return len(list), goroutines
}
