/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "cli/fleet/commands.h"

#define H(i) &fleet_hosts[i].verb
#define T(i) &fleet_tokens[i].verb
#define R(i) &fleet_rollouts[i].verb
#define W(i) &fleet_wide[i].verb
#define V(i) &fleet_views[i].verb
#define K(i) &fleet_webhooks[i].verb

static const struct verb *const verbs[] = {
	&fleet_login,
	&fleet_logout,
	W(0),
	W(1),
	H(0),
	H(1),
	H(2),
	H(3),
	H(4),
	H(5),
	V(0),
	V(1),
	H(6),
	V(2),
	V(3),
	V(4),
	V(5),
	V(6),
	V(7),
	V(8),
	V(9),
	R(0),
	&fleet_rollouts_create,
	R(1),
	R(2),
	&fleet_rollouts_watch,
	R(3),
	R(4),
	R(5),
	R(6),
	R(7),
	R(8),
	R(9),
	R(10),
	W(6),
	W(7),
	W(8),
	T(0),
	T(1),
	T(2),
	T(3),
	T(4),
	T(5),
	W(2),
	W(3),
	W(4),
	W(5),
	K(0),
	K(1),
	K(2),
	K(3),
	K(4),
	K(5),
	K(6),
	&fleet_events,
	&fleet_nagios,
	W(9),
	W(10),
	W(11),
	W(12),
	NULL,
};

const struct program fleet_program = {
	.name = "oakum fleet",
	.about = "hosts, rollouts and tokens of a fleet's server",
	.verbs = verbs,
};
