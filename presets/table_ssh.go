package presets

import (
	"errors"
	"fmt"
	"net"
	"path/filepath"
	"strconv"
)

var sshTable = []Setting{
	{
		Section: "ssh", Key: "listen", Kind: String, Default: "127.0.0.1:2222",
		Flag:  "listen",
		Short: "Listen address",
		Doc:   "Address and port of the server; the default takes connections from this machine only. Port 0 takes a free one.",
		check: hostPort,
	},
	{
		Section: "ssh", Key: "host_key", Kind: Path,
		Flag:  "ssh-host-key",
		Short: "Host key",
		Doc:   "File of the server's private key, by which clients know it again; it is made once. Empty means ssh_host_ed25519_key in the folder buildscope of the user's configuration.",
	},
	{
		Section: "ssh", Key: "authorized_keys", Kind: Path,
		Flag:  "ssh-authorized-keys",
		Short: "Authorized keys",
		Doc:   "File of the public keys that may log in, in the form of OpenSSH; it is read at every login. Empty means authorized_keys in the folder buildscope of the user's configuration.",
	},
	{
		Section: "ssh", Key: "trusted_ca_keys", Kind: Path,
		Flag:  "ssh-trusted-ca-keys",
		Short: "Trusted CA keys",
		Doc:   "File of public keys whose user certificates may log in, in the form of authorized_keys, with the principals and other limits as options; it is read at every login. Empty means only those that authorized_keys has with cert-authority.",
	},
	{
		Section: "ssh", Key: "revoked_keys", Kind: Path,
		Flag:  "ssh-revoked-keys",
		Short: "Revoked keys",
		Doc:   "File of public keys, one a line, that let nobody in, neither by themselves nor by a certificate that is for them or signed with them; it is read at every login, and nobody gets in while it cannot be read. Empty means none.",
	},
	{
		Section: "ssh", Key: "operators", Kind: List,
		Flag:  "ssh-operators",
		Short: "Operators",
		Doc:   "Keys that may start and cancel builds and change settings, each by its fingerprint (SHA256:...) or its comment, and people with a certificate by a principal in it; all others only watch.",
	},
	{
		Section: "ssh", Key: "allowed_roots", Kind: List,
		Flag:  "ssh-allowed-roots",
		Short: "Allowed roots",
		Doc:   "Folders in which repositories, work and output folders of builds must lie, symbolic links followed; empty means the folder that is served.",
		check: absoluteList,
	},
	{
		Section: "ssh", Key: "max_connections", Kind: Int, Unit: "connections", Default: "128", Min: "1", Max: "10000",
		Flag:  "ssh-max-connections",
		Short: "Connections",
		Doc:   "Connections in all, logged in or not; one above it is closed at once.",
	},
	{
		Section: "ssh", Key: "max_connections_per_address", Kind: Int, Unit: "connections", Default: "32", Min: "1", Max: "10000",
		Flag:  "ssh-max-connections-per-address",
		Short: "Connections of one address",
		Doc:   "Connections of one client address; raise it where many people come through one gateway.",
	},
	{
		Section: "ssh", Key: "max_sessions", Kind: Int, Unit: "sessions", Default: "64", Min: "1", Max: "10000",
		Flag:  "ssh-max-sessions",
		Short: "Sessions",
		Doc:   "Screens and commands of all people at the same time; one above it is refused with a word.",
	},
	{
		Section: "ssh", Key: "login_timeout", Kind: Duration, Default: "20s", Min: "1s", Max: "10m",
		Flag:  "ssh-login-timeout",
		Short: "Login time",
		Doc:   "Time in which a connection must have logged in.",
	},
	{
		Section: "ssh", Key: "max_auth_tries", Kind: Int, Unit: "keys", Default: "6", Min: "1", Max: "100",
		Flag:  "ssh-max-auth-tries",
		Short: "Keys tried",
		Doc:   "Keys that a client may offer in one connection; raise it for people whose agent holds many.",
	},
	{
		Section: "ssh", Key: "idle_timeout", Kind: Duration, Default: "1h", Min: "0s",
		Flag:  "ssh-idle-timeout",
		Short: "Idle time",
		Doc:   "A session in which nobody has pressed a key for so long is ended, and a connection over which nothing went; 0 means never.",
	},
	{
		Section: "ssh", Key: "max_session_time", Kind: Duration, Default: "24h", Min: "0s",
		Flag:  "ssh-max-session-time",
		Short: "Session time",
		Doc:   "A connection is ended after so long whatever it does; 0 means never.",
	},
	{
		Section: "ssh", Key: "stall_timeout", Kind: Duration, Default: "1m", Min: "1s",
		Flag:  "ssh-stall-timeout",
		Short: "Stalled client",
		Doc:   "A session whose client has taken none of what was sent to it for so long is ended.",
	},
	{
		Section: "ssh", Key: "keepalive_interval", Kind: Duration, Default: "15s", Min: "0s",
		Flag:  "ssh-keepalive-interval",
		Short: "Question for life",
		Doc:   "A client is asked so long after its last answer whether it is still there, as ClientAliveInterval of sshd does; raise it on lines that are paid by use, 0 means never.",
	},
	{
		Section: "ssh", Key: "keepalive_count", Kind: Int, Unit: "intervals", Default: "3", Min: "1", Max: "1000",
		Flag:  "ssh-keepalive-count",
		Short: "Patience without an answer",
		Doc:   "A connection is ended whose client has not answered for so many intervals, as after a cut in the network; raise it for people who suspend their client or their machine and want to come back to the same screen.",
	},
	{
		Section: "ssh", Key: "recheck_interval", Kind: Duration, Default: "10s", Min: "0s",
		Flag:  "ssh-recheck-interval",
		Short: "Look at the keys",
		Doc:   "The keys of those who are in are looked up again so often; whose key was taken out of its file, or is revoked, is out after two refusals in a row. 0 means that they stay until they leave.",
	},
	{
		Section: "ssh", Key: "input_rate", Kind: Capacity, Unit: "bytes per second", Default: "256K", Min: "1K", Max: "64M",
		Flag:  "ssh-input-rate",
		Short: "Input of a screen",
		Doc:   "What may be typed or pasted into one screen in a second; more of it waits at the client.",
	},
	{
		Section: "ssh", Key: "max_paste", Kind: Capacity, Unit: "bytes", Default: "1M", Min: "1K", Max: "64M",
		Flag:  "ssh-max-paste",
		Short: "Size of a paste",
		Doc:   "The rest of a longer paste, or of an answer of the terminal that never ends, is left out.",
	},
	{
		Section: "ssh", Key: "max_columns", Kind: Int, Unit: "columns", Default: "400", Min: "60", Max: "2000",
		Flag:  "ssh-max-columns",
		Short: "Width of a screen",
		Doc:   "A wider terminal is drawn to this width: a screen takes some 250 bytes of the server's memory for each of its cells.",
	},
	{
		Section: "ssh", Key: "max_rows", Kind: Int, Unit: "lines", Default: "150", Min: "15", Max: "1000",
		Flag:  "ssh-max-rows",
		Short: "Height of a screen",
		Doc:   "A higher terminal is drawn to this height.",
	},
	{
		Section: "ssh", Key: "max_builds", Kind: Int, Unit: "builds", Default: "2", Min: "1", Max: "1000",
		Flag:  "ssh-max-builds",
		Short: "Builds at once",
		Doc:   "Builds that run at the same time, each of a work directory of its own; further ones wait for their turn.",
	},
	{
		Section: "ssh", Key: "cancel_when_last_operator_leaves", Kind: Bool, Default: "false",
		Flag:  "cancel-when-last-operator-leaves",
		Short: "Cancel without operators",
		Doc:   "Cancel the builds that run when the screen of the last operator ends, by whatever; without it they go on.",
	},
	{
		Section: "ssh", Key: "on_shutdown", Kind: Enum, Default: "cancel", Allowed: []string{"cancel", "finish"},
		Flag:  "ssh-on-shutdown",
		Short: "At the end of the server",
		Doc:   "Whether builds that run when the server is told to stop are cancelled, or finished first; a second signal leaves at once in either case.",
	},
	{
		Section: "ssh", Key: "audit_log", Kind: Path,
		Flag:  "ssh-audit-log",
		Short: "Audit log",
		Doc:   "File of JSON lines that say who did what when, read and written by its owner only. Empty means ssh_audit.jsonl in the folder buildscope of the user's state.",
	},
	{
		Section: "ssh", Key: "audit_log_limit", Kind: Capacity, Unit: "bytes", Default: "10M", Min: "4K",
		Flag:  "ssh-audit-log-limit",
		Short: "Size of the audit log",
		Doc:   "When the audit log has this size a new one is begun; five full ones are kept.",
	},
	{
		Section: "ssh", Key: "health_listen", Kind: String,
		Flag:  "ssh-health-listen",
		Short: "Health address",
		Doc:   "Address of this machine on which /healthz and /metrics answer over HTTP, such as 127.0.0.1:2223; empty means none.",
		check: localAddress,
	},
	{
		Section: "ssh", Key: "query_memory", Kind: Capacity, Unit: "bytes", Default: "512M", Min: "64M",
		Flag:  "ssh-query-memory",
		Short: "Memory of a query",
		Doc:   "Memory that the SQL of one person may use before it writes to temporary files.",
	},
	{
		Section: "ssh", Key: "query_timeout", Kind: Duration, Default: "2m", Min: "1s",
		Flag:  "ssh-query-timeout",
		Short: "Time of a query",
		Doc:   "SQL of somebody is ended after so long; what has been read of its result stays on the screen.",
	},
	{
		Section: "ssh", Key: "query_rows", Kind: Int, Unit: "rows", Default: "1000000", Min: "1",
		Flag:  "ssh-query-rows",
		Short: "Rows of a query",
		Doc:   "Rows of a result that somebody can read; further ones are not given.",
	},
}

func hostPort(v any) error {
	_, port, err := net.SplitHostPort(v.(string))
	if err == nil {
		_, err = strconv.ParseUint(port, 10, 16)
	}
	if err != nil {
		return errors.New("must be an address and a port, such as 127.0.0.1:2222 or [::1]:2222")
	}
	return nil
}

// localAddress takes addresses that no other machine reaches.
func localAddress(v any) error {
	if v.(string) == "" {
		return nil
	}
	if err := hostPort(v); err != nil {
		return err
	}
	host, _, _ := net.SplitHostPort(v.(string)) // hostPort has seen that it can be split
	if ip := net.ParseIP(host); host != "localhost" && (ip == nil || !ip.IsLoopback()) {
		return errors.New("must be an address of this machine only, such as 127.0.0.1:2223")
	}
	return nil
}

func absoluteList(v any) error {
	for _, path := range v.([]string) {
		if !filepath.IsAbs(path) {
			return fmt.Errorf("%s must be an absolute path", path)
		}
	}
	return nil
}
