/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "fleet/ops/answered.h"

#include "fleet/ops/log.h"
#include "fleet/ops/metrics.h"

#define NS_A_MS 1000000u

void request_answered(const struct fleet *fleet, const struct route *route,
		      const struct http_request *req, unsigned status, uint64_t ns)
{
	enum log_level level = status >= 500 ? LOG_LEVEL_WARNING : LOG_LEVEL_INFO;

	metrics_request(fleet->metrics, status);
	if (route && route->kind == ROUTE_BATCH)
		metrics_checkin_time(fleet->metrics, ns);
	server_log(fleet->log, level, "request", log_text("method", req->method),
		   log_text("path", req->path), log_number("status", status),
		   log_number("ms", ns / NS_A_MS), log_text("who", req->who),
		   log_text("peer", req->peer), log_text("request", req->id));
}
