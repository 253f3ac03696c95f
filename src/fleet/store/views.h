/* SPDX-License-Identifier: GPL-2.0-or-later */
/* views: lists as people want to see them again: a page of the dashboard, its filters, a name. Each has its own. */
#ifndef OAK_FLEET_STORE_VIEWS_H
#define OAK_FLEET_STORE_VIEWS_H

#include <jansson.h>

#include "fleet/db/db.h"

#define VIEWS_MAX      50 /* of one owner */
#define VIEW_NAME_MAX  64
#define VIEW_QUERY_MAX 1024
#define VIEW_PAGE_MAX  32

struct view_new {
	const char *owner;               /* a person, or what stands for one */
	const char *name, *page, *query; /* "hosts", "ring=edge&behind=true" */
};

/* In the caller's transaction. Errors: OAK_E_REFUSED: there are too many. One of the same page and name is replaced. */
int view_save(struct db *db, const struct view_new *v, int64_t now_s, json_t **ret,
	      struct oak_error *err) _must_check_;

/* {"id","name","page","query","created"}, by page and name. @page: NULL: any. */
int view_list(struct db *db, const char *owner, const char *page, json_t **ret,
	      struct oak_error *err) _must_check_;

/* Errors: OAK_E_NOTFOUND, also where it is another's. */
int view_delete(struct db *db, const char *owner, const char *id, struct oak_error *err)
	_must_check_;

#endif
