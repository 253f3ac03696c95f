/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "host/vex/vex.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include <sodium.h>

#include "base/cleanup.h"

/* What a verdict is to others; docs/formats/vex.md says why. */
static const struct {
	enum vex_status status;
	enum vex_justification justification;
} meanings[CVE_VERDICTS] = {
	[CVE_VERDICT_EXPOSED] = { VEX_AFFECTED, VEX_JUSTIFICATION_NONE },
	[CVE_VERDICT_WITHHELD] = { VEX_AFFECTED, VEX_JUSTIFICATION_NONE },
	/* A user may have it loaded. */
	[CVE_VERDICT_MODULE_NOT_LOADED] = { VEX_AFFECTED, VEX_JUSTIFICATION_NONE },
	[CVE_VERDICT_BLOCKED] = { VEX_NOT_AFFECTED, VEX_CODE_NOT_EXECUTED },
	[CVE_VERDICT_NOT_BUILT] = { VEX_NOT_AFFECTED, VEX_CODE_NOT_PRESENT },
	[CVE_VERDICT_PATCHED] = { VEX_FIXED, VEX_JUSTIFICATION_NONE },
	[CVE_VERDICT_FIXED] = { VEX_FIXED, VEX_JUSTIFICATION_NONE },
	[CVE_VERDICT_NOT_AFFECTED] = { VEX_NOT_AFFECTED, VEX_CODE_NOT_PRESENT },
};

const char *vex_status_name(enum vex_status s)
{
	static const char *const names[] = {
		[VEX_AFFECTED] = "affected",
		[VEX_FIXED] = "fixed",
		[VEX_NOT_AFFECTED] = "not_affected",
	};

	return names[s];
}

const char *vex_justification_name(enum vex_justification j)
{
	static const char *const names[] = {
		[VEX_JUSTIFICATION_NONE] = NULL,
		[VEX_CODE_NOT_PRESENT] = "vulnerable_code_not_present",
		[VEX_CODE_NOT_EXECUTED] = "vulnerable_code_not_in_execute_path",
	};

	return names[j];
}

const char *vex_text(const struct vex *v, size_t off)
{
	return off ? (const char *)v->text.data + off : "";
}

bool vex_is_plain(const struct cve_judgement *j)
{
	return (j->verdict == CVE_VERDICT_FIXED || j->verdict == CVE_VERDICT_NOT_AFFECTED) &&
	       j->by == CVE_FIXED_BY_VERSION;
}

static int no_memory(struct oak_error *err)
{
	return oak_fail(err, OAK_E_NOMEM, "out of memory");
}

/* A text of its own with its NUL. 0 or -ENOMEM. */
static int keep_text(struct vex *v, const char *text, size_t *ret)
{
	if (!*text) {
		*ret = 0;
		return 0;
	}
	if (!v->text.len && buf_add(&v->text, "", 1) < 0)
		return -ENOMEM;
	*ret = v->text.len;
	return buf_add(&v->text, text, strlen(text) + 1);
}

static int next(struct vex *v, struct vex_statement **ret)
{
	if (v->n == v->cap) {
		size_t cap = v->cap ? 2 * v->cap : 256;
		void *more = reallocarray(v->v, cap, sizeof(*v->v));

		if (!more)
			return -ENOMEM;
		v->v = more;
		v->cap = cap;
	}
	*ret = &v->v[v->n];
	**ret = (struct vex_statement){ .year = 0 };
	return 0;
}

static enum vex_remedy remedy_of(const struct cve_judgement *j)
{
	if (j->verdict == CVE_VERDICT_MODULE_NOT_LOADED)
		return VEX_REMEDY_MITIGATION;
	return j->claim || j->next_has_it ? VEX_REMEDY_FIX : VEX_REMEDY_NONE;
}

/* What "fixed" rests on, where a level did it: enough to look it up. */
static int add_level(const struct vex *v, struct buf *notes)
{
	const struct vex_level *l = &v->level;
	int r = buf_printf(notes,
			   "; oakum_%u is %s in the kernel of build-id %s, %zu of %zu "
			   "functions redirected",
			   l->number, l->state ? l->state : "none", v->build_id, l->redirected,
			   l->wanted);

	if (r == 0 && l->manifest_sha256[0])
		r = buf_printf(notes, ", manifest sha256:%s", l->manifest_sha256);
	return r;
}

static int say(struct vex *v, const struct cve_judgement *j, struct vex_statement *s,
	       const struct buf *reason, const struct buf *way)
{
	_cleanup_(buf_free) struct buf notes = { 0 };
	int r = buf_printf(&notes, "%s: %s", cve_verdict_name(j->verdict), buf_str(reason));

	s->verdict = j->verdict;
	s->status = meanings[j->verdict].status;
	s->justification = meanings[j->verdict].justification;
	if (r == 0 && j->verdict == CVE_VERDICT_PATCHED)
		r = add_level(v, &notes);
	if (r == 0)
		r = keep_text(v, buf_str(&notes), &s->notes);
	if (r < 0 || s->status != VEX_AFFECTED)
		return r;
	s->remedy = remedy_of(j);
	return keep_text(v, way->len ? buf_str(way) : "wait for a level, or for another kernel",
			 &s->action);
}

