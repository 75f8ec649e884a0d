package cli_test

import (
	"fmt"
	"io"
	"net"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"github.com/buildscope/buildscope/cli"
	"github.com/buildscope/buildscope/model"
)

// mount gives a small file system of its own to a test, if that is allowed here.
func mount(t *testing.T, options string) (string, error) {
	t.Helper()
	dir := t.TempDir()
	if err := unix.Mount("tmpfs", dir, "tmpfs", 0, options); err != nil {
		return "", fmt.Errorf("mount a file system: %w", err)
	}
	t.Cleanup(func() {
		if err := unix.Unmount(dir, unix.MNT_DETACH); err != nil {
			t.Error(err)
		}
	})
	return dir, nil
}

// smallDisk is a file system that a test may fill: a mount, or in a container
// without the right to mount its small /dev/shm.
func smallDisk(t *testing.T) string {
	t.Helper()
	dir, err := mount(t, "size=4m")
	if err == nil {
		return dir
	}
	if os.Getenv("CI") != "true" {
		t.Skip(err)
	}
	var s unix.Statfs_t
	if statErr := unix.Statfs("/dev/shm", &s); statErr != nil || int64(s.Blocks)*s.Bsize > 128<<20 {
		t.Fatalf("no file system to fill: %v; /dev/shm: %d blocks, %v", err, s.Blocks, statErr)
	}
	dir, err = os.MkdirTemp("/dev/shm", "disk-full-*")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := os.RemoveAll(dir); err != nil {
			t.Error(err)
		}
	})
	return dir
}

// Each time the disk is full at another point of the build: it fails and says so,
// what was published stays, and the next build with room works.
func TestDiskFull(t *testing.T) {
	disk := smallDisk(t)
	repo := repository(t)
	build := func() *process {
		return command(t, "probe", "build", repo, "--work-dir", filepath.Join(disk, "work"), "--incremental=false", "--profile", "debug")
	}
	if p := build(); p.run() != 0 {
		t.Fatal(p.narration())
	}
	current := func() string {
		target, err := os.Readlink(filepath.Join(disk, "work", "outputs", "latest"))
		if err != nil {
			t.Fatal(err)
		}
		return target
	}
	first := current()
	failed := 0
	for _, left := range []int64{0, 4 << 10, 8 << 10, 16 << 10, 24 << 10, 40 << 10, 64 << 10} {
		ballast := filepath.Join(disk, "ballast")
		fill(t, ballast, disk, left)
		p := build()
		code := p.run()
		if err := os.Remove(ballast); err != nil {
			t.Fatal(err)
		}
		switch {
		case code == cli.ExitFailed:
			failed++
			if !strings.Contains(strings.ToLower(p.narration()), "no space left on device") {
				t.Errorf("with %d bytes left the cause is not told:\n%s", left, p.narration())
			}
			if current() != first {
				// The outputs were whole and only the bundle is not: it must say so.
				if !strings.Contains(p.narration(), "the outputs were published to") {
					t.Errorf("with %d bytes left: latest was switched by a failed build:\n%s", left, p.narration())
				}
				first = current()
			}
		case code != 0:
			t.Errorf("with %d bytes left: exit %d\n%s", left, code, p.narration())
		}
		if code == 0 {
			first = current()
		}
		if p := command(t, "probe", "runs", "list", repo, "--work-dir", filepath.Join(disk, "work")); p.run() != 0 {
			t.Errorf("with %d bytes left the bundles do not open: %s", left, p.narration())
		}
		if err := os.RemoveAll(filepath.Join(disk, "work", "runs")); err != nil {
			t.Fatal(err)
		}
	}
	if failed < 3 {
		t.Errorf("only %d of the builds met a full disk", failed)
	}
	if p := build(); p.run() != 0 || current() == first {
		t.Errorf("the build after full disks: latest %s\n%s", current(), p.narration())
	}
}

// fill writes a file until only so many bytes are free.
func fill(t *testing.T, file, disk string, left int64) {
	t.Helper()
	var s unix.Statfs_t
	if err := unix.Statfs(disk, &s); err != nil {
		t.Fatal(err)
	}
	free := int64(s.Bavail)*s.Bsize - left
	if err := os.WriteFile(file, make([]byte, free), 0o644); err != nil {
		t.Fatal(err)
	}
}

