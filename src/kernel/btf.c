/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "kernel/btf.h"

#include <linux/btf.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "kernel/bytes.h"

#define TYPE_BYTES     12         /* struct btf_type: name_off, info, size or type */
#define MEMBER_BYTES   12         /* struct btf_member: name_off, type, offset */
#define NESTED_MAX     16         /* anonymous structs within each other */
#define MEMBERS_LOOKED (1u << 20) /* of one lookup: ends what a damaged section could spin */

/* Bytes that follow the struct btf_type of each kind: fixed, and per element of vlen. */
static const struct {
	uint8_t fixed, each;
	bool known;
} kind_bytes[] = {
	[BTF_KIND_INT] = { 4, 0, true },        [BTF_KIND_PTR] = { 0, 0, true },
	[BTF_KIND_ARRAY] = { 12, 0, true },     [BTF_KIND_STRUCT] = { 0, 12, true },
	[BTF_KIND_UNION] = { 0, 12, true },     [BTF_KIND_ENUM] = { 0, 8, true },
	[BTF_KIND_FWD] = { 0, 0, true },        [BTF_KIND_TYPEDEF] = { 0, 0, true },
	[BTF_KIND_VOLATILE] = { 0, 0, true },   [BTF_KIND_CONST] = { 0, 0, true },
	[BTF_KIND_RESTRICT] = { 0, 0, true },   [BTF_KIND_FUNC] = { 0, 0, true },
	[BTF_KIND_FUNC_PROTO] = { 0, 8, true }, [BTF_KIND_VAR] = { 4, 0, true },
	[BTF_KIND_DATASEC] = { 0, 12, true },   [BTF_KIND_FLOAT] = { 0, 0, true },
	[BTF_KIND_DECL_TAG] = { 4, 0, true },   [BTF_KIND_TYPE_TAG] = { 0, 0, true },
	[BTF_KIND_ENUM64] = { 0, 12, true },
};

struct type {
	const char *name;
	uint32_t kind, vlen, size; /* @size is the target's id where the kind has no size */
	bool bitfields;            /* member offsets hold a bit size in the upper byte */
	const uint8_t *rest;
};

static const char *string_at(const struct btf *b, uint32_t off)
{
	return off < b->strings_len ? b->strings + off : "";
}

static struct type type_at(const struct btf *b, uint32_t id)
{
	const uint8_t *p = b->types + b->offset[id];
	uint32_t info = get_le32(p + 4);

	return (struct type){
		.name = string_at(b, get_le32(p)),
		.kind = BTF_INFO_KIND(info),
		.vlen = BTF_INFO_VLEN(info),
		.size = get_le32(p + 8),
		.bitfields = BTF_INFO_KFLAG(info),
		.rest = p + TYPE_BYTES,
	};
}

static bool is_struct(const struct type *t)
{
	return t->kind == BTF_KIND_STRUCT || t->kind == BTF_KIND_UNION;
}

/* Walks the type section once: first to count (offset NULL), then to fill. */
static int walk_types(struct btf *b, uint32_t types_len, struct oak_error *err)
{
	uint32_t at = 0, n = 0;

	while (at < types_len) {
		uint32_t info, kind;
		uint64_t bytes;

		if (types_len - at < TYPE_BYTES)
			return oak_fail(err, OAK_E_FORMAT, "damaged BTF: type %u is cut off", n + 1);
		info = get_le32(b->types + at + 4);
		kind = BTF_INFO_KIND(info);
		if (kind >= sizeof(kind_bytes) / sizeof(kind_bytes[0]) || !kind_bytes[kind].known)
			return oak_fail(err, OAK_E_FORMAT, "BTF type %u is of the unknown kind %u",
					n + 1, kind);
		bytes = TYPE_BYTES + kind_bytes[kind].fixed +
			(uint64_t)BTF_INFO_VLEN(info) * kind_bytes[kind].each;
		if (bytes > types_len - at)
			return oak_fail(err, OAK_E_FORMAT, "damaged BTF: type %u is cut off", n + 1);
		n++;
		if (b->offset)
			b->offset[n] = at;
		at += (uint32_t)bytes;
	}
	b->n_types = n;
	return 0;
}

