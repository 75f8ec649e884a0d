#!/bin/sh
# TPC-H as a project of SQL models, for a person: `make demo-sql`, with SF=1 at
# scale 1. It makes the data, builds the project twice, and asks the report.
set -eu
buildscope=$1 tpch=$2 dir=$3 scale=$4

say() { printf '\n\033[1m# %s\033[0m\n' "$1"; }
show() { # prints a command and runs it
	printf '$ %s\n' "$*"
	"$@"
}
if [ ! -t 1 ] || [ -n "${NO_COLOR:-}" ]; then
	say() { printf '\n# %s\n' "$1"; }
fi
mkdir -p "$dir"

say "Eight tables and 22 queries at scale $scale. The data stays for the next time."
show "$tpch" --out "$dir" --scale "$scale"
du -sh "$dir"/data/* | sed 's/^/  /'

say "Every query is a model, every test of the data a node."
rm -rf "$dir/.buildscope" # results of an earlier look
show "$buildscope" build "$dir" --batch 2>"$dir/narration" >/dev/null || { cat "$dir/narration"; exit 1; }
sed -n '/^slowest nodes/,$p' "$dir/narration"
first="$(sed -n 's|^bundle .*/||p' "$dir/narration")"

say "Again: what did not change comes from the cache."
"$buildscope" build "$dir" --batch 2>&1 >/dev/null | sed -n '/^nodes/p;/^succeeded in/p'

say "Another variable: only the model that has it is run again."
"$buildscope" build "$dir" --batch --variables fraction=0.01 2>&1 >/dev/null | sed -n '/^nodes/p;/^succeeded in/p'

say "An answer: revenue in Asia of suppliers and customers of one nation."
show "$buildscope" query latest "FROM q05_local_supplier_volume" "$dir"

say "The report of the first run: what held for the data, and where the time went."
show "$buildscope" runs show "$first" "$dir" | sed -n '/^## Tests/,/^## Caches/{/^## Caches/d;p;}'

say "To watch it instead: $buildscope build $dir"
