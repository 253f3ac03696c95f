/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "agent/tell-text.h"

#include "agent/closed.h"
#include "agent/plain-text.h"
#include "base/cleanup.h"

static int done(int r, struct oak_error *err)
{
	return r < 0 ? oak_fail(err, OAK_E_NOMEM, "out of memory") : 0;
}

int tell_effective_version(const struct picture *p, struct buf *ret, struct oak_error *err)
{
	int r = plain_line(ret, picture_effective_version(p));

	return done(r == 0 ? buf_add_str(ret, "\n") : r, err);
}

int tell_cvelist(const struct picture *p, struct buf *ret, struct oak_error *err)
{
	_cleanup_(closed_free) struct closed c = { 0 };
	int r = closed_of(p, &c, err);

	if (r < 0)
		return r;
	for (size_t i = 0; i < c.n && r == 0; i++) {
		r = plain_line(ret, c.cves[i]);
		r = r == 0 ? buf_add_str(ret, "\n") : r;
	}
	return done(r, err);
}

int tell_motd(const struct verdict_report *v, struct buf *ret, struct oak_error *err)
{
	int r = v->n ? 0 : buf_printf(ret, "oakum: %s\n", v->good);

	for (size_t i = 0; i < v->n && i < TELL_MOTD_LINES && r == 0; i++)
		r = buf_printf(ret, "oakum: %s: %s\n", verdict_name(v->findings[i].verdict),
			       v->findings[i].text);
	if (r == 0 && v->n > TELL_MOTD_LINES)
		r = buf_printf(ret, "oakum: and %zu more: see 'oakum status'\n",
			       v->n - TELL_MOTD_LINES);
	return done(r, err);
}
