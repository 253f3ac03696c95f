/* SPDX-License-Identifier: GPL-2.0-or-later */
/* No rollouts, until the real ones are there: what is there takes the place of these. */
#include "fleet/store/rollouts.h"

#define WEAK __attribute__((weak))

WEAK int grant_session_begin(struct db *db, int64_t now_s, struct grant_session **ret,
			     struct oak_error *err)
{
	(void)db;
	(void)now_s;
	(void)err;
	*ret = NULL;
	return 0;
}

WEAK int grant_session_take(struct grant_session *s, const struct report *r, struct answer *answer,
			    struct oak_error *err)
{
	(void)s;
	(void)r;
	(void)answer;
	(void)err;
	return 0;
}

WEAK void grant_session_end(struct grant_session *s)
{
	(void)s;
}

WEAK int rollouts_list(struct db *db, const struct rollouts_page *page, json_t **ret,
		       char **ret_next, struct oak_error *err)
{
	(void)db;
	(void)page;
	(void)err;
	*ret = json_array();
	*ret_next = NULL;
	return 0;
}
