/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "host/notes.h"

#include <elf.h>
#include <stdbool.h>
#include <stdint.h>
#include <string.h>

#include "base/hash.h"

struct note {
	const uint8_t *name, *desc;
	uint32_t name_len, desc_len, type;
};

/* Takes @want bytes and their padding; the last field of all may lack the padding. */
static bool take(const uint8_t **p, size_t *left, uint32_t want, const uint8_t **ret)
{
	size_t padded = ((size_t)want + 3) & ~(size_t)3;

	if (want > *left)
		return false;
	*ret = *p;
	if (padded > *left)
		padded = *left;
	*p += padded;
	*left -= padded;
	return true;
}

static bool next_note(const uint8_t **p, size_t *left, struct note *ret)
{
	const uint8_t *head;
	uint32_t words[3];

	if (!take(p, left, sizeof(words), &head))
		return false;
	memcpy(words, head, sizeof(words));
	ret->name_len = words[0];
	ret->desc_len = words[1];
	ret->type = words[2];
	return take(p, left, ret->name_len, &ret->name) && take(p, left, ret->desc_len, &ret->desc);
}

int notes_find_build_id(const void *data, size_t len, char ret[BUILD_ID_HEX_MAX],
			struct oak_error *err)
{
	const uint8_t *p = data;

	while (len) {
		struct note n;

		if (!next_note(&p, &len, &n))
			return oak_fail(err, OAK_E_FORMAT, "a note is cut off");
		if (n.type != NT_GNU_BUILD_ID || n.name_len != sizeof(ELF_NOTE_GNU) ||
		    memcmp(n.name, ELF_NOTE_GNU, sizeof(ELF_NOTE_GNU)) != 0)
			continue;
		if (n.desc_len < BUILD_ID_BYTES_MIN || n.desc_len > BUILD_ID_BYTES_MAX)
			return oak_fail(err, OAK_E_FORMAT, "the build-id has %u bytes", n.desc_len);
		hex_encode(n.desc, n.desc_len, ret);
		return 0;
	}
	return oak_fail(err, OAK_E_NOTFOUND, "no GNU build-id among the notes");
}
