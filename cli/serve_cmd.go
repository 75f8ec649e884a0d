package cli

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"net"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/buildscope/buildscope/build"
	"github.com/buildscope/buildscope/build/bundle"
	"github.com/buildscope/buildscope/model"
	"github.com/buildscope/buildscope/presets"
	"github.com/buildscope/buildscope/tui/sshd"
	"github.com/buildscope/buildscope/tui/ui"
)

func newServeCmd(g *globals) *cobra.Command {
	cmd := &cobra.Command{
		Use:   "serve [PATH]",
		Short: "Serve the troubleshooter over SSH to those whose keys are listed",
		Long: "Serve the troubleshooter over SSH. Whoever has a key in ssh.authorized_keys, or a certificate that a trusted key has signed, may watch builds and look at what they left; " +
			"ssh.operators may start and cancel them too. Builds belong to the server: a connection that ends leaves them running.",
		Example: fmt.Sprintf(`mkdir -p ~/.config/buildscope && cat ~/.ssh/id_ed25519.pub >> ~/.config/buildscope/authorized_keys
%[1]s serve . --ssh-operators ann@laptop
ssh -p 2222 localhost`, g.app.Name),
		Args:              cobra.MaximumNArgs(1),
		ValidArgsFunction: completeDir,
		RunE: func(cmd *cobra.Command, args []string) error {
			res, err := g.resolve(cmd, first(args))
			if err != nil {
				return err
			}
			return g.serve(cmd.Context(), res)
		},
	}
	if g.app.Flags != nil {
		g.app.Flags(cmd.Flags())
	}
	g.addSettings(cmd)
	return cmd
}

// Times of the end of a server.
const (
	partingTime = 5 * time.Second  // for the screens to go
	closingTime = 60 * time.Second // for cancelled builds to write their bundles
)

// serve serves until ctx ends, or nobody can come in any more.
func (g *globals) serve(ctx context.Context, res *presets.Resolved) error {
	own, err := g.loadThemes(res)
	if err != nil {
		return err
	}
	allowed, err := newAccess(res)
	if err != nil {
		return err
	}
	if err := allowed.allow(res); err != nil {
		return err
	}
	s := res.Settings.SSH
	log := &serveLog{out: g.io.Err}
	keys, err := sshd.OpenKeys(g.keyOptions(s, log.warn))
	if errors.Is(err, fs.ErrNotExist) {
		err = fmt.Errorf("%w; put the public keys of those who may come in there, one a line, as in ~/.ssh/authorized_keys", err)
	}
	if err != nil {
		return err
	}
	hostKey, made, err := sshd.HostKey(g.sshFile(s.HostKey, "ssh_host_ed25519_key"))
	if err != nil {
		return err
	}
	if log.audit, err = openAudit(g.auditPath(s.AuditLog), s.AuditLogLimit); err != nil {
		return &exitError{ExitFailed, err}
	}
	defer log.audit.close()
	listener, err := (&net.ListenConfig{}).Listen(ctx, "tcp", s.Listen)
	if err != nil {
		return &exitError{ExitFailed, fmt.Errorf("ssh.listen: %w", err)}
	}
	h := &hosted{g: g, base: res, themes: own, access: allowed}
	h.hub = newHub(ctx, s.MaxBuilds, log.event, func(r *presets.Resolved) (*build.Run, error) {
		if err := allowed.contained(r.Settings); err != nil { // as late as it can be
			return nil, err
		}
		return g.start(ctx, r, g.io.Out)
	})
	server := sshd.New(sshd.Options{HostKey: hostKey, Keys: keys, Handle: h.handle, Log: log.event, Limits: sshd.Limits{
		Connections: s.MaxConnections, ConnectionsPerAddress: s.MaxConnectionsPerAddress, Sessions: s.MaxSessions, AuthTries: s.MaxAuthTries,
		Login: s.LoginTimeout, Idle: s.IdleTimeout, Total: s.MaxSessionTime, Stall: s.StallTimeout, Keepalive: sshd.Keepalive{Interval: s.KeepaliveInterval, Count: s.KeepaliveCount}, Recheck: s.RecheckInterval,
		InputRate: int(s.InputRate), Paste: int(s.MaxPaste),
		Window: sshd.Size{Width: s.MaxColumns, Height: s.MaxRows},
	}})
	g.tellServer(server.Fingerprint(), made, listener.Addr(), keys, len(s.Operators) > 0, allowed.roots, res.Settings.Build.WorkDir)
	var local *health
	if s.HealthListen != "" {
		if local, err = serveHealth(s.HealthListen, server, h.hub); err != nil {
			return &exitError{ExitFailed, errors.Join(err, listener.Close())}
		}
		fmt.Fprintf(g.io.Err, "healthz and metrics on http://%s\n", local.addr)
	}
	failed := make(chan error, 1)
	go func() { failed <- server.Serve(listener) }()
	select {
	case err = <-failed:
	case <-ctx.Done():
	}
	return errors.Join(err, g.stopServing(ctx, server, h, local))
}

