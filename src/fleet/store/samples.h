/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * samples: the fleet over time. One server takes a sample of the counts each five minutes; those are kept for two
 * days, one of each hour for 90 days, one of each day for two years. A sample costs as much with a million hosts
 * as with one, but for the silent ones, which are counted.
 *
 * Names: hosts, silent, protected (verdict ok, and not silent), behind, reboot (wanted); open.<severity> (pairs of a host and a CVE that is open there), cves.<severity> (CVEs that are open
 * anywhere), verdict.<word>, level.<number>, state.<word>.
 */
#ifndef OAK_FLEET_STORE_SAMPLES_H
#define OAK_FLEET_STORE_SAMPLES_H

#include <jansson.h>

#include "fleet/db/db.h"

#define SAMPLE_FINE_S 300
#define SAMPLE_HOUR_S 3600
#define SAMPLE_DAY_S  86400

/* Takes one where five minutes are over since the last; a transaction of its own. @silent_s: the setting. */
int samples_take(struct db *db, int64_t now_s, int64_t silent_s, struct oak_error *err)
	_must_check_;

/* How many hosts are protected now. */
int samples_protected(struct db *db, int64_t silent_before_s, int64_t *ret, struct oak_error *err)
	_must_check_;

struct samples_query {
	const char *names; /* "hosts,open.*": with commas between; NULL: all */
	int64_t since_s, until_s;
	int64_t step_s; /* 300, 3600, 86400; 0: the finest that is kept since then */
};

/*
 * {"step","since","until","series":[{"name","points":[[at, n], ...]}]}, by name; a step without a sample has no
 * point. Errors: OAK_E_USAGE.
 */
int samples_read(struct db *db, const struct samples_query *q, int64_t now_s, json_t **ret,
		 struct oak_error *err) _must_check_;

#endif
