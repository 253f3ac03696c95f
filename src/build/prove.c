/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "build/prove.h"

#include <elf.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define DEPTH_MAX   4
#define JMP32       0xe9
#define JMP32_BYTES 5
#define JMP8        0xeb
#define JMP8_BYTES  2
#define DISPUTED    UINT64_MAX /* no function is there */

struct prover {
	const struct model *m;
	const struct shipped *home;
	struct proof *p;
	struct proof_atom attempt; /* the one at hand: where it failed */
	bool adopt; /* the candidate is ours: keep the addresses that are read back */
};

static bool fail(struct prover *pr, uint64_t at, const char *what, const char *name)
{
	pr->attempt.differs_at = at;
	(void)snprintf(pr->attempt.differs_why, sizeof(pr->attempt.differs_why), "%s%s%s", what,
		       name[0] ? " " : "", name);
	return false;
}

static bool check_symbol(struct prover *pr, const struct ref *ref, uint64_t at, uint64_t addr)
{
	const struct obj_sym *sym = &pr->m->obj->syms[ref->sym];
	bool known;

	if (shipped_name_is_at(pr->home, sym->name, addr, &known)) {
		/* A candidate that fails later, or is not ours, names another object's symbols. */
		if (pr->adopt)
			pr->p->sym_addr[ref->sym] = addr;
		return true;
	}
	if (sym->bind == STB_WEAK && addr == 0)
		return true;
	return fail(pr, at, known ? "a field leads elsewhere than to" : "kallsyms does not know",
		    sym->name);
}

static bool same_code(struct prover *pr, atom_id id, uint64_t addr, unsigned depth);

static bool check_content(struct prover *pr, atom_id id, uint64_t at, uint64_t addr, uint64_t skip)
{
	const struct atom *a = &pr->m->atoms[id];
	const uint8_t *ours = atom_bytes(pr->m, id), *theirs;

	if (!ours || skip > a->size)
		return fail(pr, at, "a field leads outside a literal", "");
	theirs = shipped_bytes(pr->home, addr + skip, a->size - skip);
	if (!theirs || !shipped_is_plain(pr->home, addr + skip, a->size - skip) ||
	    memcmp(ours + skip, theirs, a->size - skip) != 0)
		return fail(pr, at, "a literal differs", "");
	return true;
}

/* A function that proven code uses. Two answers are none. */
static void note_function(struct prover *pr, atom_id id, uint64_t addr)
{
	uint64_t *known = &pr->p->atoms[id].read_back;

	*known = *known && *known != addr ? DISPUTED : addr;
}

static bool check_target(struct prover *pr, const struct ref *ref, uint64_t at, uint64_t addr,
			 unsigned depth)
{
	const struct atom *to = &pr->m->atoms[ref->to];
	const char *name = atom_name(pr->m, ref->to);
	bool known;

	if (!ref->to)
		return check_symbol(pr, ref, at, addr);
	switch (to->kind) {
	case ATOM_CODE:
	case ATOM_DATA:
		if (!shipped_name_is_at(pr->home, name, addr, &known))
			return fail(pr, at,
				    known ? "a field leads elsewhere than to"
					  : "kallsyms does not know",
				    name);
		if (to->kind == ATOM_DATA && pr->adopt)
			pr->p->atoms[ref->to].addr = addr;
		else if (pr->adopt)
			note_function(pr, ref->to, addr);
		return true;
	case ATOM_PART:
		return same_code(pr, ref->to, addr, depth + 1);
	case ATOM_STRING:
	case ATOM_CONST:
		return check_content(pr, ref->to, at, addr,
				     ref->addend < 0 ? 0 : (uint64_t)ref->addend);
	case ATOM_MISC:
	case ATOM_ENTRY:
		/* Unnamed data may itself hold addresses; only plain bytes can be compared. */
		return to->n_refs || !atom_bytes(pr->m, ref->to) ||
		       check_content(pr, ref->to, at, addr, 0);
	}
	return false;
}

/*
 * Does the shipped function end in a jump of 2 bytes where ours has 5? -ffunction-sections makes
 * each jump to another function a far one; in one .text the assembler shortens those to a near one.
 * At the very end that moves nothing else.
 */
