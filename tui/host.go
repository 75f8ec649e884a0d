package tui

import (
	"context"
	"time"

	tea "charm.land/bubbletea/v2"

	"github.com/buildscope/buildscope/tui/ui"
)

// Host is the server that shows the screen to somebody at another terminal. Builds
// belong to it: a viewer who leaves leaves them as they are. All functions wait, end
// with their context, and may be called from any goroutine.
type Host struct {
	// News gives what has changed since it was asked last, on the server and of the
	// viewer's terminal; ok is false when there is none to come. It is one function, since
	// somebody waits for it as long as each screen is up.
	News func(context.Context) (news News, ok bool)
	// Builds lists the builds of the server that run, and the newest one. It does not wait.
	Builds func() []HostBuild
	// Take makes this viewer the operator in control, Give another one by its place in
	// the news. Both are for operators, and do not wait.
	Take func() error
	Give func(viewer int64) error
}

// HostBuild is a build of a server.
type HostBuild struct {
	Run     Run
	Subject string
	By      string // who has started it
}

// News is what a viewer learns of a server.
type News struct {
	People  []Viewer      // who is here now, this viewer among them
	Texts   []string      // what has happened, a line each
	Refresh time.Duration // shortest time between two frames of a running build, where many share the server
	Newer   HostBuild     // one that has started; without a Run when there is none
	Width   int           // of the terminal, in cells; 0 when it is as it was
	Height  int
}

// Viewer is one screen on a server.
type Viewer struct {
	ID       int64
	Name     string
	Operator bool // may start and cancel builds, when in control
	Controls bool // is the operator in control
	Self     bool // is this viewer
	Since    time.Time
}

// people are those who look at the same server.
type people struct {
	list    []Viewer
	refresh time.Duration
}

// newsMsg brings news of the server.
type newsMsg News

// hear waits for news of the server.
func (m *Model) hear() tea.Cmd {
	if m.opts.Host == nil || m.opts.Host.News == nil {
		return nil
	}
	ctx, news := m.ctx, m.opts.Host.News
	return func() tea.Msg {
		n, ok := news(ctx)
		if !ok {
			return nil
		}
		return newsMsg(n)
	}
}

// takeNews shows what has changed.
func (m *Model) takeNews(msg newsMsg) tea.Cmd {
	m.people.list, m.people.refresh = msg.People, msg.Refresh
	m.dirty = true
	cmds := []tea.Cmd{m.hear()}
	if n := len(msg.Texts); n > 0 {
		cmds = append(cmds, m.say(msg.Texts[n-1])) // the others are in the log of the server
	}
	if msg.Newer.Run != nil {
		cmds = append(cmds, m.cameUp(newerMsg{msg.Newer.Run, msg.Newer.Subject}))
	}
	if msg.Width > 0 { // by way of the program, which draws for it
		cmds = append(cmds, func() tea.Msg { return tea.WindowSizeMsg{Width: msg.Width, Height: msg.Height} })
	}
	return tea.Batch(cmds...)
}

// interval is the shortest time between two frames of a running build.
func (m *Model) interval() time.Duration { return max(m.look.refresh, m.people.refresh) }

// peopleMark says how many look at the same server; "" when there is nobody else.
func (m *Model) peopleMark() string {
	if len(m.people.list) < 2 {
		return ""
	}
	return ui.Commas(int64(len(m.people.list))) + " here"
}

// self is this viewer among the people; nil before the first news.
func (m *Model) self() *Viewer {
	for i := range m.people.list {
		if m.people.list[i].Self {
			return &m.people.list[i]
		}
	}
	return nil
}

// inControl reports whether this viewer may act on builds now, and why not. Where
// nothing is served it may.
func (m *Model) inControl() (bool, string) {
	if m.opts.Host == nil {
		return true, ""
	}
	for _, v := range m.people.list {
		if v.Controls && !v.Self {
			return false, ui.Clean(v.Name) + " is in control; T takes over"
		}
	}
	return true, ""
}

// whoCommands are about the people and the builds of a server.
func whoCommands() []Command {
	served := func(m *Model) (bool, string) {
		return m.self() != nil, "this screen is not served to anybody else"
	}
	operates := func(m *Model) (bool, string) {
		if ok, reason := served(m); !ok {
			return false, reason
		}
		return m.self().Operator, "this viewer may only watch"
	}
	list := []Command{
		{ID: "who", Title: "who is here", Keys: []string{"W"}, In: everywhere, Enabled: served,
			Run: func(m *Model) tea.Cmd { m.push(&message{head: "Who is here", text: m.peopleText()}); return nil }},
		{ID: "builds", Title: "another build of the server", Keys: []string{"B"}, In: everywhere, Enabled: served, Run: (*Model).chooseBuild},
		{ID: "control.take", Word: "take", Title: "take control over", Keys: []string{"T"}, In: everywhere,
			Enabled: func(m *Model) (bool, string) {
				if ok, reason := operates(m); !ok {
					return false, reason
				}
				return !m.self().Controls, "you are in control"
			},
			Run: func(m *Model) tea.Cmd { return m.sayError(m.opts.Host.Take()) }},
		{ID: "control.give", Word: "give", Title: "hand control over", Keys: []string{"H"}, In: everywhere,
			Enabled: func(m *Model) (bool, string) {
				if ok, reason := operates(m); !ok {
					return false, reason
				}
				if !m.self().Controls {
					return m.inControl()
				}
				return len(m.otherOperators()) > 0, "there is no other operator here"
			},
			Run: (*Model).giveControl},
	}
	for i := range list {
		list[i].For = func(o *Options) bool { return o.Host != nil }
	}
	return list
}

func (m *Model) sayError(err error) tea.Cmd {
	if err != nil {
		return m.say(err.Error())
	}
	return nil
}

func (m *Model) otherOperators() (out []Viewer) {
	for _, v := range m.people.list {
		if v.Operator && !v.Self {
			out = append(out, v)
		}
	}
	return out
}

// giveControl asks who shall have it.
func (m *Model) giveControl() tea.Cmd {
	others := m.otherOperators()
	c := &chooser{head: "Hand control over to", pick: func(m *Model, i int) tea.Cmd { return m.sayError(m.opts.Host.Give(others[i].ID)) }}
	for _, v := range others {
		c.options = append(c.options, v.Name)
	}
	m.push(c)
	return nil
}

// chooseBuild asks which build of the server to show.
func (m *Model) chooseBuild() tea.Cmd {
	builds := m.opts.Host.Builds()
	if len(builds) == 0 {
		return m.say("the server has built nothing yet")
	}
	c := &chooser{head: "Builds of this server", pick: func(m *Model, i int) tea.Cmd {
		m.newer = newer{builds[i].Run, builds[i].Subject}
		return m.showNewer()
	}}
	for i, b := range builds {
		snap := b.Run.Snapshot()
		c.options = append(c.options, b.Subject+"  "+short(snap.RunID)+"  "+snap.State.String()+"  by "+b.By)
		if b.Run == m.live.run {
			c.at = i
		}
	}
	m.push(c)
	return nil
}

// peopleText lists the people, a line each.
func (m *Model) peopleText() string {
	text := ""
	for _, v := range m.people.list {
		role := "watches"
		switch {
		case v.Controls:
			role = "is in control"
		case v.Operator:
			role = "may operate"
		}
		text += ui.Clean(v.Name) + " " + role
		if v.Self {
			text += " (this is you)"
		}
		if d := m.clock().Sub(v.Since).Truncate(time.Second); d > 0 {
			text += ", for " + ui.Duration(d)
		}
		text += "\n"
	}
	return text
}
