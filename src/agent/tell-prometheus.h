/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * tell-prometheus: a picture as a text file for node_exporter's textfile collector.
 *
 * Names: prefix oakum_, base units, "_total" for counters, "_info" gauges that are 1. What is not
 * known is left out, never 0. Pure. Source: Prometheus text format 0.0.4.
 */
#ifndef OAK_AGENT_TELL_PROMETHEUS_H
#define OAK_AGENT_TELL_PROMETHEUS_H

#include "agent/picture.h"
#include "base/buf.h"

/* Appended to @ret. Errors: OAK_E_NOMEM. */
int tell_prometheus(const struct picture *p, struct buf *ret, struct oak_error *err) _must_check_;

#endif
