/* SPDX-License-Identifier: GPL-2.0-or-later */
/* strings: texts in one block, each once; a text is its offset. Offset 0 is the empty text. */
#ifndef OAK_TRUST_CVE_STRINGS_H
#define OAK_TRUST_CVE_STRINGS_H

#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/error.h"

struct strings {
	struct buf bytes;
	uint32_t *slots; /* offsets, hashed; 0: free */
	size_t n_slots, n;
};

/* 0 or -ENOMEM (also for a block of more than 4 GiB). */
int strings_add(struct strings *s, const char *text, uint32_t *ret) _must_check_;
void strings_free(struct strings *s); /* also the guard */

#endif
