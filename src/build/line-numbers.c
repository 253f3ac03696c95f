/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "build/line-numbers.h"

#include <stddef.h>
#include <string.h>

#include "elf/arch-insn.h"

/* No source has a line beyond; what is larger is a flag or an address. */
#define LINE_MAX_PLAUSIBLE 100000u

/*
 * Functions that take __LINE__, and as which argument (from 0), in kernels 3.10 to 6.12. Only
 * those whose argument never was another. A format is of those that take it for printing alone.
 */
static const struct taker {
	const char *name;
	uint8_t arg;
	const char *format; /* argument 0; NULL: does not matter */
} takers[] = {
	/* linux/kernel.h */
	{ "__might_sleep", 1, NULL },
	{ "___might_sleep", 1, NULL },
	{ "__might_resched", 1, NULL },
	{ "__might_fault", 1, NULL },
	{ "__cant_sleep", 1, NULL },
	{ "__cant_migrate", 1, NULL },
	/* asm-generic/bug.h */
	{ "warn_slowpath_null", 1, NULL },
	{ "warn_slowpath_fmt", 1, NULL },
	{ "warn_slowpath_fmt_taint", 1, NULL },
	/* linux/lockdep.h */
	{ "lockdep_rcu_suspicious", 1, NULL },
	/* ASSERT_RTNL() of linux/rtnetlink.h */
	{ "__warn_printk", 2, "RTNL: assertion failed at %s (%d)\n" },
	{ "printk", 2, "RTNL: assertion failed at %s (%d)\n" },
	/* fs/btrfs */
	{ "__btrfs_abort_transaction", 2, NULL },
	{ "__btrfs_handle_fs_error", 2, NULL },
	{ "__btrfs_panic", 2, NULL },
	{ "btrfs_assertfail", 2, NULL },
	/* fs/ext4 */
	{ "__ext4_error", 2, NULL },
	{ "__ext4_error_inode", 2, NULL },
	{ "__ext4_error_file", 2, NULL },
	{ "__ext4_std_error", 2, NULL },
	{ "__ext4_warning", 2, NULL },
	{ "__ext4_warning_inode", 2, NULL },
	{ "__ext4_grp_locked_error", 1, NULL },
	{ "__ext4_check_dir_entry", 1, NULL },
	{ "__ext4_iget", 4, NULL },
	{ "__ext4_forget", 1, NULL },
	{ "__ext4_journal_stop", 1, NULL },
	{ "__ext4_journal_get_write_access", 1, NULL },
	{ "__ext4_journal_get_create_access", 1, NULL },
	{ "__ext4_handle_dirty_metadata", 1, NULL },
};

static const char *ref_name(const struct model *m, const struct ref *ref)
{
	return ref->to ? atom_name(m, ref->to) : m->obj->syms[ref->sym].name;
}

/* The ref whose field lies in [from, to) of an atom; NULL. */
static const struct ref *ref_within(const struct model *m, atom_id id, uint64_t from, uint64_t to)
{
	const struct atom *a = &m->atoms[id];
	uint32_t lo = 0, hi = a->n_refs;

	while (lo < hi) {
		uint32_t mid = lo + (hi - lo) / 2;

		if (m->refs[a->first_ref + mid].off < from)
			lo = mid + 1;
		else
			hi = mid;
	}
	if (lo == a->n_refs || m->refs[a->first_ref + lo].off >= to)
		return NULL;
	return &m->refs[a->first_ref + lo];
}

static bool is_string(const struct model *m, const struct ref *ref, const char *s)
{
	return ref && ref->to && ref->addend == 0 && m->atoms[ref->to].kind == ATOM_STRING &&
	       m->atoms[ref->to].size == strlen(s) + 1 &&
	       memcmp(atom_bytes(m, ref->to), s, strlen(s) + 1) == 0;
}

/* An instruction of a function, and what was last put into argument 0 since the last jump. */
struct walk {
	const struct model *m;
	atom_id id;
	uint64_t off; /* of the next instruction */
	struct arch_insn insn;
	const struct ref *arg0;
};

