// Package nettest has what tests of networks need: cables that are cut, certificates.
package nettest

import (
	"fmt"
	"os"
	"os/exec"
	"strings"
	"testing"
)

// Cable joins this process to others, and can be cut without a word to either side.
type Cable struct {
	Here, There string                      // the addresses of its ends
	Via         []string                    // goes before a command that is to run at the other end
	Reach       func(address string) string // what to dial for who listens at the other end
	Cut         func()
	Restore     func()
}

// NewCable lays a pair of network devices into a namespace of their own, the cable between
// which can be pulled. Where the kernel does not let us do that, a proxy that stops to
// forward takes its place; it cannot lose what is on its way. A test has one at a time.
func NewCable(t testing.TB) Cable {
	t.Helper()
	ip, err := exec.LookPath("ip")
	if err != nil {
		if os.Getenv("CI") == "true" {
			t.Fatal(err)
		}
		t.Log("there is no ip of iproute2 on this machine: a proxy takes the place of a network namespace")
		return NewProxy(t)
	}
	n := os.Getpid() % 16000
	space, near, far := fmt.Sprintf("bscut%d", n), fmt.Sprintf("bscn%d", n), fmt.Sprintf("bscf%d", n)
	here, there := fmt.Sprintf("10.213.%d.%d", n/64, n%64*4+1), fmt.Sprintf("10.213.%d.%d", n/64, n%64*4+2)
	run := func(args string) error {
		if out, err := exec.Command(ip, strings.Fields(args)...).CombinedOutput(); err != nil {
			return fmt.Errorf("ip %s: %w: %s", args, err, out)
		}
		return nil
	}
	if err := run("netns add " + space); err != nil {
		t.Logf("the kernel forbids network namespaces (%v): a proxy takes their place", err)
		return NewProxy(t)
	}
	t.Cleanup(func() {
		_ = run("link del " + near) // both devices; the namespace alone would take them along some time later
		_ = run("netns del " + space)
	})
	for _, args := range []string{
		"link add " + near + " type veth peer name " + far + " netns " + space,
		"addr add " + here + "/30 dev " + near, "link set " + near + " up",
		"-n " + space + " addr add " + there + "/30 dev " + far, "-n " + space + " link set " + far + " up",
		"-n " + space + " link set lo up",
	} {
		if err := run(args); err != nil {
			t.Logf("the kernel forbids network devices (%v): a proxy takes their place", err)
			return NewProxy(t)
		}
	}
	set := func(state string) func() {
		return func() {
			t.Helper()
			if err := run("-n " + space + " link set " + far + " " + state); err != nil {
				t.Fatal(err)
			}
		}
	}
	return Cable{Here: here, There: there, Via: []string{ip, "netns", "exec", space},
		Reach: func(address string) string { return address }, Cut: set("down"), Restore: set("up")}
}
