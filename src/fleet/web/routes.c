/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "fleet/web/routes.h"

/* "GET": a page; "POST": what a form of it does. */
#define PAGE(verb, path, scope_, fn, summary_)                                              \
	{                                                                                   \
		.method = (verb), .pattern = (path), .kind = ROUTE_WORK, .scope = (scope_), \
		.page = true, .work = web_##fn, .summary = (summary_)                       \
	}

#define COMMAND(word, scope_, summary_) \
	PAGE("POST", "/rollouts/{id}/" word, scope_, rollout_command, summary_)

const struct route routes_web[] = {
	{ .method = "GET",
	  .pattern = "/assets/{file}",
	  .kind = ROUTE_MEMORY,
	  .open = true,
	  .memory = web_asset,
	  .summary = "Style, script and icons" },
	PAGE("GET", "/", SCOPE_READ, overview, "The fleet at a glance"),
	/* moves */
	PAGE("GET", "/rollouts", SCOPE_READ, rollouts, "Rollouts"),
	PAGE("GET", "/rollouts/new", SCOPE_ROLLOUTS, rollout_new, "The form of a rollout"),
	PAGE("POST", "/rollouts/new", SCOPE_ROLLOUTS, rollout_create, "Make a rollout"),
	PAGE("GET", "/rollouts/{id}", SCOPE_READ, rollout, "A rollout"),
	COMMAND("submit", SCOPE_ROLLOUTS, "Submit a draft"),
	COMMAND("approve", SCOPE_APPROVE, "Approve another one's rollout"),
	COMMAND("start", SCOPE_ROLLOUTS, "Start it"),
	COMMAND("pause", SCOPE_ROLLOUTS, "Pause it"),
	COMMAND("resume", SCOPE_ROLLOUTS, "Resume it"),
	COMMAND("stop", SCOPE_ROLLOUTS, "Stop it"),
	COMMAND("take-back", SCOPE_ROLLOUTS, "Take the level back"),
	COMMAND("cancel", SCOPE_ROLLOUTS, "Drop one that was not started"),
	PAGE("GET", "/stop", SCOPE_READ, stop, "The emergency stop"),
	PAGE("POST", "/stop", SCOPE_ROLLOUTS, stop_change, "Stop everything, or lift it"),
	PAGE("GET", "/enrolment", SCOPE_HOSTS, enrolment, "Tokens by which hosts come in"),
	PAGE("POST", "/enrolment", SCOPE_HOSTS, enrolment_create, "Make such a token"),
	PAGE("POST", "/enrolment/{id}/revoke", SCOPE_HOSTS, enrolment_revoke, "Revoke one"),
	PAGE("GET", "/users", SCOPE_ADMIN, people, "Who may sign in"),
	PAGE("POST", "/users", SCOPE_ADMIN, people_create, "Let somebody sign in"),
	PAGE("POST", "/users/{id}", SCOPE_ADMIN, people_change, "Change or delete somebody"),
	PAGE("GET", "/tokens", SCOPE_ADMIN, tokens, "Tokens for the API"),
	PAGE("POST", "/tokens", SCOPE_ADMIN, tokens_create, "Make such a token"),
	PAGE("POST", "/tokens/{id}/revoke", SCOPE_ADMIN, tokens_revoke, "Revoke one"),
	PAGE("GET", "/webhooks", SCOPE_ADMIN, webhooks, "Who is called"),
	PAGE("POST", "/webhooks", SCOPE_ADMIN, webhooks_create, "Have a URL called"),
	PAGE("GET", "/webhooks/{id}", SCOPE_ADMIN, webhook, "A webhook and its calls"),
	PAGE("POST", "/webhooks/{id}", SCOPE_ADMIN, webhook_change, "Test, switch or delete it"),
	PAGE("GET", "/audit", SCOPE_ADMIN, audit, "The log of actions"),
	PAGE("GET", "/settings", SCOPE_READ, settings, "How this server is set up"),
	PAGE("GET", "/hosts", SCOPE_READ, hosts, "Hosts"),
	PAGE("GET", "/hosts.csv", SCOPE_READ, hosts_csv, "Hosts as a table"),
	PAGE("GET", "/hosts/{id}", SCOPE_READ, host, "A host"),
	PAGE("POST", "/hosts/{id}/change", SCOPE_HOSTS, host_change, "Change its ring and tags"),
	PAGE("POST", "/hosts/{id}/revoke", SCOPE_HOSTS, host_revoke, "Revoke it"),
	PAGE("POST", "/hosts/{id}/trust", SCOPE_HOSTS, host_trust, "Trust it again"),
	PAGE("POST", "/views", SCOPE_READ, view_save, "Save a view of the hosts"),
	PAGE("POST", "/views/{id}/delete", SCOPE_READ, view_delete, "Delete it"),
	PAGE("GET", "/cves", SCOPE_READ, cves, "CVEs of the fleet"),
	PAGE("GET", "/cves/{cve}", SCOPE_READ, cve, "A CVE: which hosts and containers"),
	PAGE("GET", "/patches", SCOPE_READ, patches, "Levels and rings"),
	PAGE("GET", "/patches/{build}/{level}", SCOPE_READ, patch, "A level: what it fixes"),
	PAGE("GET", "/findings", SCOPE_READ, findings, "Checks of audits that fail"),
	{ .method = NULL },
};
