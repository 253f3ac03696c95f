/* SPDX-License-Identifier: GPL-2.0-or-later */
/* judge-text: a judgement in words. */
#include "host/cve/judge.h"
#include "trust/cve/version.h"
#include "trust/date.h"

static int by_version(const struct cve_judgement *j, struct buf *ret)
{
	char lo[CVE_VERSION_TEXT], hi[CVE_VERSION_TEXT];
	const struct cve_upstream_why *u = &j->upstream;

	cve_version_format(u->lo, lo);
	cve_version_format(u->hi, hi);
	if (u->verdict == CVE_UPSTREAM_FIXED)
		return buf_printf(ret, "upstream has the fix since %s", lo);
	if (u->by_default)
		return buf_printf(ret, "by the record's default");
	return buf_printf(ret, "the record says so of %s <= version < %s", lo, hi);
}

static int reason_fixed(const struct cve_host *h, const struct cve_db *db,
			const struct cve_judgement *j, struct buf *ret)
{
	if (j->by == CVE_FIXED_BY_VERSION)
		return by_version(j, ret);
	if (j->by == CVE_FIXED_BY_CHANGELOG)
		return buf_printf(ret, "the changelog of %s names it", h->kernel.package);
	return buf_printf(ret, "Debian's tracker: %s",
			  j->verdict == CVE_VERDICT_NOT_AFFECTED
				  ? "its code was never in this release"
				  : cve_db_text(db, j->tracker->fixed));
}

static int reason_built(const struct cve_judgement *j, struct buf *ret)
{
	const struct built_why *b = &j->built;
	char name[128] = "";

	if (b->module)
		built_module_name(b->module, name, sizeof(name));
	switch (b->state) {
	case BUILT_NO:
		return b->symbol ? buf_printf(ret, "%s is not set", b->symbol)
				 : buf_printf(ret, "%s is not for this machine's kernel", b->file);
	case BUILT_UNLOADABLE:
		return buf_printf(ret, "module %s is not loaded, and blocked", name);
	case BUILT_UNLOADED:
		return buf_printf(ret, "module %s is not loaded", name);
	case BUILT_YES:
		return b->module ? buf_printf(ret, "module %s is loaded", name)
				 : buf_printf(ret, "%s is in the kernel", b->file);
	case BUILT_UNKNOWN:
	default:
		return b->file ? buf_printf(ret, "whether %s is in the kernel is not known", b->file)
			       : buf_printf(ret, "the record names no file");
	}
}

int cve_judgement_reason(const struct cve_host *h, const struct cve_db *db,
			 const struct cve_judgement *j, struct buf *ret)
{
	switch (j->verdict) {
	case CVE_VERDICT_NONE:
		return buf_add_str(ret, "the record is rejected or reserved");
	case CVE_VERDICT_FIXED:
	case CVE_VERDICT_NOT_AFFECTED:
		return reason_fixed(h, db, j, ret);
	case CVE_VERDICT_PATCHED:
		return buf_printf(ret, "level %u: %s", j->claim->level, j->claim->text);
	case CVE_VERDICT_WITHHELD:
		return buf_printf(ret, "level %u is held back: %s", j->claim->level, j->claim->text);
	case CVE_VERDICT_MODULE_NOT_LOADED:
	case CVE_VERDICT_BLOCKED:
	case CVE_VERDICT_NOT_BUILT:
	case CVE_VERDICT_EXPOSED:
	case CVE_VERDICTS:
	default:
		return reason_built(j, ret);
	}
}

static int way_of_claim(const struct cve_claim *c, struct buf *ret)
{
	char until[DATE_TEXT_MAX];

	switch (c->kind) {
	case CVE_CLAIM_WITHHELD:
		if (!c->until_s)
			return buf_printf(ret, "level %u, by hand: oakum update", c->level);
		date_format(c->until_s, until);
		return buf_printf(ret, "level %u comes %s", c->level, until);
	case CVE_CLAIM_COMING:
		return buf_printf(ret, "wait: level %u is between the old code and the new",
				  c->level);
	case CVE_CLAIM_BROKEN:
		return buf_printf(ret, "level %u lacks functions of it in the kernel: oakum doctor",
				  c->level);
	case CVE_CLAIM_ON_DISK:
	case CVE_CLAIM_LIVE:
	case CVE_CLAIM_KINDS:
	default:
		return buf_printf(ret, "load level %u: oakum update", c->level);
	}
}

int cve_judgement_way_out(const struct cve_host *h, const struct cve_judgement *j, struct buf *ret)
{
	char text[128];

	if (j->verdict == CVE_VERDICT_MODULE_NOT_LOADED) {
		built_module_name(j->built.module, text, sizeof(text));
		return buf_printf(ret, "block module %s: oakum cves mitigate, with its id", text);
	}
	if (j->verdict != CVE_VERDICT_EXPOSED && j->verdict != CVE_VERDICT_WITHHELD)
		return 0;
	if (j->claim)
		return way_of_claim(j->claim, ret);
	if (j->next_has_it)
		return buf_printf(ret, "boot the kernel that is installed: %s", h->next.release);
	if (!j->upstream.fixed_in)
		return buf_add_str(ret, "wait: no fix for this branch is known");
	cve_version_format(j->upstream.fixed_in, text);
	return buf_printf(ret, "wait for a level, or for a kernel of %s", text);
}
