/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * cves: CVEs of the whole fleet. The list is as it was gathered last (gather.h: some seconds ago, a minute
 * with a million hosts); one CVE by itself is counted now.
 */
#ifndef OAK_FLEET_STORE_CVES_H
#define OAK_FLEET_STORE_CVES_H

#include <jansson.h>

#include "fleet/db/db.h"

struct cves_page {
	const char *severity; /* "critical"; NULL: any */
	const char *text;     /* part of its id; NULL: any */
	const char *sort;     /* "severity" (NULL), "hosts", "id": each from above */
	const char *after;    /* NULL: the first page */
	int closed;           /* 1: those that no host names any more */
	unsigned limit;       /* 1 to 1000 */
};

/* @ret: array of {"cve","severity","reach","hosts","containers","first_seen","closed"}. Errors: OAK_E_USAGE. */
int cves_list(struct db *db, const struct cves_page *page, json_t **ret, char **ret_next,
	      struct oak_error *err) _must_check_;

/* {"critical": N, ...}: how many CVEs are open anywhere. */
int cves_open(struct db *db, json_t **ret, struct oak_error *err) _must_check_;

/*
 * {"cve","severity","reach","first_seen","hosts","containers","rings":{ring: hosts},
 *  "levels":[{"build_id","level","published","effective","withdrawn","held"}]}
 * Errors: OAK_E_NOTFOUND: nobody ever named it, and it is no id of a CVE.
 */
int cves_get(struct db *db, const char *id, json_t **ret, struct oak_error *err) _must_check_;

/*
 * Whose lists are whole: {"all": hosts that name every open CVE, "worst": that name the worst, "none": that
 * say nothing of CVEs}. What no host names is closed only where the last two are 0.
 */
int cves_lists(struct db *db, json_t **ret, struct oak_error *err) _must_check_;

/* Names of the containers of a host, as its last report has them: an array; null where it tells none. */
int cves_containers(struct db *db, const char *host, json_t **ret, struct oak_error *err)
	_must_check_;

#endif
