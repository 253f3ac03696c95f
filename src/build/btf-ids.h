/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * btf-ids: the lists of BTF ids of an object, which functions and types BPF programs may use.
 *
 * In the object all numbers are 0. What each will stand for is said by the symbol at its place
 * alone, "__BTF_ID__func__tcp_cong_avoid__12", the last number being a counter.
 *
 * Source: linux/btf_ids.h, tools/bpf/resolve_btfids/main.c (kernels 5.5 to 6.12).
 */
#ifndef OAK_BUILD_BTF_IDS_H
#define OAK_BUILD_BTF_IDS_H

#include "base/cleanup.h"
#include "base/error.h"
#include "elf/model.h"

struct btf_ids {
	sym_id *v; /* by section and offset, then name */
	size_t n;
};

/* @ret: released with btf_ids_release() */
int btf_ids_read(const struct obj *o, struct btf_ids *ret, struct oak_error *err) _must_check_;
void btf_ids_release(struct btf_ids *ids);

/* Do two variables stand for the same ids in the same places? True where neither has any. */
bool btf_ids_same(const struct btf_ids *oi, const struct model *om, atom_id o,
		  const struct btf_ids *pi, const struct model *pm, atom_id p);

#endif
