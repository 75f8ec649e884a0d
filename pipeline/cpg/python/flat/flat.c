#include "flat.h"

#include <stdlib.h>

// Declared here because the module that defines them does not export its header.
// The layouts are those of v0.25; flat_test.go compares the sizes. The references
// are weak so that cgo's own link of this file alone succeeds; the program's link
// finds the definitions in go-tree-sitter.
typedef struct {
  uint32_t context[4];
  const void *id;
  const void *tree;
} TSNode;

typedef struct {
  const void *tree;
  const void *id;
  uint32_t context[3];
} TSTreeCursor;

typedef struct {
  uint32_t row, column;
} TSPoint;

typedef struct {
  void *payload;
  const char *(*read)(void *payload, uint32_t byte_index, TSPoint position, uint32_t *bytes_read);
  int encoding;
  void *decode;
} TSInput;

typedef struct {
  void *payload;
  uint32_t current_byte_offset;
  bool has_error;
} TSParseState;

typedef struct {
  void *payload;
  bool (*progress_callback)(TSParseState *state);
} TSParseOptions;

#ifdef __APPLE__
#define CORE extern
#else
#define CORE extern __attribute__((weak))
#endif

CORE void ts_set_allocator(void *(*)(size_t), void *(*)(size_t, size_t), void *(*)(void *, size_t), void (*)(void *));
CORE void *ts_parser_new(void);
CORE void ts_parser_delete(void *self);
CORE bool ts_parser_set_language(void *self, const void *language);
CORE void *ts_parser_parse_with_options(void *self, const void *old_tree, TSInput input, TSParseOptions options);
CORE void ts_parser_reset(void *self);
CORE void ts_tree_delete(void *self);
CORE TSNode ts_tree_root_node(const void *self);
CORE uint16_t ts_node_symbol(TSNode self);
CORE uint32_t ts_node_start_byte(TSNode self);
CORE uint32_t ts_node_end_byte(TSNode self);
CORE bool ts_node_is_missing(TSNode self);
CORE bool ts_node_has_error(TSNode self);
CORE TSTreeCursor ts_tree_cursor_new(TSNode node);
CORE void ts_tree_cursor_delete(TSTreeCursor *self);
CORE TSNode ts_tree_cursor_current_node(const TSTreeCursor *self);
CORE uint16_t ts_tree_cursor_current_field_id(const TSTreeCursor *self);
CORE bool ts_tree_cursor_goto_first_child(TSTreeCursor *self);
CORE bool ts_tree_cursor_goto_next_sibling(TSTreeCursor *self);
CORE bool ts_tree_cursor_goto_parent(TSTreeCursor *self);

void flat_sizes(uint32_t out[5]) {
  out[0] = sizeof(TSNode);
  out[1] = sizeof(TSTreeCursor);
  out[2] = sizeof(TSInput);
  out[3] = sizeof(TSParseOptions);
  out[4] = sizeof(flat_node);
}

void flat_use_libc(void) { ts_set_allocator(NULL, NULL, NULL, NULL); }

bool flat_open(flat_parser *p, const void *language) {
  p->parser = ts_parser_new();
  return p->parser && ts_parser_set_language(p->parser, language);
}

void flat_close(flat_parser *p) {
  if (p->parser) ts_parser_delete(p->parser);
  free(p->nodes);
  free(p->path);
  p->parser = NULL;
  p->nodes = NULL;
  p->path = NULL;
  p->cap = p->path_cap = p->count = 0;
}

typedef struct {
  const char *text;
  uint32_t length;
} source;

static const char *read_source(void *payload, uint32_t at, TSPoint position, uint32_t *bytes_read) {
  (void)position;
  const source *s = payload;
  if (at >= s->length) {
    *bytes_read = 0;
    return "";
  }
  *bytes_read = s->length - at;
  return s->text + at;
}

// Called by the core after every 100 steps, whatever the machine's speed.
static bool out_of_steps(TSParseState *state) {
  uint64_t *left = state->payload;
  if (*left < 100) return true;
  *left -= 100;
  return false;
}

static bool grow_nodes(flat_parser *p) {
  uint32_t cap = p->cap ? p->cap * 2 : 1 << 14;
  flat_node *nodes = realloc(p->nodes, (size_t)cap * sizeof(flat_node));
  if (!nodes) return false;
  p->nodes = nodes;
  p->cap = cap;
  return true;
}

static bool grow_path(flat_parser *p) {
  uint32_t cap = p->path_cap ? p->path_cap * 2 : 256;
  uint32_t *path = realloc(p->path, (size_t)cap * sizeof(uint32_t));
  if (!path) return false;
  p->path = path;
  p->path_cap = cap;
  return true;
}

// Appends the current node of the cursor if it is wanted. Sets *open to the index
// it got, and *leaf when its children are not wanted.
static bool append(flat_parser *p, const TSTreeCursor *cursor, bool errors, uint32_t *open, bool *leaf) {
  const uint16_t symbol_error = UINT16_MAX;
  TSNode node = ts_tree_cursor_current_node(cursor);
  uint16_t symbol = ts_node_symbol(node);
  uint8_t kind = 0, flags = 0;
  *open = UINT32_MAX;
  *leaf = false;
  if (symbol == symbol_error) {
    kind = UINT8_MAX;
    flags = FLAT_ERROR;
  } else if (symbol < p->kind_count) {
    kind = p->kinds[symbol];
    *leaf = p->leaves[symbol];
  }
  if (errors && ts_node_is_missing(node)) {
    flags = FLAT_MISSING;
    if (!kind) kind = UINT8_MAX;
  }
  if (!kind) return true;
  if (p->count == p->cap && !grow_nodes(p)) return false;
  uint16_t field = ts_tree_cursor_current_field_id(cursor);
  *open = p->count;
  p->nodes[p->count++] = (flat_node){
      .start = ts_node_start_byte(node),
      .end = ts_node_end_byte(node),
      .kind = kind,
      .field = field < p->field_count ? p->fields[field] : 0,
      .flags = flags,
  };
  return true;
}

static int flatten(flat_parser *p, const void *tree) {
  TSNode root = ts_tree_root_node(tree);
  bool errors = ts_node_has_error(root);
  TSTreeCursor cursor = ts_tree_cursor_new(root);
  uint32_t depth = 0;
  int result = FLAT_NO_MEMORY;
  for (;;) {
    bool leaf;
    if (depth == p->path_cap && !grow_path(p)) break;
    if (!append(p, &cursor, errors, &p->path[depth], &leaf)) break;
    depth++;
    if (!leaf && ts_tree_cursor_goto_first_child(&cursor)) continue;
    for (;;) {
      uint32_t closed = p->path[--depth];
      if (closed != UINT32_MAX) p->nodes[closed].next = p->count;
      if (depth == 0) {
        result = FLAT_DONE;
        goto done;
      }
      if (ts_tree_cursor_goto_next_sibling(&cursor)) break;
      ts_tree_cursor_goto_parent(&cursor);
    }
  }
done:
  ts_tree_cursor_delete(&cursor);
  return result;
}

int flat_parse(flat_parser *p, const char *text, uint32_t length, uint64_t max_steps) {
  source s = {text, length};
  TSInput input = {.payload = &s, .read = read_source};
  TSParseOptions options = {.payload = &max_steps, .progress_callback = out_of_steps};
  p->count = 0;
  void *tree = ts_parser_parse_with_options(p->parser, NULL, input, options);
  if (!tree) {
    ts_parser_reset(p->parser);
    return FLAT_LIMIT;
  }
  int result = flatten(p, tree);
  ts_tree_delete(tree);
  return result;
}
