/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "cli/candidates.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/debian-version.h"
#include "base/hash.h"
#include "trust/cve/record.h"
#include "trust/cve/version.h"

#define HEADER_ALONE 100000u /* more trouble than any count of files */
#define RANK_OF_AGE  36      /* bits of cve_rank() below the severity and the likelihood */

static bool ends(const char *text, const char *with)
{
	size_t n = strlen(text), m = strlen(with);

	return n >= m && strcmp(text + n - m, with) == 0;
}

static void count_files(const struct cve_db *db, struct candidate *one)
{
	for (uint32_t i = 0; i < one->r->n_files; i++) {
		const char *file = cve_db_text(db, cve_db_path(db, one->r, i)->name);

		if (ends(file, ".c"))
			one->sources++;
		else if (ends(file, ".h"))
			one->headers++;
		else
			one->others++;
	}
}

/* A live patch is made most easily of one file of C; a header alone changes many, assembly none. */
static uint32_t trouble(const struct candidate *c)
{
	if (c->sources == 0)
		return c->headers && !c->others ? HEADER_ALONE + c->headers : UINT32_MAX;
	return c->sources + 4 * c->headers + 16 * c->others;
}

static int by_rank(const void *a, const void *b)
{
	const struct candidate *x = a, *y = b;
	const uint64_t rx = cve_rank(x->r), ry = cve_rank(y->r);
	const uint32_t tx = trouble(x), ty = trouble(y);
	const bool dx = x->j.upstream.disputed != 0, dy = y->j.upstream.disputed != 0;

	/* What the kernel may well have comes behind what it has not. */
	if (dx != dy)
		return dx ? 1 : -1;
	if (rx >> RANK_OF_AGE != ry >> RANK_OF_AGE)
		return rx < ry ? 1 : -1;
	if (tx != ty)
		return tx < ty ? -1 : 1;
	return (rx < ry) - (rx > ry);
}

int candidates_find(struct candidates *c, struct oak_error *err)
{
	c->v = calloc(c->db->n + 1, sizeof(*c->v));
	if (!c->v)
		return oak_fail(err, OAK_E_NOMEM, "out of memory");
	for (size_t i = 0; i < c->db->n; i++) {
		const struct cve_file_record *r = &c->db->records[i];
		struct candidate one = { .r = r, .j = cve_judge(c->host, c->db, r) };

		c->counts[one.j.verdict]++;
		if (one.j.verdict != CVE_VERDICT_EXPOSED)
			continue;
		if (one.j.claim) {
			c->in_levels++;
			continue;
		}
		one.branch = cve_fix_of_branch(c->db, r, c->host->kernel.upstream);
		one.mainline = cve_fix_of_mainline(c->db, r);
		one.package = one.j.tracker;
		count_files(c->db, &one);
		c->v[c->n++] = one;
	}
	if (c->n)
		qsort(c->v, c->n, sizeof(*c->v), by_rank);
	return 0;
}

int candidates_in_archive(const struct candidates *c, const struct candidate *one)
{
	uint64_t upstream;

	if (!c->archive)
		return -1;
	if (one->package && one->package->status == CVE_RELEASE_RESOLVED)
		return debian_version_compare(c->archive,
					      cve_db_text(c->db, one->package->fixed)) >= 0;
	if (cve_version_of_release(c->archive, &upstream) < 0)
		return -1;
	/* A fix of the package's own would be in the tracker, which may not have been asked. */
	if (one->branch.version && upstream >= one->branch.version)
		return 1;
	return one->package ? 0 : -1;
}

int candidates_next(const struct candidates *c, const struct candidate *one, struct buf *ret)
{
	const uint8_t *commit = one->branch.commit ? one->branch.commit : one->mainline.commit;
	char id[CVE_ID_MAX], hex[2 * CVE_COMMIT_BYTES + 1] = "COMMIT";
	int r;

	if (!commit && one->r->n_commits)
		commit = c->db->commits +
			 (size_t)(one->r->commits + one->r->n_commits - 1) * CVE_COMMIT_BYTES;
	if (commit)
		hex_encode(commit, CVE_COMMIT_BYTES, hex);
	cve_id_format(one->r->year, one->r->number, id);
	r = buf_printf(ret, "git format-patch -1 --stdout %s >%s.patch && ", hex, id);
	if (r == 0)
		r = buf_printf(ret, "oakum-build make --kernel %s --database %s --out %s %s.patch",
			       c->kernel->reference, c->db_path, id, id);
	return r;
}
