/* SPDX-License-Identifier: GPL-2.0-or-later */
/* host-json: a host as the API shows it. For the files of hosts-*.c. */
#ifndef OAK_FLEET_STORE_HOST_JSON_H
#define OAK_FLEET_STORE_HOST_JSON_H

#include <jansson.h>

#include "fleet/db/db.h"

#define HOST_JSON_COLUMNS                                                                         \
	"hosts.n, hosts.id, hosts.name, hosts.ring, hosts.tags, hosts.enrolled_s, hosts.seen_s, " \
	"hosts.revoked_s, hosts.cloned, hosts.sequence, hosts.agent, hosts.build_id, "            \
	"hosts.release, hosts.arch, hosts.effective, hosts.os_id, hosts.os_version, "             \
	"hosts.level, hosts.newest, hosts.state, hosts.verdict, hosts.cves_open, "                \
	"hosts.containers, hosts.audit_score, hosts.uptime, hosts.reboot, hosts.cve_list, "       \
	"hosts.open_critical, hosts.open_high, hosts.open_medium, hosts.open_low, "               \
	"hosts.open_unknown"
#define HOST_JSON_COUNT 32

/*
 * {"id","name","ring","tags","enrolled","seen","revoked","cloned","reports","agent",
 *  "kernel":{"build_id","release","arch","effective"}, "os":{"id","version"}, "level","newest","behind",
 *  "state","verdict","cves_open","containers","audit_score","uptime","reboot","cve_list",
 *  "open": {"critical": N, ..}}: a time, or null; a number, or null where the
 * host does not say it; "" for a text that it has not said. With @silent_before_s also "silent".
 * NULL: out of memory.
 */
json_t *host_json(const struct db_row *row, int64_t silent_before_s);

json_t *host_json_number(int64_t n); /* null where it is below 0 */

#endif
