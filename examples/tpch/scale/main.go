//go:build linux

// Command scale measures three models of TPC-H over growing data, with the embedded
// engine and with Sail of one and of two workers: the table of docs/scale.md.
package main

import (
	"context"
	"encoding/json"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"time"
)

// models are a scan that sums, a join of six tables, and a group for every order.
var models = []string{"q01_pricing_summary", "q05_local_supplier_volume", "q18_large_volume_customers"}

// engine is a column of the table. The cores are those that computes, buildscope itself
// or the server, may run on: workers of one server share them all.
type engine struct {
	name    string
	cores   int
	workers int // of Sail; 0 is the embedded engine
}

var engines = []engine{{"DuckDB", 1, 0}, {"DuckDB", 2, 0}, {"Sail", 1, 1}, {"Sail", 2, 1}, {"Sail", 2, 2}}

// measured is the fastest of several builds.
type measured struct {
	models []time.Duration
	whole  time.Duration
	cpu    time.Duration // of buildscope and of the server
	memory int64         // most bytes resident: of buildscope, or of the server since it was started
}

func main() {
	m := &measurement{}
	flag.StringVar(&m.buildscope, "buildscope", "bin/buildscope", "the program")
	flag.StringVar(&m.tpch, "tpch", "bin/tpch", "the program that makes the data")
	flag.StringVar(&m.sail, "sail", "", "executable of Sail; empty: the embedded engine alone")
	flag.StringVar(&m.dir, "dir", "bin/scale", "folder of the data")
	flag.IntVar(&m.rounds, "rounds", 2, "builds of which the fastest counts")
	flag.IntVar(&m.port, "port", 32011, "of the server, on 127.0.0.1")
	millions := flag.String("rows", "1,4,16", "millions of rows of lineitem; 64 takes 4 GB of disk")
	flag.Parse()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	err := m.all(ctx, strings.Split(*millions, ","))
	stop()
	if err != nil {
		fmt.Fprintln(os.Stderr, "error:", err)
		os.Exit(1)
	}
}

type measurement struct {
	buildscope, tpch, sail, dir string
	rounds, port                int
}

func (m *measurement) all(ctx context.Context, millions []string) error {
	fmt.Println("rows, engine, cores, workers, q01 s, q05 s, q18 s, build s, CPU s, peak MB")
	for _, rows := range millions {
		n, err := strconv.ParseFloat(rows, 64)
		if err != nil {
			return fmt.Errorf("-rows: %q is no number of millions", rows)
		}
		dir := filepath.Join(m.dir, rows)
		data := exec.CommandContext(ctx, m.tpch, "--out", dir, "--scale", fmt.Sprintf("%.7f", n/6))
		if out, err := data.CombinedOutput(); err != nil {
			return fmt.Errorf("make %s million rows: %w: %s", rows, err, out)
		}
		for _, e := range engines {
			if e.workers > 0 && m.sail == "" {
				continue
			}
			best, err := m.engine(ctx, e, dir)
			if ctx.Err() != nil {
				return ctx.Err()
			}
			if err != nil { // the others may still say something: larger data is where engines fail
				fmt.Printf("%sM, %s, %d, %d, failed: %v\n", rows, e.name, e.cores, e.workers, err)
				continue
			}
			fmt.Printf("%sM, %s, %d, %d", rows, e.name, e.cores, e.workers)
			for _, d := range best.models {
				fmt.Printf(", %.2f", d.Seconds())
			}
			fmt.Printf(", %.2f, %.2f, %d\n", best.whole.Seconds(), best.cpu.Seconds(), best.memory>>20)
		}
	}
	return nil
}

// engine measures the rounds of one engine, with a server of their own.
func (m *measurement) engine(ctx context.Context, e engine, dir string) (best measured, err error) {
	args := []string{"build", dir, "--batch", "--json", "--workers=1", "--incremental=false",
		"--hamilton-capture-data-statistics=false", "--targets=" + strings.Join(models, ","), "--exclude=" + tests}
	var s *server
	if e.workers > 0 {
		if s, err = m.serve(ctx, e); err != nil {
			return best, err
		}
		defer s.stop()
		args = append(args, "--engine-kind=flightsql", "--engine-endpoint=grpc://"+s.address)
	} else {
		args = append(args, fmt.Sprintf("--engine-target-partitions=%d", e.cores))
	}
	for range m.rounds {
		var before time.Duration
		cmd := exec.CommandContext(ctx, m.buildscope, args...)
		if s == nil {
			cmd = exec.CommandContext(ctx, "taskset", append([]string{"-c", cores(e), m.buildscope}, args...)...)
		} else {
			before, _ = s.used()
		}
		cmd.Stderr = &strings.Builder{}
		out, err := cmd.Output()
		if err != nil {
			return best, fmt.Errorf("%w: %s", err, cmd.Stderr)
		}
		now, err := result(out)
		if err != nil {
			return best, err
		}
		now.cpu = cmd.ProcessState.UserTime() + cmd.ProcessState.SystemTime()
		now.memory = cmd.ProcessState.SysUsage().(*syscall.Rusage).Maxrss << 10
		if s != nil {
			cpu, memory := s.used()
			now.cpu += cpu - before
			now.memory = memory
		}
		if best.whole == 0 || now.whole < best.whole {
			best = now
		}
	}
	return best, nil
}

// tests are those of the models, which are not measured.
const tests = "test_relationships_q05_local_supplier_volume_n_name,test_rows_q18_large_volume_customers," +
	"test_unique_q01_pricing_summary_l_returnflag_l_linestatus"

// result takes the times of the models out of what a build has printed.
func result(out []byte) (measured, error) {
	var build struct {
		Duration int64 `json:"duration_ms"`
		Nodes    []struct {
			Name     string
			Duration time.Duration `json:"duration_ns"`
		}
	}
	if err := json.Unmarshal(out, &build); err != nil {
		return measured{}, fmt.Errorf("read the result of a build: %w", err)
	}
	got := measured{whole: time.Duration(build.Duration) * time.Millisecond}
	for _, name := range models {
		for _, n := range build.Nodes {
			if n.Name == name {
				got.models = append(got.models, n.Duration)
			}
		}
	}
	if len(got.models) != len(models) {
		return got, fmt.Errorf("of %d models %d were built", len(models), len(got.models))
	}
	return got, nil
}