static bool ends_in_short_jump(const struct prover *pr, atom_id id, uint64_t addr,
			       uint64_t *ret_target)
{
	const struct atom *a = &pr->m->atoms[id];
	const struct ref *last = &pr->m->refs[a->first_ref + a->n_refs - 1];
	const uint8_t *ours = atom_bytes(pr->m, id), *theirs;
	uint64_t at;

	if (a->size < JMP32_BYTES || !a->n_refs || last->use != USE_JUMP ||
	    last->off != a->size - 4 || !arch_rel_is_pcrel(last->type))
		return false;
	at = addr + a->size - JMP32_BYTES;
	theirs = shipped_bytes(pr->home, at, JMP8_BYTES);
	if (!theirs || ours[a->size - JMP32_BYTES] != JMP32 || theirs[0] != JMP8 ||
	    !shipped_is_plain(pr->home, at, JMP8_BYTES))
		return false;
	*ret_target =
		at + JMP8_BYTES + (uint64_t)(int64_t)(int8_t)theirs[1] - (uint64_t)last->addend;
	return true;
}

static bool same_code(struct prover *pr, atom_id id, uint64_t addr, unsigned depth)
{
	const struct atom *a = &pr->m->atoms[id];
	const uint8_t *ours = atom_bytes(pr->m, id), *theirs;
	uint64_t pos = 0, target = 0, size = a->size;
	uint32_t n_refs = a->n_refs;

	if (depth > DEPTH_MAX)
		return true;
	if (ours && ends_in_short_jump(pr, id, addr, &target)) {
		size -= JMP32_BYTES;
		n_refs--;
		if (!check_target(pr, &pr->m->refs[a->first_ref + n_refs], size, target, depth))
			return false;
	}
	theirs = shipped_bytes(pr->home, addr, size);
	if (!ours || !theirs)
		return fail(pr, 0, "the image holds no bytes at its address", "");
	for (uint32_t i = 0; i <= n_refs; i++) {
		const struct ref *ref = i < n_refs ? &pr->m->refs[a->first_ref + i] : NULL;
		uint64_t start = pos, end = ref ? ref->off : size;

		for (; pos < end; pos++)
			if (ours[pos] != theirs[pos])
				return fail(pr, pos, "bytes differ", "");
		if (!shipped_is_plain(pr->home, addr + start, end - start))
			return fail(pr, start, "a shipped relocation that we do not have", "");
		if (!ref)
			break;
		pos = ref->off + arch_rel_width(ref->type);
		if (!shipped_target(pr->home, ref, addr + ref->off, &target))
			return fail(pr, ref->off, "a field is of another kind", "");
		if (!check_target(pr, ref, ref->off, target, depth))
			return false;
	}
	return true;
}

static bool is_function(const struct model *m, atom_id id)
{
	return m->atoms[id].kind == ATOM_CODE;
}

/* Shipped objects are linked from one .text each; unlikely, hot and startup code goes elsewhere. */
static bool is_plain_text(const struct model *m, atom_id id)
{
	static const char *const elsewhere[] = { ".text.unlikely", ".text.hot", ".text.startup",
						 ".text.exit" };
	const char *section = atom_section(m, id);

	for (size_t i = 0; i < sizeof(elsewhere) / sizeof(elsewhere[0]); i++)
		if (strncmp(section, elsewhere[i], strlen(elsewhere[i])) == 0)
			return false;
	return strncmp(section, ".text", 5) == 0;
}

/* Where in the image this object's .text lies, as far as unique functions show it. */
struct span {
	uint64_t lo, hi; /* 0: nothing is known */
};

/*
 * Which of several identical bodies is ours? The one that proven code of ours leads to. Where none
 * does: an object's .text is contiguous in the kernel, so one between two functions that are
 * surely ours is ours.
 */
static bool may_be_ours(const struct prover *pr, atom_id id, const struct span *span, uint64_t addr)
{
	uint64_t known = pr->p->atoms[id].read_back;

	if (!span)
		return true;
	if (known)
		return addr == known;
	return is_plain_text(pr->m, id) && addr > span->lo && addr < span->hi;
}

/* @span: NULL where candidates need not be told apart. */
static void prove_function(struct prover *pr, atom_id id, const struct span *span)
{
	struct proof_atom *result = &pr->p->atoms[id], best = { 0 };
	const uint32_t *ids = NULL;
	size_t n = shipped_find(pr->home, atom_name(pr->m, id), &ids), fits = 0, chosen = 0;
	uint64_t found = 0;

	pr->adopt = false;
	for (size_t i = 0; i < n; i++) {
		uint64_t addr = shipped_addr(pr->home, ids[i]);

		pr->attempt = (struct proof_atom){ .status = PROOF_DIFFERS };
		if (!same_code(pr, id, addr, 0)) {
			if (pr->attempt.differs_at >= best.differs_at)
				best = pr->attempt;
			continue;
		}
		fits++;
		if (may_be_ours(pr, id, span, addr)) {
			chosen++;
			found = addr;
		}
	}
	if (!fits) {
		best.status = n ? PROOF_DIFFERS : PROOF_ABSENT;
	} else if (chosen != 1) {
		best = (struct proof_atom){ .status = PROOF_AMBIGUOUS };
	} else {
		best = (struct proof_atom){ .status = PROOF_IDENTICAL, .addr = found };
		pr->adopt = true;
	}
	best.read_back = result->read_back;
	*result = best;
	if (pr->adopt)
		(void)same_code(pr, id, found, 0);
}