static bool walk_on(struct walk *w)
{
	uint64_t start = w->off;

	if (!arch_insn_read(atom_bytes(w->m, w->id) + start, w->m->atoms[w->id].size - start,
			    &w->insn))
		return false;
	w->off += w->insn.len;
	if (w->insn.touches & 1u << arch_argument_reg(0))
		w->arg0 = ref_within(w->m, w->id, start, w->off);
	return true;
}

/* The walk stands behind "mov $const, reg": is the constant a line, and nothing else? */
static bool goes_to_taker(struct walk w)
{
	uint8_t reg = w.insn.const_reg;

	while (w.off < w.m->atoms[w.id].size && walk_on(&w)) {
		const struct ref *callee = ref_within(w.m, w.id, w.off - w.insn.len, w.off);

		if (w.insn.flow == FLOW_CALL) {
			for (size_t i = 0; callee && i < sizeof(takers) / sizeof(takers[0]); i++)
				if (arch_argument_reg(takers[i].arg) == reg &&
				    strcmp(ref_name(w.m, callee), takers[i].name) == 0 &&
				    (!takers[i].format || is_string(w.m, w.arg0, takers[i].format)))
					return true;
			return false;
		}
		if (w.insn.flow != FLOW_NEXT || w.insn.touches & 1u << reg)
			return false;
	}
	return false;
}

static bool is_line(const uint8_t *field)
{
	uint32_t n;

	memcpy(&n, field, sizeof(n));
	return n && n < LINE_MAX_PLAUSIBLE;
}

static bool same_outside_fields(const struct walk *w, const uint8_t *bo, const uint8_t *bp,
				uint64_t from, uint64_t to)
{
	while (from < to) {
		const struct ref *ref = ref_within(w->m, w->id, from, to);
		uint64_t end = ref ? ref->off : to;

		if (memcmp(bo + from, bp + from, end - from) != 0)
			return false;
		from = ref ? ref->off + arch_rel_width(ref->type) : to;
	}
	return true;
}

bool same_code_but_lines(const struct model *om, atom_id o, const struct model *pm, atom_id p)
{
	const uint8_t *bo = atom_bytes(om, o), *bp = atom_bytes(pm, p);
	struct walk w = { .m = pm, .id = p };

	while (w.off < pm->atoms[p].size) {
		uint64_t start = w.off, field;

		if (!walk_on(&w))
			return false;
		field = start + w.insn.const_off;
		if (same_outside_fields(&w, bo, bp, start, w.off)) {
			if (w.insn.flow != FLOW_NEXT)
				w.arg0 = NULL;
			continue;
		}
		if (w.insn.const_reg == ARCH_NO_REG ||
		    memcmp(bo + start, bp + start, field - start) != 0 ||
		    ref_within(pm, p, start, w.off) || !is_line(bo + field) ||
		    !is_line(bp + field) || !goes_to_taker(w))
			return false;
	}
	return true;
}

/* How much of the literal stands before its line; 0 where it has none. */
static size_t len_before_line(const char *s)
{
	const char *at = strstr(s, "\" at "), *colon = strrchr(s, ':');

	if (strncmp(s, "field \"", strlen("field \"")) != 0 || !at || !colon || colon < at)
		return 0;
	colon++;
	return colon[0] && strspn(colon, "0123456789") == strlen(colon) ? (size_t)(colon - s) : 0;
}

bool same_literal_but_line(const char *o, const char *p)
{
	size_t len = len_before_line(o);

	return len && len == len_before_line(p) && memcmp(o, p, len) == 0;
}

uint8_t line_bits(const struct model *m, atom_id id, uint64_t pos)
{
	const struct atom *a = &m->atoms[id];
	const char *section = atom_section(m, id);

	/* linux/dynamic_debug.h: four pointers, then "lineno:18" */
	if (strcmp(section, "__dyndbg") != 0 && strcmp(section, "__verbose") != 0)
		return 0;
	for (uint64_t i = 0; i < 4; i++)
		if (i >= a->n_refs || m->refs[a->first_ref + i].off != 8 * i)
			return 0;
	return pos == 34 ? 0x03 : pos == 32 || pos == 33 ? 0xff : 0;
}
