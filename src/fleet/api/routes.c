/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "fleet/api/routes.h"

#define V1 "/api/v1"

#define READ(path, scope_, fn, summary_, gives_)                                            \
	{                                                                                   \
		.method = "GET", .pattern = V1 path, .kind = ROUTE_WORK, .scope = (scope_), \
		.work = api_##fn, .summary = (summary_), .gives = (gives_)                  \
	}

#define READ_QUERY(path, scope_, fn, summary_, gives_, query_)                                \
	{                                                                                     \
		.method = "GET", .pattern = V1 path, .kind = ROUTE_WORK, .scope = (scope_),   \
		.work = api_##fn, .summary = (summary_), .gives = (gives_), .query = (query_) \
	}

#define WRITE(verb, path, scope_, fn, summary_, takes_, gives_)                               \
	{                                                                                     \
		.method = (verb), .pattern = V1 path, .kind = ROUTE_WORK, .scope = (scope_),  \
		.work = api_##fn, .summary = (summary_), .takes = (takes_), .gives = (gives_) \
	}

#define COMMAND(word, scope_, summary_) \
	WRITE("POST", "/rollouts/{id}/" word, scope_, rollouts_command, summary_, NULL, "Rollout")

const struct route routes_api[] = {
	{ .method = "GET",
	  .pattern = V1 "/openapi.json",
	  .kind = ROUTE_MEMORY,
	  .memory = api_openapi,
	  .summary = "This description of the API",
	  .gives = "OpenApi" },
	READ("/info", SCOPE_READ, info, "Version, limits and settings of the server", "Info"),
	READ("/overview", SCOPE_READ, overview, "The fleet at a glance: counts, stop, rollouts",
	     "Overview"),
	READ("/counts", SCOPE_READ, counts, "How many hosts there are, by ring, level, state, ...",
	     "Counts"),
	READ("/rings", SCOPE_READ, rings, "Rings, with their hosts and their decision", "Rings"),
	READ("/levels", SCOPE_READ, levels, "Levels that the repository has", "Levels"),
	READ("/decisions", SCOPE_READ, decisions, "The current decisions of all rings", "Decisions"),
	READ("/decisions/{ring}", SCOPE_READ, decision, "The current decision of a ring",
	     "Decision"),

	READ_QUERY("/hosts", SCOPE_READ, hosts_list, "Hosts", "Hosts", api_query_hosts),
	READ("/hosts/{id}", SCOPE_READ, hosts_get, "A host with its last report", "Host"),
	READ_QUERY("/hosts/{id}/history", SCOPE_READ, hosts_history,
		   "What a host was, newest first", "History", api_query_limit),
	WRITE("PATCH", "/hosts/{id}", SCOPE_HOSTS, hosts_change, "Change a host's ring or tags",
	      "HostChange", "Host"),
	WRITE("POST", "/hosts/{id}/revoke", SCOPE_HOSTS, hosts_revoke,
	      "Take a host's key from it, for good", NULL, "Host"),
	WRITE("POST", "/hosts/{id}/trust", SCOPE_HOSTS, hosts_trust,
	      "Two machines had this host's key, and now one has: it is no longer marked as cloned",
	      NULL, "Host"),
	READ_QUERY("/cves", SCOPE_READ, cves_list,
		   "CVEs that hosts name as open, with how many hosts and containers", "Cves",
		   api_query_cves),
	READ("/cves/{cve}", SCOPE_READ, cves_get,
	     "A CVE: who has it open, which levels fix it, whether it is closed everywhere", "Cve"),
	READ_QUERY("/cves/{cve}/hosts", SCOPE_READ, cve_hosts, "Hosts that name a CVE as open",
		   "Hosts", api_query_cve_hosts),
	READ_QUERY("/cves/{cve}/containers", SCOPE_READ, cve_containers,
		   "The containers of those hosts, where hosts tell their names", "CveContainers",
		   api_query_cve_hosts),
	READ("/findings", SCOPE_READ, findings_list,
	     "Checks of audits that fail, with how many hosts", "Findings"),
	READ_QUERY("/findings/{id}/hosts", SCOPE_READ, finding_hosts, "Hosts where a check fails",
		   "Hosts", api_query_cve_hosts),
	READ("/matrix", SCOPE_READ, matrix, "How many hosts of each ring have which level",
	     "Matrix"),
	READ_QUERY("/series", SCOPE_READ, series, "The fleet over time", "Series", api_query_series),
	READ_QUERY("/views", SCOPE_READ, views_list, "Views that you saved", "Views",
		   api_query_views),
	WRITE("POST", "/views", SCOPE_READ, views_save,
	      "Save a view: the filters of a page, by a name", "ViewNew", "View"),
	WRITE("DELETE", "/views/{id}", SCOPE_READ, views_delete, "Delete a view of yours", NULL,
	      NULL),

	READ("/enrol-tokens", SCOPE_HOSTS, enrol_tokens_list, "Tokens by which hosts enrol",
	     "EnrolTokens"),
	WRITE("POST", "/enrol-tokens", SCOPE_HOSTS, enrol_tokens_create,
	      "Make a token by which hosts enrol; its secret is told this once", "EnrolTokenNew",
	      "EnrolTokenMade"),
	WRITE("DELETE", "/enrol-tokens/{id}", SCOPE_HOSTS, enrol_tokens_revoke,
	      "Revoke such a token; hosts that came with it stay", NULL, NULL),
	READ("/tokens", SCOPE_ADMIN, tokens_list, "Tokens for this API", "Tokens"),
	WRITE("POST", "/tokens", SCOPE_ADMIN, tokens_create,
	      "Make a token for this API; its secret is told this once", "TokenNew", "TokenMade"),
	WRITE("DELETE", "/tokens/{id}", SCOPE_ADMIN, tokens_revoke, "Revoke such a token", NULL,
	      NULL),

	READ("/users", SCOPE_ADMIN, users_list, "The people who may sign in", "Users"),
	WRITE("POST", "/users", SCOPE_ADMIN, users_create,
	      "Let a person sign in; a password that is made is told this once", "UserNew",
	      "UserMade"),
	READ("/users/{id}", SCOPE_ADMIN, users_get, "A person", "User"),
	WRITE("PATCH", "/users/{id}", SCOPE_ADMIN, users_change,
	      "Change a person's role, keep a person out or let in again, reset password or codes",
	      "UserChange", "UserMade"),
	WRITE("DELETE", "/users/{id}", SCOPE_ADMIN, users_delete,
	      "Forget a person; the person's tokens are revoked", NULL, NULL),
	READ("/me", SCOPE_READ, me_get, "Who asks: the person or token, and what it may do", "Me"),
	WRITE("POST", "/me/password", SCOPE_READ, me_password,
	      "Change the password of who is signed in; other sessions end", "PasswordChange", NULL),
	READ("/me/sessions", SCOPE_READ, me_sessions, "Sessions of who is signed in", "Sessions"),
	WRITE("DELETE", "/me/sessions", SCOPE_READ, me_sessions_end,
	      "End all sessions of who is signed in but this one", NULL, NULL),
	WRITE("DELETE", "/me/sessions/{id}", SCOPE_READ, me_session_end, "End one of them", NULL,
	      NULL),

	READ_QUERY("/rollouts", SCOPE_READ, rollouts_list, "Rollouts, newest first", "Rollouts",
		   api_query_rollouts),
	WRITE("POST", "/rollouts", SCOPE_ROLLOUTS, rollouts_create, "Make a rollout, as a draft",
	      "RolloutNew", "Rollout"),
	READ("/rollouts/{id}", SCOPE_READ, rollouts_get, "A rollout, and how far it is", "Rollout"),
	READ_QUERY("/rollouts/{id}/hosts", SCOPE_READ, rollouts_hosts,
		   "Hosts of a rollout, and what came of each", "RolloutHosts",
		   api_query_rollout_hosts),
	COMMAND("submit", SCOPE_ROLLOUTS, "A draft waits for approval, or for its start"),
	COMMAND("approve", SCOPE_APPROVE, "Approve another one's rollout"),
	COMMAND("start", SCOPE_ROLLOUTS, "Start it"),
	COMMAND("pause", SCOPE_ROLLOUTS, "Let nobody new begin, for now"),
	COMMAND("resume", SCOPE_ROLLOUTS, "Go on, in spite of what has failed so far"),
	COMMAND("stop", SCOPE_ROLLOUTS, "Let nobody new begin, for good"),
	COMMAND("take-back", SCOPE_ROLLOUTS, "Stop it, and hosts give the level back"),
	COMMAND("cancel", SCOPE_ROLLOUTS, "Drop one that was not started"),

	READ("/stop", SCOPE_READ, stop_get, "The emergency stop", "Stop"),
	WRITE("POST", "/stop", SCOPE_ROLLOUTS, stop_set, "No host applies anything from now on",
	      "StopNew", "Stop"),
	WRITE("DELETE", "/stop", SCOPE_ROLLOUTS, stop_lift, "Lift the emergency stop", NULL, "Stop"),

	READ_QUERY("/audit", SCOPE_ADMIN, audit_list, "The log of every action, newest first",
		   "Audit", api_query_audit),
	READ("/audit/verify", SCOPE_ADMIN, audit_verify, "Walk the chain of hashes of that log",
	     "AuditVerdict"),
	{ .method = "GET",
	  .pattern = V1 "/events/stream",
	  .kind = ROUTE_STREAM,
	  .scope = SCOPE_READ,
	  .stream = api_events_stream,
	  .summary = "The same as server-sent events, as they happen",
	  .gives = "Event",
	  .query = api_query_stream },
	READ_QUERY("/events", SCOPE_READ, events_list, "What has changed, oldest first", "Events",
		   api_query_events),
	READ("/webhooks", SCOPE_ADMIN, webhooks_list, "Who is called when something changes",
	     "Webhooks"),
	WRITE("POST", "/webhooks", SCOPE_ADMIN, webhooks_create,
	      "Have a URL called; the secret that signs is told this once", "WebhookNew",
	      "WebhookMade"),
	READ("/webhooks/{id}", SCOPE_ADMIN, webhooks_get, "A webhook", "Webhook"),
	WRITE("PATCH", "/webhooks/{id}", SCOPE_ADMIN, webhooks_change,
	      "Change it, or switch it off and on", "WebhookChange", "Webhook"),
	WRITE("DELETE", "/webhooks/{id}", SCOPE_ADMIN, webhooks_delete,
	      "Delete it with its deliveries", NULL, NULL),
	WRITE("POST", "/webhooks/{id}/test", SCOPE_ADMIN, webhooks_test,
	      "Have it called once, with an event of the type \"test\"", NULL, "WebhookTest"),
	READ_QUERY("/webhooks/{id}/deliveries", SCOPE_ADMIN, webhooks_deliveries,
		   "What it was called with, and what it answered; newest first", "Deliveries",
		   api_query_limit),
	{ .method = NULL },
};
