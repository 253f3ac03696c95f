/* SPDX-License-Identifier: GPL-2.0-or-later */
/* selfcheck-hooks: where the callbacks of a klp_object lead, and the code between them and the author. */
#include "build/selfcheck-meaning.h"

#include <elf.h>
#include <string.h>

#include "build/hooks.h"

/* clang-format off */
static const uint8_t pre_patch_code[] = {
	0xf3, 0x0f, 0x1e, 0xfa,  0x53,  0x48, 0x89, 0xfb,  0xe8, 0, 0, 0, 0,  0x85, 0xc0,  0x74, 0x0c,
	0x48, 0x89, 0xdf,  0x89, 0xc3,  0xe8, 0, 0, 0, 0,  0x89, 0xd8,  0x5b,
};
static const uint8_t post_unpatch_code[] = {
	0xf3, 0x0f, 0x1e, 0xfa,  0x53,  0x48, 0x89, 0xfb,  0xe8, 0, 0, 0, 0,  0x48, 0x89, 0xdf,
	0xe8, 0, 0, 0, 0,  0x5b,
};
/* clang-format on */

static int fails(const struct meaning *m, const char *why)
{
	return oak_fail(m->sl->err, OAK_E_FAILED, "%s", why);
}

static bool is_there(struct spot a, struct spot b)
{
	return a.sec == b.sec && a.off == b.off && a.sym == b.sym;
}

/* The author's function; sec 0: there is none. */
static struct spot find_author(const struct meaning *m, const struct sim_object *o, unsigned kind)
{
	size_t unit = 0;
	atom_id id = 0;

	if (!hook_find(&m->world, o->name, (enum klp_hook)kind, &unit, &id))
		return (struct spot){ 0 };
	return m->places[unit][id];
}

/* A call at @off of the code leads to the start of a function of the level. */
static int follow_call(struct meaning *m, struct spot code, uint64_t off, struct spot *ret)
{
	const struct spot field = { .sec = code.sec, .off = code.off + off };
	const struct mod_rela *rela = NULL;
	struct mod_rela target;
	int r = simload_take(m->sl, field, R_X86_64_PLT32, &rela);

	if (r < 0)
		return r;
	if (rela->addend != -4)
		return fails(m, "a call into the middle of a function");
	target = *rela;
	target.addend = 0;
	return simload_lead(m->sl, &target, BY_SYMBOL, ret);
}

/* What a callback is wrapped in: calls the author's function, and what clears late fields. */
static int check_wrapper(struct meaning *m, struct spot at, unsigned kind, struct spot author,
			 struct spot *ret_clear)
{
	const bool first = kind == HOOK_PRE_PATCH;
	const uint8_t *code = first ? pre_patch_code : post_unpatch_code;
	const uint64_t len = first ? sizeof(pre_patch_code) : sizeof(post_unpatch_code);
	struct spot called = { 0 };
	uint64_t end = 0;
	int r;

	if (!meaning_has_bytes(m, at, code, len))
		return fails(m, "unknown code calls the author's callback");
	r = follow_call(m, at, 9, &called);
	if (r == 0 && !is_there(called, author))
		r = fails(m, "a callback that does not call the author's");
	if (r == 0)
		r = follow_call(m, at, first ? 23 : 17, ret_clear);
	if (r == 0)
		r = meaning_return(m, (struct spot){ .sec = at.sec, .off = at.off + len }, &end);
	return r < 0 ? r
		     : simload_claim(m->sl, &(struct claim){ at, len + end, 16,
							     "what calls the author's callback" });
}

/* Without anything between: the author's function and nothing else. */
static int check_plain(const struct meaning *m, const struct sim_object *o, unsigned kind)
{
	const struct spot author = find_author(m, o, kind);

	if (!author.sec != !o->hooks[kind].sec)
		return fails(m, author.sec ? "nothing calls the author's callback"
					   : "a callback that nobody asked for");
	return !author.sec || is_there(o->hooks[kind], author)
		       ? 0
		       : fails(m, "a callback that is not the author's");
}

static int check_around_clear(struct meaning *m, const struct sim_object *o)
{
	const struct spot before = find_author(m, o, HOOK_PRE_PATCH);
	const struct spot after = find_author(m, o, HOOK_POST_UNPATCH);
	struct spot clear = o->hooks[HOOK_POST_UNPATCH], too = { 0 };
	int r = 0;

	if (!clear.sec)
		return fails(m, "nothing clears late fields");
	if (!before.sec != !o->hooks[HOOK_PRE_PATCH].sec)
		return fails(m, "a callback is missing, or nobody asked for it");
	if (after.sec)
		r = check_wrapper(m, o->hooks[HOOK_POST_UNPATCH], HOOK_POST_UNPATCH, after, &clear);
	if (r == 0 && before.sec)
		r = check_wrapper(m, o->hooks[HOOK_PRE_PATCH], HOOK_PRE_PATCH, before, &too);
	if (r == 0 && before.sec && !is_there(clear, too))
		r = fails(m, "a failing callback clears something else");
	return r < 0 ? r : meaning_clear(m, o, clear);
}

int meaning_hooks(struct meaning *m, const struct sim_object *o)
{
	bool clears = meaning_wants_clear(m, o);
	int r = 0;

	for (unsigned k = 0; r == 0 && k < HOOKS; k++)
		if (!clears || k == HOOK_POST_PATCH || k == HOOK_PRE_UNPATCH)
			r = check_plain(m, o, k);
	return r < 0 || !clears ? r : check_around_clear(m, o);
}