func TestReadOnlyOutputDirectory(t *testing.T) {
	repo := repository(t)
	refused := func(t *testing.T, dir, cause string, prepare func(*process)) {
		t.Helper()
		for _, args := range [][]string{{"--output-dir", dir}, {"--output-dir", filepath.Join(dir, "out")}, {"--work-dir", dir}} {
			p := command(t, "probe", append([]string{"build", repo}, args...)...)
			prepare(p)
			if code := p.run(); code != cli.ExitFailed || !strings.Contains(p.narration(), cause) || !strings.Contains(p.narration(), dir) {
				t.Errorf("%v: exit %d: %s", args, code, p.narration())
			}
		}
	}
	t.Run("permissions", func(t *testing.T) {
		dir := t.TempDir()
		open(t, dir)
		open(t, repo)
		if err := os.Chmod(dir, 0o555); err != nil {
			t.Fatal(err)
		}
		refused(t, dir, "permission denied", (*process).asNobody)
	})
	t.Run("file system", func(t *testing.T) {
		disk, err := mount(t, "size=1m")
		if err != nil {
			t.Skip(err) // the other half stands for it
		}
		if err := unix.Mount("", disk, "", unix.MS_REMOUNT|unix.MS_RDONLY, ""); err != nil {
			t.Fatal(err)
		}
		refused(t, disk, "read-only file system", func(*process) {})
	})
}

// open lets everybody into a temporary directory.
func open(t *testing.T, dir string) {
	t.Helper()
	for ; dir != "/" && dir != filepath.Clean(os.TempDir()); dir = filepath.Dir(dir) {
		if err := os.Chmod(dir, 0o777); err != nil {
			t.Fatal(err)
		}
	}
}

// asNobody runs a program as a user with no rights of its own: root may read and
// write everything.
func (p *process) asNobody() {
	if os.Getuid() != 0 {
		return
	}
	p.cmd.SysProcAttr = &syscall.SysProcAttr{Credential: &syscall.Credential{Uid: 65534, Gid: 65534}}
	p.cmd.Path = "/proc/self/exe" // the binary itself may be where nobody can go
	p.cmd.Dir = "/"
}

func TestUnreadableRepository(t *testing.T) {
	repo, work := repository(t), t.TempDir()
	open(t, work)
	if err := os.Chmod(repo, 0o311); err != nil {
		t.Fatal(err)
	}
	p := command(t, "probe", "build", repo, "--work-dir", work)
	p.asNobody()
	if code := p.run(); code != cli.ExitUsage || !strings.Contains(p.narration(), "build.repo_root = ") || !strings.Contains(p.narration(), ": open "+repo+": permission denied") {
		t.Errorf("exit %d: %s", code, p.narration())
	}
}

// A collector that takes connections and never answers costs the build nothing and
// the exit at most the shutdown timeout.
func TestSilentCollector(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	go func() {
		for {
			if _, err := l.Accept(); err != nil {
				return
			}
		}
	}()
	for _, protocol := range []string{"grpc", "http/protobuf"} {
		repo := repository(t)
		p := command(t, "probe", "build", repo, "--json", "--otel-endpoint", "http://"+l.Addr().String(), "--otel-protocol", protocol, "--strict-telemetry")
		p.start()
		code := p.exit()
		exit := time.Now()
		if code != cli.ExitTelemetry || !regexp.MustCompile(`exporter otlp lost \d+ spans`).MatchString(p.narration()) {
			t.Errorf("exit %d: %s", code, p.narration())
		}
		b := newest(t, repo)
		var loc model.LocationsPayload
		if err := b.Payload(model.ArtifactLocations, &loc); err != nil || loc.Status != model.RunSucceeded || latest(t, repo) != b.RunID {
			t.Errorf("locations %+v, %v", loc, err)
		}
		if late := exit.Sub(b.Ended); late > 4*time.Second { // 2 s, and what a busy machine adds
			t.Errorf("%s: the program ended %s after its build", protocol, late)
		}
	}
}

// terminal is the other side of a pseudo-terminal on which a program runs.
type terminal struct {
	*process
	master *os.File

	mu     sync.Mutex // guards screen
	screen strings.Builder
}

// onTerminal starts a program on a terminal of 120 by 40.
func onTerminal(t *testing.T, env []string, name string, args ...string) *terminal {
	t.Helper()
	master, err := os.OpenFile("/dev/ptmx", os.O_RDWR, 0)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { master.Close() })
	fd := int(master.Fd())
	if err := unix.IoctlSetPointerInt(fd, unix.TIOCSPTLCK, 0); err != nil {
		t.Fatal(err)
	}
	n, err := unix.IoctlGetInt(fd, unix.TIOCGPTN)
	if err != nil {
		t.Fatal(err)
	}
	if err := unix.IoctlSetWinsize(fd, unix.TIOCSWINSZ, &unix.Winsize{Row: 40, Col: 120}); err != nil {
		t.Fatal(err)
	}
	slave, err := os.OpenFile("/dev/pts/"+strconv.Itoa(n), os.O_RDWR|syscall.O_NOCTTY, 0)
	if err != nil {
		t.Fatal(err)
	}
	p := &terminal{process: command(t, name, args...), master: master}
	p.cmd.Env = append(append(p.cmd.Env, "TERM=xterm-256color"), env...)
	p.cmd.Stdin, p.cmd.Stdout, p.cmd.Stderr = slave, slave, slave
	p.cmd.SysProcAttr = &syscall.SysProcAttr{Setsid: true, Setctty: true}
	p.start()
	slave.Close()
	go func() {
		buf := make([]byte, 32<<10)
		for {
			n, err := master.Read(buf)
			p.mu.Lock()
			p.screen.Write(buf[:n])
			p.mu.Unlock()
			if err != nil {
				return // the program has ended, or the test has
			}
		}
	}()
	return p
}

