// Command tpch writes a SQL project with the eight tables of the TPC-H benchmark as
// sources and its 22 queries as models, and makes the data of the tables.
package main

import (
	"context"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"runtime"

	"github.com/buildscope/buildscope/examples/tpch/gen"
)

func main() {
	out := flag.String("out", "tpch", "folder of the project")
	scale := flag.Float64("scale", 0.05, "size of the data; 1 is 8.7 million rows")
	seed := flag.Uint64("seed", 1, "other seeds give other rows")
	flag.Parse()
	if flag.NArg() > 0 {
		fmt.Fprintf(os.Stderr, "error: %q is no option\n", flag.Arg(0))
		os.Exit(2)
	}
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	err := writeProject(ctx, *out, gen.Options{Scale: *scale, Seed: *seed, Workers: runtime.GOMAXPROCS(0)})
	stop()
	if err != nil {
		fmt.Fprintln(os.Stderr, "error:", err)
		os.Exit(1)
	}
}
