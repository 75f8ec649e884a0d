// The flat tree, and the calls that Go makes.
#ifndef BUILDSCOPE_FLAT_H
#define BUILDSCOPE_FLAT_H

#include <stdbool.h>
#include <stdint.h>

typedef struct {
  uint32_t start, end; // bytes
  uint32_t next;       // index of the first node after this one's descendants
  uint8_t kind, field, flags, unused;
} flat_node;

enum { FLAT_MISSING = 1, FLAT_ERROR = 2 };
enum { FLAT_DONE = 0, FLAT_LIMIT = 1, FLAT_NO_MEMORY = 2 };

typedef struct {
  void *parser;
  flat_node *nodes;
  uint32_t count, cap;
  uint32_t *path; // index of each open node, UINT32_MAX for nodes left out
  uint32_t path_cap;
  const uint8_t *kinds;  // by symbol; 0: leave the node out, keep its descendants
  const uint8_t *leaves; // by symbol; 1: do not look below
  const uint8_t *fields; // by field id
  uint32_t kind_count, field_count;
} flat_parser;

// The Go binding routes each allocation of the core through Go, two crossings each:
// a third of a parse. This gives the core the C library's again, for the process.
void flat_use_libc(void);
bool flat_open(flat_parser *p, const void *language);
void flat_close(flat_parser *p);
int flat_parse(flat_parser *p, const char *text, uint32_t length, uint64_t max_steps);
void flat_sizes(uint32_t out[5]);

#endif
