/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * host-side: what the two documents of a host have in common: answers that are sealed, problems with
 * members of their own. For the files host-*.c alone.
 */
#ifndef OAK_FLEET_API_HOST_SIDE_H
#define OAK_FLEET_API_HOST_SIDE_H

#include "fleet/fleet.h"
#include "fleet/http/route.h"

/* Answers with the bytes of @text and the seal of the server over them. Takes nothing. */
void host_answer(const struct fleet *fleet, const struct http_exchange *x, unsigned status,
		 const char *text);

/* A refusal of ours, for a reason that passes: 503 with Retry-After. */
void host_busy(const struct http_exchange *x, const struct oak_error *err);

void host_enrol(struct worker_seat *seat, const struct http_request *req, struct http_response *res);
void host_reports(struct worker_seat *seat, struct http_exchange *x, size_t n);

#endif