func (p *terminal) shown() string {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.screen.String()
}

func (p *terminal) shows(text string) *terminal {
	p.t.Helper()
	waitFor(p.t, fmt.Sprintf("%q on the screen", text), func() bool { return strings.Contains(p.shown(), text) })
	return p
}

func (p *terminal) press(keys string) *terminal {
	p.t.Helper()
	if _, err := io.WriteString(p.master, keys); err != nil {
		p.t.Fatal(err)
	}
	return p
}

// afterwards is what stands on the terminal once the screen is gone.
func (p *terminal) afterwards() string {
	p.t.Helper()
	const leaves = "\x1b[?1049l"
	waitFor(p.t, "the terminal to be read", func() bool { return strings.Contains(p.shown(), "bundle") })
	_, rest, ok := strings.Cut(p.shown(), leaves)
	if !ok {
		p.t.Errorf("the alternate screen was not left: %q", p.shown())
	}
	return rest
}

func TestBuildAtATerminal(t *testing.T) {
	repo := repository(t)
	p := onTerminal(t, nil, "probe", "build", repo, "--otel-exporter", "stdout").shows("\x1b[?1049h").shows("build succeeded").press("q")
	if code := p.exit(); code != 0 {
		t.Errorf("exit %d: %s", code, p.shown())
	}
	p.shows("graph_product.build") // what the stdout exporter held back
	text := p.afterwards()
	if !strings.Contains(text, " 3: 3 ran") {
		t.Errorf("report %q", text)
	}
	if before, _, _ := strings.Cut(p.shown(), "\x1b[?1049l"); strings.Contains(before, "TraceID") {
		t.Error("the stdout exporter wrote over the screen")
	}
	if latest(t, repo) == "" {
		t.Error("nothing was published")
	}
}

func TestScreenOfSettingsBuildsNothingByItself(t *testing.T) {
	repo := repository(t)
	p := onTerminal(t, nil, "probe", "tui", repo).shows("diagnostics_profile").press("q")
	if code := p.exit(); code != 0 || latest(t, repo) != "" {
		t.Errorf("exit %d, latest %s", code, latest(t, repo))
	}
	if strings.Contains(p.shown(), "bundle /") {
		t.Errorf("a run is reported: %q", p.shown())
	}
}

func TestLeavingTheScreenAtOnce(t *testing.T) {
	repo := repository(t, "stubborn")
	p := onTerminal(t, nil, "probe", "build", repo).shows("running")
	waitFor(t, "the node to run", func() bool { return newest(t, repo).Nodes == 1 })
	p.press("\x03").shows("ctrl+c again").press("\x03")
	if code := p.exit(); code != cli.ExitCancelled {
		t.Errorf("exit %d: %s", code, p.shown())
	}
	p.shows("opens as far as it got")
	if b := newest(t, repo); b.Status != model.RunIncomplete || b.Nodes != 1 {
		t.Errorf("bundle %+v", b.Summary)
	}
}

func TestTerminatedScreen(t *testing.T) {
	repo := repository(t, "wait")
	p := onTerminal(t, []string{"NO_COLOR=1"}, "probe", "build", repo).shows("running")
	waitFor(t, "the node to run", func() bool { return newest(t, repo).Nodes == 1 })
	p.signal(syscall.SIGTERM)
	if code := p.exit(); code != cli.ExitCancelled {
		t.Errorf("exit %d", code)
	}
	if text := p.afterwards(); !strings.Contains(text, "terminated\r\n") || regexp.MustCompile(`\x1b\[[0-9;]*3[0-9]`).MatchString(text) {
		t.Errorf("report %q", text)
	}
	if b := newest(t, repo); b.Status != model.RunCancelled {
		t.Errorf("bundle %+v", b.Summary)
	}
}

func TestBatchAtATerminalHasNoScreen(t *testing.T) {
	repo := repository(t, "fail")
	p := onTerminal(t, nil, "probe", "build", repo, "--batch")
	if code := p.exit(); code != cli.ExitFailed {
		t.Errorf("exit %d", code)
	}
	p.shows("asked to fail")
	if strings.Contains(p.shown(), "\x1b[?1049h") {
		t.Error("the screen was opened")
	}
	if !strings.Contains(p.shown(), "\x1b[1;31merror:") {
		t.Errorf("no colours at a terminal: %q", p.shown())
	}
	bad := onTerminal(t, []string{"NO_COLOR=1"}, "probe", "build", repo, "--workers", "x")
	if code := bad.exit(); code != cli.ExitUsage {
		t.Errorf("exit %d", code)
	}
	bad.shows("build.workers = x (flag --workers): must be a whole number")
}