// keyOptions are the files of keys. Those of certificates there are only if they are named.
func (g *globals) keyOptions(s model.SSHSettings, warn func(error)) sshd.KeyOptions {
	o := sshd.KeyOptions{Path: g.sshFile(s.AuthorizedKeys, "authorized_keys"), Operators: s.Operators, Warn: warn}
	if s.TrustedCAKeys != "" {
		o.Authorities = g.sshFile(s.TrustedCAKeys, "")
	}
	if s.RevokedKeys != "" {
		o.Revoked = g.sshFile(s.RevokedKeys, "")
	}
	return o
}

// sshFile is a file that a setting names, or one of the user's configuration.
func (g *globals) sshFile(named, name string) string {
	if named == "" {
		return userPath(g.io.Env, "XDG_CONFIG_HOME", ".config", name)
	}
	return g.path(named)
}

// auditPath is the file of the audit log.
func (g *globals) auditPath(named string) string {
	if named != "" {
		return g.sshFile(named, "")
	}
	return stateFile(g.io.Env, "ssh_audit.jsonl")
}

// tellServer says, named if operators are, where the server is, by what it is known, and who may come.
func (g *globals) tellServer(fingerprint string, made bool, addr net.Addr, keys *sshd.Keys, named bool, roots []string, workDir string) {
	c := g.closing(g.io.Err)
	new := ""
	if made {
		new = " (new)"
	}
	c.line("listening on %s, host key %s%s", addr, fingerprint, new)
	people, err := keys.People()
	if err != nil {
		c.line("%v", err)
	}
	authorities, err := keys.Authorities()
	if err != nil {
		c.line("%v", err)
	}
	operators := 0
	for _, p := range people {
		role := "watches"
		if p.Operator {
			role = "operates"
			operators++
		}
		c.line("  %s %s  %s", role, ui.Clean(p.Name), p.Fingerprint)
	}
	for _, a := range authorities {
		whom := "anybody"
		if len(a.Principals) > 0 {
			whom = strings.Join(a.Principals, ", ")
		}
		c.line("  trusts   %s %s  to sign for %s", ui.Clean(a.Name), a.Fingerprint, ui.Clean(whom))
	}
	if operators == 0 && (len(authorities) == 0 || !named) {
		c.line("nobody may start builds: name operators with --ssh-operators")
	}
	g.tellUnended(c, workDir)
	c.line("builds may lie in %s", strings.Join(roots, ", "))
	if tcp, ok := addr.(*net.TCPAddr); ok && !tcp.IP.IsLoopback() {
		c.line("this address can be reached from other machines")
	}
}

// tellUnended says which runs had not ended when their process did. The next build of
// the folder removes what they have left beside their bundles. A run that goes on in
// another process is not told from one that died; it counts as such.
func (g *globals) tellUnended(c closing, workDir string) {
	list, err := bundle.List(workDir)
	if err != nil {
		c.line("%v", err)
	}
	told := 0
	for _, s := range list { // the newest first
		if s.Status == model.RunIncomplete && told < mostNames {
			told++
			c.line("run %s has not ended, or its process died: its bundle opens as far as it got", s.RunID)
		}
	}
}

// stopServing ends a server: the people are told, and the builds are cancelled or
// waited for, as ssh.on_shutdown says. A second signal leaves at once.
func (g *globals) stopServing(ctx context.Context, server *sshd.Server, h *hosted, local *health) error {
	wait, cancel := context.WithCancel(context.WithoutCancel(ctx))
	defer cancel()
	go func() { // ends with wait
		select {
		case <-g.again:
			cancel()
		case <-wait.Done():
		}
	}()
	finish := h.base.Settings.SSH.OnShutdown == model.ShutdownFinish
	h.hub.close(!finish)
	parting, done := context.WithTimeout(wait, partingTime)
	defer done()
	err := server.Shutdown(parting)
	closing := wait
	if running, _, _ := h.hub.counts(); running > 0 {
		how := "is cancelled"
		if finish {
			how = "ends first"
		}
		fmt.Fprintf(g.io.Err, "what is being built (%d) %s; a second signal leaves at once\n", running, how)
	}
	if !finish {
		closing, done = context.WithTimeout(wait, closingTime)
		defer done()
	}
	over := h.hub.wait(closing)
	if local != nil {
		err = errors.Join(err, local.close(parting))
	}
	if !over {
		return &exitError{ExitFailed, errors.Join(err, errors.New("left before all builds had ended; their bundles open as far as they got"))}
	}
	if err != nil {
		return &exitError{ExitFailed, fmt.Errorf("stop serving: %w", err)}
	}
	return nil
}
