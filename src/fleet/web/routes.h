/* SPDX-License-Identifier: GPL-2.0-or-later */
/* routes: what answers each page; the table is routes.c. */
#ifndef OAK_FLEET_WEB_ROUTES_H
#define OAK_FLEET_WEB_ROUTES_H

#include "fleet/web/page.h"

/* A page (GET), and what a form of it does (POST). */
#define WEB_WORK(fn)                                                            \
	void web_##fn(struct worker_seat *seat, const struct http_request *req, \
		      struct http_response *res)

/* assets.c */
void web_asset(struct fleet *fleet, const struct http_request *req, struct http_response *res);
/* overview.c */
WEB_WORK(overview);
/* rollouts.c */
WEB_WORK(rollouts);
WEB_WORK(rollout);
WEB_WORK(rollout_command);
/* rollout-new.c */
WEB_WORK(rollout_new);
WEB_WORK(rollout_create);
/* stop.c */
WEB_WORK(stop);
WEB_WORK(stop_change);
/* enrolment.c */
WEB_WORK(enrolment);
WEB_WORK(enrolment_create);
WEB_WORK(enrolment_revoke);
/* people.c */
WEB_WORK(people);
WEB_WORK(people_create);
WEB_WORK(people_change);
/* tokens.c */
WEB_WORK(tokens);
WEB_WORK(tokens_create);
WEB_WORK(tokens_revoke);
/* webhooks.c */
WEB_WORK(webhooks);
WEB_WORK(webhooks_create);
WEB_WORK(webhook);
WEB_WORK(webhook_change);
/* audit.c, settings.c */
WEB_WORK(audit);
WEB_WORK(settings);
/* pages-hosts.c, hosts-csv.c */
WEB_WORK(hosts);
WEB_WORK(hosts_csv);
/* pages-host.c */
WEB_WORK(host);
WEB_WORK(host_change);
WEB_WORK(host_revoke);
WEB_WORK(host_trust);
/* pages-hosts.c */
WEB_WORK(view_save);
WEB_WORK(view_delete);
/* pages-cves.c, pages-patches.c, pages-findings.c */
WEB_WORK(cves);
WEB_WORK(cve);
WEB_WORK(patches);
WEB_WORK(patch);
WEB_WORK(findings);

#endif
