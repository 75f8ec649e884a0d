package receiver

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"syscall"

	"github.com/buildscope/buildscope/model/wholefile"
)

// letter is a request on its way to the next receiver: the bytes as they came, and
// what is needed to send them.
type letter struct {
	Signal string      `json:"signal"`
	JSON   bool        `json:"json,omitempty"`   // else protobuf
	Coding string      `json:"coding,omitempty"` // of the body: gzip or none
	Header http.Header `json:"header,omitempty"`
	Items  int         `json:"items"`
	body   []byte
}

// size is what a letter takes in memory, about.
func (l *letter) size() int64 {
	n := int64(len(l.body)) + 256
	for k, v := range l.Header {
		n += int64(len(k) + len(strings.Join(v, "")) + 64)
	}
	return n
}

// spool is a queue of letters, the first in memory and the rest on disk. Files
// survive the program: the next one with the same directory sends them.
type spool struct {
	dir             string
	maxMem, maxDisk int64
	lock            *os.File

	mu              sync.Mutex // guards all below
	mem             []*letter
	files           []spooled // older ones first; all are newer than mem
	memUsed, onDisk int64
	number          int64         // of the next file
	ready           chan struct{} // closed and replaced when a letter comes
}

type spooled struct {
	name string
	size int64
}

// openSpool takes a directory over, with what an earlier program left in it.
func openSpool(dir string, maxMem, maxDisk int64) (*spool, error) {
	s := &spool{dir: dir, maxMem: maxMem, maxDisk: maxDisk, number: firstNumber, ready: make(chan struct{})}
	// Letters carry the senders' headers, so only their owner may read them.
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, fmt.Errorf("make the spool: %w", err)
	}
	var err error
	if s.lock, err = os.OpenFile(filepath.Join(dir, ".lock"), os.O_CREATE|os.O_RDWR, 0o600); err != nil {
		return nil, fmt.Errorf("lock the spool: %w", err)
	}
	if err := syscall.Flock(int(s.lock.Fd()), syscall.LOCK_EX|syscall.LOCK_NB); err != nil {
		return nil, errors.Join(fmt.Errorf("the spool %s is in use by another program: %w", dir, err), s.lock.Close())
	}
	list, err := os.ReadDir(dir) // sorted by name, which is by number
	if err != nil {
		return nil, errors.Join(fmt.Errorf("read the spool: %w", err), s.lock.Close())
	}
	for _, e := range list {
		name, ok := strings.CutSuffix(e.Name(), spoolSuffix)
		info, err := e.Info()
		if !ok || err != nil {
			continue
		}
		var n int64
		if _, err := fmt.Sscanf(name, "%d", &n); err == nil {
			s.number = max(s.number, n+1)
		}
		s.files = append(s.files, spooled{e.Name(), info.Size()})
		s.onDisk += info.Size()
	}
	return s, nil
}

const (
	spoolSuffix = ".otlp"
	// firstNumber leaves room below, for what was in memory when the program ended.
	firstNumber = int64(1) << 40
)

// put queues a letter, or says that there is no room.
func (s *spool) put(l *letter) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	size := l.size()
	if len(s.files) == 0 && s.memUsed+size <= s.maxMem {
		s.mem = append(s.mem, l)
		s.memUsed += size
	} else {
		if s.onDisk+size > s.maxDisk {
			return errFull
		}
		f, err := s.write(l, s.number)
		if err != nil {
			return fmt.Errorf("%w (%w)", errFull, err) // a full disk may be emptied
		}
		s.number++
		s.files = append(s.files, f)
		s.onDisk += f.size
	}
	close(s.ready)
	s.ready = make(chan struct{})
	return nil
}

func (s *spool) write(l *letter, number int64) (spooled, error) {
	head, err := json.Marshal(l)
	if err != nil {
		return spooled{}, fmt.Errorf("write to the spool: %w", err)
	}
	data := append(append(head, '\n'), l.body...)
	f := spooled{fmt.Sprintf("%020d%s", number, spoolSuffix), int64(len(data))}
	if err := wholefile.Write(filepath.Join(s.dir, f.name), data, 0o600); err != nil { // so that no half file is ever sent
		return f, fmt.Errorf("write to the spool: %w", err)
	}
	return f, nil
}

// take removes the oldest letter. Without one it gives a channel that closes when
// there may be one. A file that cannot be read is an error, and is left where it is.
func (s *spool) take() (l *letter, f spooled, wait <-chan struct{}, err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if len(s.mem) > 0 {
		l = s.mem[0]
		s.mem[0], s.mem = nil, s.mem[1:]
		s.memUsed -= l.size()
		return l, f, nil, nil
	}
	if len(s.files) == 0 {
		return nil, f, s.ready, nil
	}
	f = s.files[0]
	s.files = s.files[1:]
	s.onDisk -= f.size
	data, err := os.ReadFile(filepath.Join(s.dir, f.name))
	if err != nil {
		return nil, f, nil, fmt.Errorf("read the spool: %w", err)
	}
	head, body, _ := bytes.Cut(data, []byte("\n"))
	l = &letter{body: body}
	if err := json.Unmarshal(head, l); err != nil {
		return nil, f, nil, fmt.Errorf("read %s of the spool: %w", f.name, err)
	}
	return l, f, nil, nil
}

// sent deletes the file of a letter that is through.
func (s *spool) sent(f spooled) error {
	if f.name == "" {
		return nil
	}
	return os.Remove(filepath.Join(s.dir, f.name))
}

// unsent puts the file of a letter back, which is still on disk.
func (s *spool) unsent(f spooled) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.files = append([]spooled{f}, s.files...)
	s.onDisk += f.size
}

// close writes what is in memory to the disk as well, and gives the directory free.
// Back are the letters that were taken and not sent, the oldest first. It returns
// how many letters are on disk then, and the items that could not be kept.
func (s *spool) close(back []*letter) (left int, lost int64, err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	// They are older than all files, so they get the numbers below those of the files.
	first := s.number
	for _, f := range s.files {
		var n int64
		if _, err := fmt.Sscanf(f.name, "%d", &n); err == nil {
			first = min(first, n)
		}
	}
	list := append(back, s.mem...)
	left = len(s.files)
	for i, l := range list {
		if _, werr := s.write(l, first-int64(len(list)-i)); werr != nil {
			lost += int64(l.Items)
			err = werr
			continue
		}
		left++
	}
	s.mem = nil
	return left, lost, errors.Join(err, s.lock.Close())
}
