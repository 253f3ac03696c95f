/* SPDX-License-Identifier: GPL-2.0-or-later */
/* ko-fixture: handmade modules of a few hundred bytes. Out of memory ends the program. */
#ifndef OAK_KO_FIXTURE_H
#define OAK_KO_FIXTURE_H

#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"

struct fixture_ko_sym {
	const char *name;
	const char *section; /* NULL: undefined */
	uint64_t value, size;
	uint8_t bind, type;
};

struct fixture_ko_rel {
	const char *section;
	uint64_t off;
	uint32_t type;
	const char *symbol; /* a symbol's name, or a section's for its own symbol */
	int64_t addend;
};

struct fixture_ko {
	const char *modinfo; /* "name=demo", each text ended by "\n" for the NUL of the file */
	const void *text; /* .text; .init.text is 16 bytes of zeros, .rodata "hello" and "world" */
	size_t text_len;
	const struct fixture_ko_sym *syms;
	size_t n_syms;
	const struct fixture_ko_rel *rels;
	size_t n_rels;
};

/* The module's file, appended; some bytes follow it as a signature would. */
void fixture_ko(struct buf *b, const struct fixture_ko *k);

#endif
