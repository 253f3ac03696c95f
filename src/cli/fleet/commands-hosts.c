/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "cli/fleet/commands.h"

static const struct cli_option list_options[] = {
	{ .name = "ring", .arg = "RING", .help = "of this ring" },
	{ .name = "tag", .arg = "TAG", .help = "that have this tag" },
	{ .name = "kernel", .arg = "BUILD-ID", .help = "that run this very kernel" },
	{ .name = "release",
	  .arg = "RELEASE",
	  .help = "that run this release, as uname -r says it" },
	{ .name = "os", .arg = "ID", .help = "of this distribution: debian" },
	{ .name = "state", .arg = "STATE", .help = "settled, soaking, stalled, ..." },
	{ .name = "verdict", .arg = "WORD", .help = "ok, warning, critical or unknown" },
	{ .name = "level", .arg = "N", .help = "that have this level; 0: none" },
	{ .name = "cve", .arg = "CVE", .help = "that name it as open" },
	{ .name = "finding", .arg = "CHECK", .help = "where this check of the audit fails" },
	{ .name = "uptime", .arg = "BAND", .help = "under-1w, 1w-1m, 1m-3m, ... over-18m" },
	{ .name = "reboot", .arg = "WORD", .help = "that want one: kernel, cves, packages" },
	{ .name = "text", .arg = "TEXT", .help = "whose name or id has this in it" },
	{ .name = "silent", .help = "only those that say nothing any more" },
	{ .name = "not-silent", .help = "only the others" },
	{ .name = "revoked", .help = "only those that were revoked" },
	{ .name = "behind", .help = "only those whose level is not the newest" },
	{ .name = "sort", .arg = "COLUMN", .help = "name, seen or level; -seen: downwards" },
	{ .name = "limit", .arg = "N", .help = "at most so many; otherwise all" },
	{ .name = "after", .arg = "CURSOR", .help = "the page after this one" },
	{ .name = NULL },
};

static const struct fleet_use list_uses[] = {
	{ FLEET_QUERY }, { FLEET_QUERY }, { FLEET_QUERY, .name = "build_id" },
	{ FLEET_QUERY }, { FLEET_QUERY }, { FLEET_QUERY },
	{ FLEET_QUERY }, { FLEET_QUERY }, { FLEET_QUERY },
	{ FLEET_QUERY }, { FLEET_QUERY }, { FLEET_QUERY },
	{ FLEET_QUERY }, { FLEET_FLAG },  { FLEET_FLAG, "silent", "false" },
	{ FLEET_FLAG },  { FLEET_FLAG },  { FLEET_QUERY },
	{ FLEET_QUERY }, { FLEET_QUERY },
};

static const struct fleet_column list_columns[] = {
	{ "NAME", "name" },
	{ "RING", "ring" },
	{ "KERNEL", "kernel.release" },
	{ "LEVEL", "level" },
	{ "STATE", "state" },
	{ "VERDICT", "verdict" },
	{ "SEEN", "seen", FLEET_AGO },
	{ "TAGS", "tags" },
	{ "ID", "id" },
	{ NULL },
};

static const struct fleet_column record[] = {
	{ "name", "name" },
	{ "id", "id" },
	{ "ring", "ring" },
	{ "tags", "tags" },
	{ "enrolled", "enrolled", FLEET_AT },
	{ "seen", "seen", FLEET_AGO },
	{ "silent", "silent" },
	{ "cloned", "cloned" },
	{ "revoked", "revoked", FLEET_AT },
	{ "kernel", "kernel.release" },
	{ "effective", "kernel.effective" },
	{ "build id", "kernel.build_id" },
	{ "distribution", "os.id" },
	{ "version", "os.version" },
	{ "level", "level" },
	{ "newest level", "newest" },
	{ "state", "state" },
	{ "verdict", "verdict" },
	{ "CVEs open", "cves_open" },
	{ "up for", "uptime" },
	{ "wants a reboot", "reboot" },
	{ "containers", "containers" },
	{ "audit score", "audit_score" },
	{ "agent", "agent" },
	{ NULL },
};

static const struct fleet_column history_columns[] = {
	{ "AT", "at", FLEET_AT },   { "KERNEL", "release" },
	{ "LEVEL", "level" },       { "STATE", "state" },
	{ "VERDICT", "verdict" },   { "CVES", "cves_open" },
	{ "AUDIT", "audit_score" }, { NULL },
};

static const struct cli_option limit_option[] = {
	{ .name = "limit", .arg = "N", .help = "at most so many; otherwise 100" },
	{ .name = NULL },
};
static const struct fleet_use limit_use[] = { { FLEET_QUERY } };

static const struct cli_option page_options[] = {
	{ .name = "limit", .arg = "N", .help = "at most so many; otherwise all" },
	{ .name = "after", .arg = "CURSOR", .help = "the page after this one" },
	{ .name = NULL },
};
static const struct fleet_use page_uses[] = { { FLEET_QUERY }, { FLEET_QUERY } };

static const struct cli_option change_options[] = {
	{ .name = "ring", .arg = "RING", .help = "the ring that it is in from now on" },
	{ .name = "tag", .arg = "TAG", .help = "the tags that it has from now on", .multi = true },
	{ .name = NULL },
};
static const struct fleet_use change_uses[] = { { FLEET_TEXT }, { FLEET_LIST, .name = "tags" } };

const struct fleet_command fleet_hosts[] = {
	{ FLEET_VERB_OPTIONS("hosts list", NULL, "list hosts", 0, 0, list_options), "GET",
	  "/api/v1/hosts", list_uses, .list = "hosts", .columns = list_columns, .pages = true },
	{ FLEET_VERB("hosts show", "HOST", "show a host, by its id or its name", 1, 1), "GET",
	  "/api/v1/hosts/{host}", .columns = record },
	{ FLEET_VERB_OPTIONS("hosts history", "HOST", "show what a host was", 1, 1, limit_option),
	  "GET", "/api/v1/hosts/{host}/history", limit_use, .list = "reports",
	  .columns = history_columns },
	{ FLEET_VERB_OPTIONS("hosts change", "HOST", "change a host's ring or tags", 1, 1,
			     change_options),
	  "PATCH", "/api/v1/hosts/{host}", change_uses,
	  .done = "done: the host learns it with its next report" },
	{ FLEET_VERB("hosts revoke", "HOST", "take a host's key from it, for good", 1, 1), "POST",
	  "/api/v1/hosts/{host}/revoke",
	  .done = "done: it is not listened to any more; to come back it needs a new key"
		  " (oakum unregister, oakum register)" },
	{ FLEET_VERB("hosts trust", "HOST",
		     "a host that was cloned is alone again: no longer marked as such", 1, 1),
	  "POST", "/api/v1/hosts/{host}/trust", .done = "done" },
	{ FLEET_VERB_OPTIONS("cves hosts", "CVE", "list hosts that name a CVE as open", 1, 1,
			     page_options),
	  "GET", "/api/v1/cves/{cve}/hosts", page_uses, .list = "hosts", .columns = list_columns,
	  .pages = true },
	{ .method = NULL },
};