static void span_add(struct span *s, uint64_t addr)
{
	if (!s->lo || addr < s->lo)
		s->lo = addr;
	if (addr > s->hi)
		s->hi = addr;
}

static void count(struct proof *p, enum proof_status s)
{
	uint32_t *const counters[] = {
		[PROOF_NONE] = NULL,
		[PROOF_IDENTICAL] = &p->n_identical,
		[PROOF_DIFFERS] = &p->n_differs,
		[PROOF_ABSENT] = &p->n_absent,
		[PROOF_AMBIGUOUS] = &p->n_ambiguous,
	};

	p->n_functions++;
	if (counters[s])
		++*counters[s];
}

/* Each that is proven may show where others are. */
static void prove_ambiguous(struct prover *pr, const struct span *span)
{
	bool more;

	do {
		more = false;
		for (atom_id i = 1; i < pr->m->n_atoms; i++) {
			if (pr->p->atoms[i].status != PROOF_AMBIGUOUS)
				continue;
			prove_function(pr, i, span);
			more |= pr->p->atoms[i].status == PROOF_IDENTICAL;
		}
	} while (more);
}

static void settle(struct proof *p, atom_id id)
{
	struct proof_atom *a = &p->atoms[id];

	/* The one body that fits is another object's: ours is where our own code leads. */
	if (a->status == PROOF_IDENTICAL && a->read_back && a->read_back != a->addr) {
		a->status = PROOF_DIFFERS;
		(void)snprintf(a->differs_why, sizeof(a->differs_why),
			       "proven code leads to another function of this name");
	}
	if (a->read_back == DISPUTED)
		a->read_back = 0;
	count(p, a->status);
}

int prove_object(const struct model *orig, const struct shipped *home, struct proof **ret,
		 struct oak_error *err)
{
	_cleanup_(proof_freep) struct proof *p = calloc(1, sizeof(*p));
	struct prover pr = { .m = orig, .home = home, .p = p };
	struct span span = { 0 };

	if (!p)
		return oak_fail(err, OAK_E_NOMEM, "out of memory");
	p->atoms = calloc(orig->n_atoms, sizeof(*p->atoms));
	p->sym_addr = calloc(orig->obj->n_syms, sizeof(*p->sym_addr));
	if (!p->atoms || !p->sym_addr)
		return oak_fail(err, OAK_E_NOMEM, "out of memory");
	for (atom_id i = 1; i < orig->n_atoms; i++) {
		if (!is_function(orig, i))
			continue;
		prove_function(&pr, i, NULL);
		if (p->atoms[i].status == PROOF_IDENTICAL && is_plain_text(orig, i))
			span_add(&span, p->atoms[i].addr);
	}
	prove_ambiguous(&pr, &span);
	for (atom_id i = 1; i < orig->n_atoms; i++)
		if (is_function(orig, i))
			settle(p, i);
	*ret = take_ptr(p);
	return 0;
}

void proof_free(struct proof *p)
{
	if (!p)
		return;
	free(p->atoms);
	free(p->sym_addr);
	free(p);
}

const char *proof_status_name(enum proof_status s)
{
	static const char *const names[] = {
		[PROOF_NONE] = "none",           [PROOF_IDENTICAL] = "identical",
		[PROOF_DIFFERS] = "differs",     [PROOF_ABSENT] = "absent",
		[PROOF_AMBIGUOUS] = "ambiguous",
	};

	return names[s];
}

const char *proof_likely_cause(const struct model *orig, const struct proof *p, atom_id id)
{
	const struct atom *a = &orig->atoms[id];

	switch (p->atoms[id].status) {
	case PROOF_DIFFERS:
		if (orig->obj->syms[a->sym].bind == STB_WEAK)
			return "a weak default that lost the link to another definition";
		/* One odd function is odd by itself; many are a sign of the tools. */
		if (p->n_differs * 4 > p->n_functions)
			return "another compiler, other flags or another source than the "
			       "distribution used";
		return "this function was compiled or linked differently";
	case PROOF_ABSENT:
		return "inlined or discarded in the shipped kernel, or not part of it";
	case PROOF_AMBIGUOUS:
		return "several functions of this name have the same code";
	case PROOF_NONE:
	case PROOF_IDENTICAL:
		break;
	}
	return "";
}
