/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * btf: sizes and member offsets of structs from the .BTF section.
 * Source: Documentation/bpf/btf.rst, "BTF Type and String Encoding".
 */
#ifndef OAK_KERNEL_BTF_H
#define OAK_KERNEL_BTF_H

#include <stddef.h>
#include <stdint.h>

#include "base/error.h"

struct btf {
	const uint8_t *types; /* the type section, borrowed */
	const char *strings;  /* the string section, NUL-terminated as a whole */
	uint32_t strings_len;
	uint32_t *offset; /* of type id i in @types; [0] is unused */
	uint32_t n_types; /* ids are 1 .. n_types */
};

/**
 * btf_parse() - index the types of a .BTF section
 * @data: borrowed until btf_free()
 *
 * Pure. Errors: OAK_E_FORMAT, OAK_E_NOMEM. Fuzzed by tests/fuzz/fuzz-btf.c.
 */
int btf_parse(const uint8_t *data, size_t len, struct btf *ret, struct oak_error *err) _must_check_;
void btf_free(struct btf *b); /* zero is fine; also the guard */

/* Bytes of struct (or union) @name. Errors: OAK_E_NOTFOUND. */
int btf_struct_size(const struct btf *b, const char *name, uint32_t *ret, struct oak_error *err)
	_must_check_;

/* Byte offset of @member, which may lie in anonymous members. Errors: OAK_E_NOTFOUND. */
int btf_member_offset(const struct btf *b, const char *name, const char *member, uint32_t *ret,
		      struct oak_error *err) _must_check_;

#endif
