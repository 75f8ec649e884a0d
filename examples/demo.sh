#!/bin/sh
# A look at real runs, for a person: `make demo`. It builds the graph of this
# repository twice, lets a node of the example fail, and asks the bundles.
set -eu
buildscope=$1 wordscope=$2 dir=$3
rm -rf "$dir"
mkdir -p "$dir"

say() { printf '\n\033[1m# %s\033[0m\n' "$1"; }
show() { # prints a command and runs it
	printf '$ %s\n' "$*"
	"$@"
}
if [ ! -t 1 ] || [ -n "${NO_COLOR:-}" ]; then
	say() { printf '\n# %s\n' "$1"; }
fi

say "The code property graph of this repository, with every diagnosis on."
show "$buildscope" build . --batch --profile debug --work-dir "$dir/graph" --exclude-globs "$dir" 2>"$dir/narration" || { cat "$dir/narration"; exit 1; }
sed -n '/^slowest nodes/,$p' "$dir/narration"

say "Again: what did not change comes from the cache."
"$buildscope" build . --batch --profile debug --work-dir "$dir/graph" --exclude-globs "$dir" 2>&1 >/dev/null | sed -n '/^nodes/p;/^succeeded in/p'

say "The report of a run. It is in the bundle, with spans, statistics and settings."
show "$buildscope" runs show latest . --work-dir "$dir/graph" | sed -n '1,32p'

say "A pipeline of three nodes, one of which fails: errors come first, and once."
if show "$wordscope" build . --batch --at-least 1000000 --work-dir "$dir/words"; then
	echo "the node check was expected to fail" >&2
	exit 1
fi

say "The same as data, for a script."
"$wordscope" build . --at-least 1000000 --work-dir "$dir/words" --json 2>/dev/null | sed -n '/"status"/,/"profile"/p' || true

say "Which setting is in force, and why."
OTEL_TRACES_SAMPLER=always_off show "$buildscope" config show --with-sources --profile ci otel.sampler otel.bsp_schedule_delay build.workers

say "To watch a build instead: $buildscope build ."
