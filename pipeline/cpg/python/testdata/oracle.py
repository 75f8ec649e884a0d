"""Prints, for every Python file named on standard input, what CPython's ast and
symtable find in it: one JSON object per line, null for a file they reject."""
import ast, json, symtable, sys

def tables(t, parent, out):
    kind = t.get_type()
    me = len(out)
    out.append([kind, t.get_name(), t.get_lineno(), parent, [
        [s.get_name(), s.is_local(), s.is_global(), s.is_declared_global(), s.is_nonlocal(), s.is_free(),
         s.is_parameter(), s.is_imported(), s.is_assigned(), s.is_referenced(), s.is_annotated()]
        for s in t.get_symbols()]])
    for c in t.get_children():
        tables(c, me, out)

def spans(tree, src):
    starts = [0]
    for line in src.splitlines(keepends=True):
        starts.append(starts[-1] + len(line))
    got = {"def": [], "call": [], "name": [], "attribute": [], "import": [], "arg": []}
    at = lambda n: [starts[n.lineno - 1] + n.col_offset, starts[n.end_lineno - 1] + n.end_col_offset]
    inside = set()
    for n in ast.walk(tree):
        if isinstance(n, ast.JoinedStr):
            for c in ast.walk(n):
                if c is not n:
                    inside.add(id(c))  # 3.11 gives these no positions
    for n in ast.walk(tree):
        if id(n) in inside:
            continue
        if isinstance(n, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef, ast.Lambda)):
            got["def"].append(at(n))
        elif isinstance(n, ast.Call):
            got["call"].append(at(n))
        elif isinstance(n, ast.Name):
            got["name"].append(at(n))
        elif isinstance(n, ast.Attribute):
            got["attribute"].append(at(n)[1:])
        elif isinstance(n, ast.alias):
            got["import"].append(at(n))
        elif isinstance(n, ast.arg):
            got["arg"].append(at(n)[:1])
    got["fstring"] = [at(n) for n in ast.walk(tree) if isinstance(n, ast.JoinedStr) and id(n) not in inside]
    return got

def read(path):
    src = open(path, "rb").read()
    try:
        text = src.decode("utf-8")
        if "\r" in text or "\f" in text or text.startswith("\ufeff"):
            return None  # lines are counted in another way
        tree = ast.parse(src)
        out = []
        tables(symtable.symtable(text, path, "exec"), -1, out)
    except (SyntaxError, ValueError, RecursionError):
        return None
    future = any(isinstance(n, ast.ImportFrom) and n.module == "__future__" and any(a.name == "annotations" for a in n.names) for n in tree.body)
    got = spans(tree, src)
    got.update(tables=out, future=future, doc=(ast.get_docstring(tree) or ""))
    return got

for line in sys.stdin:
    print(json.dumps(read(line.rstrip("\n"))), flush=True)