int vex_add(struct vex *v, const struct cve_host *h, const struct cve_db *db,
	    const struct cve_file_record *r, const struct cve_judgement *j, struct oak_error *err)
{
	_cleanup_(buf_free) struct buf reason = { 0 }, way = { 0 };
	struct vex_statement *s;

	if (j->verdict == CVE_VERDICT_NONE)
		return 0;
	if (next(v, &s) < 0 || cve_judgement_reason(h, db, j, &reason) < 0 ||
	    cve_judgement_way_out(h, j, &way) < 0 ||
	    keep_text(v, cve_db_text(db, r->title), &s->title) < 0 ||
	    say(v, j, s, &reason, &way) < 0)
		return no_memory(err);
	s->year = r->year;
	s->number = r->number;
	v->n++;
	return 0;
}

/* The first of these that there is decides, as in cve_judge(). */
static const struct cve_claim *best_claim(const struct cve_claims *c, uint32_t year,
					  uint32_t number, enum cve_verdict *ret)
{
	static const struct {
		enum cve_claim_kind kind;
		enum cve_verdict verdict;
	} rows[] = {
		{ CVE_CLAIM_LIVE, CVE_VERDICT_PATCHED },
		{ CVE_CLAIM_WITHHELD, CVE_VERDICT_WITHHELD },
		{ CVE_CLAIM_COMING, CVE_VERDICT_EXPOSED },
		{ CVE_CLAIM_BROKEN, CVE_VERDICT_EXPOSED },
		{ CVE_CLAIM_ON_DISK, CVE_VERDICT_EXPOSED },
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		const struct cve_claim *claim = claims_find(c, year, number, rows[i].kind);

		*ret = rows[i].verdict;
		if (claim)
			return claim;
	}
	return NULL;
}

static int add_claim(struct vex *v, const struct cve_host *h, uint32_t year, uint32_t number)
{
	_cleanup_(buf_free) struct buf reason = { 0 }, way = { 0 };
	struct cve_judgement j = { .by = CVE_FIXED_BY_CHANGELOG };
	struct vex_statement *s;
	int r = next(v, &s);

	j.claim = best_claim(&h->claims, year, number, &j.verdict);
	if (r < 0 || !j.claim)
		return r;
	if (j.verdict != CVE_VERDICT_PATCHED && changelog_has(&h->changelog, year, number)) {
		j.verdict = CVE_VERDICT_FIXED;
		r = buf_printf(&reason, "the changelog of %s names it", h->kernel.package);
	} else if (j.verdict == CVE_VERDICT_EXPOSED) {
		r = buf_printf(&reason, "level %u closes it, and it is not wholly in the kernel",
			       j.claim->level);
	} else {
		r = cve_judgement_reason(h, NULL, &j, &reason);
	}
	if (r == 0)
		r = cve_judgement_way_out(h, &j, &way);
	if (r == 0)
		r = say(v, &j, s, &reason, &way);
	s->year = year;
	s->number = number;
	v->n += r == 0;
	return r;
}

int vex_add_claims(struct vex *v, const struct cve_host *h, const struct cve_db *db,
		   struct oak_error *err)
{
	const struct cve_claims *c = &h->claims;

	for (size_t i = 0; i < c->n; i++) {
		uint32_t year = (uint32_t)(c->v[i].id >> 32), number = (uint32_t)c->v[i].id;

		if ((i && c->v[i].id == c->v[i - 1].id) || (db && cve_db_find(db, year, number)))
			continue;
		if (add_claim(v, h, year, number) < 0)
			return no_memory(err);
	}
	return 0;
}

static int by_id(const void *a, const void *b)
{
	const struct vex_statement *x = a, *y = b;

	if (x->year != y->year)
		return x->year < y->year ? -1 : 1;
	return (x->number > y->number) - (x->number < y->number);
}

void vex_sort(struct vex *v)
{
	if (v->n)
		qsort(v->v, v->n, sizeof(*v->v), by_id);
}

void vex_keep(struct vex *v, uint32_t year, uint32_t number)
{
	size_t n = 0;

	for (size_t i = 0; i < v->n; i++)
		if (v->v[i].year == year && v->v[i].number == number)
			v->v[n++] = v->v[i];
	v->n = n;
}

static void hash_text(crypto_hash_sha256_state *hash, const char *text)
{
	(void)crypto_hash_sha256_update(hash, (const unsigned char *)text, strlen(text) + 1);
}

int vex_digest(const struct vex *v, char ret[SHA256_HEX_MAX], struct oak_error *err)
{
	crypto_hash_sha256_state hash;
	uint8_t raw[SHA256_BYTES];

	if (crypto_hash_sha256_init(&hash) != 0)
		return oak_fail(err, OAK_E_FAILED, "libsodium could not hash");
	hash_text(&hash, v->build_id);
	hash_text(&hash, v->product);
	hash_text(&hash, v->source);
	hash_text(&hash, v->author);
	for (size_t i = 0; i < v->n; i++) {
		const struct vex_statement *s = &v->v[i];
		const uint32_t fields[] = { s->year,   s->number,        s->verdict,
					    s->status, s->justification, s->remedy };

		(void)crypto_hash_sha256_update(&hash, (const unsigned char *)fields,
						sizeof(fields));
		hash_text(&hash, vex_text(v, s->title));
		hash_text(&hash, vex_text(v, s->notes));
		hash_text(&hash, vex_text(v, s->action));
	}
	(void)crypto_hash_sha256_final(&hash, raw);
	hex_encode(raw, sizeof(raw), ret);
	return 0;
}

void vex_free(struct vex *v)
{
	free(v->v);
	buf_free(&v->text);
	*v = (struct vex){ .n = 0 };
}
