/* SPDX-License-Identifier: GPL-2.0-or-later */
/* routes: the functions and query parameters that the rows of routes.c name; one file a subject. */
#ifndef OAK_FLEET_API_ROUTES_H
#define OAK_FLEET_API_ROUTES_H

#include "fleet/http/route.h"

#define API_FUNCTION(name)                                                        \
	void api_##name(struct worker_seat *seat, const struct http_request *req, \
			struct http_response *res)

/* fleet-wide.c */
API_FUNCTION(info);
API_FUNCTION(overview);
API_FUNCTION(counts);
API_FUNCTION(rings);
API_FUNCTION(stop_get);
API_FUNCTION(stop_set);
API_FUNCTION(stop_lift);
API_FUNCTION(decisions);
API_FUNCTION(decision);
API_FUNCTION(levels);

/* hosts.c */
API_FUNCTION(hosts_list);
API_FUNCTION(cve_hosts);
API_FUNCTION(hosts_get);
API_FUNCTION(hosts_history);
API_FUNCTION(hosts_change);
API_FUNCTION(hosts_revoke);
API_FUNCTION(hosts_trust);
extern const struct route_query api_query_hosts[], api_query_cve_hosts[], api_query_limit[];

/* tokens.c */
API_FUNCTION(enrol_tokens_list);
API_FUNCTION(enrol_tokens_create);
API_FUNCTION(enrol_tokens_revoke);
API_FUNCTION(tokens_list);
API_FUNCTION(tokens_create);
API_FUNCTION(tokens_revoke);

/* users.c */
API_FUNCTION(users_list);
API_FUNCTION(users_create);
API_FUNCTION(users_get);
API_FUNCTION(users_change);
API_FUNCTION(users_delete);

/* me.c */
API_FUNCTION(me_get);
API_FUNCTION(me_password);
API_FUNCTION(me_sessions);
API_FUNCTION(me_sessions_end);
API_FUNCTION(me_session_end);

/* rollouts.c */
API_FUNCTION(rollouts_list);
API_FUNCTION(rollouts_create);
API_FUNCTION(rollouts_get);
API_FUNCTION(rollouts_hosts);
API_FUNCTION(rollouts_command);
extern const struct route_query api_query_rollouts[], api_query_rollout_hosts[];

/* audit-log.c */
API_FUNCTION(audit_list);
API_FUNCTION(audit_verify);
API_FUNCTION(events_list);
extern const struct route_query api_query_audit[], api_query_events[];

/* webhooks.c */
API_FUNCTION(webhooks_list);
API_FUNCTION(webhooks_create);
API_FUNCTION(webhooks_get);
API_FUNCTION(webhooks_change);
API_FUNCTION(webhooks_delete);
API_FUNCTION(webhooks_test);
API_FUNCTION(webhooks_deliveries);

/* fleet-views.c */
API_FUNCTION(cves_list);
API_FUNCTION(cves_get);
API_FUNCTION(cve_containers);
API_FUNCTION(findings_list);
API_FUNCTION(finding_hosts);
API_FUNCTION(matrix);
API_FUNCTION(series);
extern const struct route_query api_query_cves[], api_query_series[];

/* saved-views.c */
API_FUNCTION(views_list);
API_FUNCTION(views_save);
API_FUNCTION(views_delete);
extern const struct route_query api_query_views[];

/* event-stream.c */
void api_events_stream(struct worker_seat *seat, const struct http_request *req,
		       struct http_response *res, struct stream *s);
extern const struct route_query api_query_stream[];

/* openapi.c: on the thread of the connection */
void api_openapi(struct fleet *fleet, const struct http_request *req, struct http_response *res);

#endif