int btf_parse(const uint8_t *data, size_t len, struct btf *ret, struct oak_error *err)
{
	_cleanup_(btf_free) struct btf b = { 0 };
	uint32_t header, types_off, types_len, strings_off;
	int r;

	if (len < sizeof(struct btf_header) || get_le16(data) != BTF_MAGIC)
		return oak_fail(err, OAK_E_FORMAT, "not a BTF section");
	header = get_le32(data + offsetof(struct btf_header, hdr_len));
	types_off = get_le32(data + offsetof(struct btf_header, type_off));
	types_len = get_le32(data + offsetof(struct btf_header, type_len));
	strings_off = get_le32(data + offsetof(struct btf_header, str_off));
	b.strings_len = get_le32(data + offsetof(struct btf_header, str_len));
	if (!range_within((uint64_t)header + types_off, types_len, len) ||
	    !range_within((uint64_t)header + strings_off, b.strings_len, len))
		return oak_fail(err, OAK_E_FORMAT, "damaged BTF: its sections end beyond byte %zu",
				len);
	b.types = data + header + types_off;
	b.strings = (const char *)data + header + strings_off;
	if (b.strings_len == 0 || b.strings[b.strings_len - 1] != '\0')
		return oak_fail(err, OAK_E_FORMAT, "damaged BTF: its strings do not end");
	r = walk_types(&b, types_len, err);
	if (r < 0)
		return r;
	b.offset = calloc((size_t)b.n_types + 1, sizeof(*b.offset));
	if (!b.offset)
		return oak_fail(err, OAK_E_NOMEM, "out of memory");
	r = walk_types(&b, types_len, err);
	if (r < 0)
		return r;
	*ret = b;
	b = (struct btf){ 0 };
	return 0;
}

void btf_free(struct btf *b)
{
	free(b->offset);
	*b = (struct btf){ 0 };
}

static int find_struct(const struct btf *b, const char *name, struct type *ret,
		       struct oak_error *err)
{
	for (uint32_t id = 1; id <= b->n_types; id++) {
		struct type t = type_at(b, id);

		if (!is_struct(&t) || strcmp(t.name, name) != 0)
			continue;
		*ret = t;
		return 0;
	}
	return oak_fail(err, OAK_E_NOTFOUND, "this kernel has no struct %s", name);
}

int btf_struct_size(const struct btf *b, const char *name, uint32_t *ret, struct oak_error *err)
{
	struct type t;
	int r = find_struct(b, name, &t, err);

	if (r == 0)
		*ret = t.size;
	return r;
}

/* Through typedef, const and the like. Ids may form a loop in a damaged section. */
static bool resolve(const struct btf *b, uint32_t id, struct type *ret)
{
	for (int depth = 0; depth < NESTED_MAX && id >= 1 && id <= b->n_types; depth++) {
		*ret = type_at(b, id);
		if (is_struct(ret))
			return true;
		if (ret->kind != BTF_KIND_CONST && ret->kind != BTF_KIND_VOLATILE &&
		    ret->kind != BTF_KIND_TYPEDEF && ret->kind != BTF_KIND_TYPE_TAG)
			return false;
		id = ret->size;
	}
	return false;
}

static bool find_member(const struct btf *b, const struct type *t, const char *member, int depth,
			uint32_t *budget, uint64_t *bits)
{
	for (uint32_t i = 0; i < t->vlen; i++) {
		const uint8_t *m = t->rest + (size_t)i * MEMBER_BYTES;
		const char *name = string_at(b, get_le32(m));
		uint32_t off = get_le32(m + 8);
		struct type inner;

		if (*budget == 0)
			return false;
		--*budget;
		if (t->bitfields)
			off = BTF_MEMBER_BIT_OFFSET(off);
		*bits += off;
		if (strcmp(name, member) == 0)
			return true;
		if (!*name && depth < NESTED_MAX && resolve(b, get_le32(m + 4), &inner) &&
		    find_member(b, &inner, member, depth + 1, budget, bits))
			return true;
		*bits -= off;
	}
	return false;
}

int btf_member_offset(const struct btf *b, const char *name, const char *member, uint32_t *ret,
		      struct oak_error *err)
{
	uint32_t budget = MEMBERS_LOOKED;
	uint64_t bits = 0;
	struct type t;
	int r = find_struct(b, name, &t, err);

	if (r < 0)
		return r;
	if (!find_member(b, &t, member, 0, &budget, &bits))
		return oak_fail(err, OAK_E_NOTFOUND, "struct %s of this kernel has no member %s",
				name, member);
	*ret = (uint32_t)(bits / 8);
	return 0;
}
