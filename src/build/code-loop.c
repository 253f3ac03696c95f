/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "build/code-loop.h"

#include <stdlib.h>

#include "base/cleanup.h"
#include "elf/arch-insn.h"

struct walk {
	const uint8_t *code;
	size_t len;
	bool *seen;
	uint32_t *todo;
	uint32_t n;
};

static void go_to(struct walk *w, int64_t off)
{
	if (off < 0 || (uint64_t)off >= w->len || w->seen[off])
		return;
	w->seen[off] = true;
	w->todo[w->n++] = (uint32_t)off;
}

static void follow(struct walk *w, size_t off)
{
	struct arch_insn insn;

	if (!arch_insn_read(w->code + off, w->len - off, &insn))
		return;
	if (insn.falls)
		go_to(w, (int64_t)(off + insn.len));
	if (insn.jump)
		go_to(w, (int64_t)off + insn.jump);
}

/* Where the instruction begins that holds @at. */
static size_t start_of(const uint8_t *code, size_t len, uint64_t at)
{
	struct arch_insn insn;

	for (size_t off = 0; off < len;) {
		size_t n = arch_insn_read(code + off, len - off, &insn) ? insn.len : 1;

		if (at < off + n)
			return off;
		off += n;
	}
	return len;
}

int code_repeats(const uint8_t *code, size_t len, uint64_t at, bool *ret, struct oak_error *err)
{
	_cleanup_(freep) bool *seen = calloc(len + 1, sizeof(*seen));
	_cleanup_(freep) uint32_t *todo = calloc(len + 1, sizeof(*todo));
	struct walk w = { code, len, seen, todo, 0 };
	size_t start = start_of(code, len, at);

	if (!seen || !todo)
		return oak_fail(err, OAK_E_NOMEM, "out of memory");
	if (start < len)
		follow(&w, start);
	while (w.n && !seen[start])
		follow(&w, todo[--w.n]);
	*ret = start < len && seen[start];
	return 0;
}
