/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * check-swarm: section 7 of the Docker Benchmark, from what a node of a swarm keeps below docker's
 * data root: swarm/docker-state.json, swarm/state.json (its managers), swarm/certificates.
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "audit/audit.h"
#include "audit/engine.h"
#include "audit/inside.h"
#include "audit/tables.h"
#include "base/cleanup.h"

#define FILE_MAX (1u << 20)

static bool no_swarm(struct audit *a, const struct audit_check *c)
{
	struct finding *f;

	if (engine_no_docker(a, c))
		return true;
	if (a->ctx.swarm)
		return false;
	f = audit_find(a, c, ENGINE_DOCKER, AUDIT_INAPPLICABLE);
	audit_sawf(a, f, a->ctx.docker.store, "no node of a swarm");
	return true;
}

static void path_of(const struct audit *a, const char *file, char *ret, size_t size)
{
	(void)snprintf(ret, size, "%s/swarm/%s", a->ctx.docker.store, file);
}

static void check_no_swarm(struct audit *a, const struct audit_check *c)
{
	struct finding *f;

	if (engine_no_docker(a, c))
		return;
	f = audit_find(a, c, ENGINE_DOCKER, a->ctx.swarm ? AUDIT_WARN : AUDIT_PASS);
	audit_sawf(a, f, a->ctx.docker.store, "%s",
		   a->ctx.swarm ? "a node of a swarm" : "no node of a swarm");
}

/* An odd number survives the loss of (n - 1) / 2; more than seven only slow the vote. */
static void check_managers(struct audit *a, const struct audit_check *c)
{
	_cleanup_(json_decrefp) json_t *j = NULL;
	enum audit_verdict v = AUDIT_UNKNOWN;
	char path[512];
	struct finding *f;
	size_t n;

	if (no_swarm(a, c))
		return;
	path_of(a, "state.json", path, sizeof(path));
	(void)inside_read_json(a->ctx.root, path, FILE_MAX, &j);
	n = json_array_size(j);
	if (n)
		v = n % 2 == 1 && n >= 3 && n <= 7 ? AUDIT_PASS : AUDIT_WARN;
	f = audit_find(a, c, ENGINE_DOCKER, v);
	if (n)
		audit_sawf(a, f, path, "%zu managers", n);
	else
		audit_saw(a, f, path, "cannot be read");
}

/* "0.0.0.0:2377", "[::]:2377", ":2377" */
static bool is_any(const char *address)
{
	return strncmp(address, "0.0.0.0", 7) == 0 || strncmp(address, "[::]", 4) == 0 ||
	       address[0] == ':' || !address[0];
}

static void check_listen(struct audit *a, const struct audit_check *c)
{
	_cleanup_(json_decrefp) json_t *j = NULL;
	const char *address;
	char path[512];
	struct finding *f;

	if (no_swarm(a, c))
		return;
	path_of(a, "docker-state.json", path, sizeof(path));
	(void)inside_read_json(a->ctx.root, path, FILE_MAX, &j);
	address = json_get_str(j, "ListenAddr");
	if (!address) {
		audit_saw(a, audit_find(a, c, ENGINE_DOCKER, AUDIT_UNKNOWN), path,
			  "says no ListenAddr");
		return;
	}
	f = audit_find(a, c, ENGINE_DOCKER, is_any(address) ? AUDIT_WARN : AUDIT_PASS);
	audit_sawf(a, f, path, "ListenAddr=%s", address);
}

/* With autolock the key of a manager lies encrypted. */
static void check_autolock(struct audit *a, const struct audit_check *c)
{
	_cleanup_(buf_free) struct buf text = { 0 };
	char path[512];
	struct finding *f;
	bool locked;
	struct stat st;

	if (no_swarm(a, c))
		return;
	path_of(a, "raft", path, sizeof(path));
	if (inside_stat(a->ctx.root, path, &st) < 0) {
		audit_saw(a, audit_find(a, c, ENGINE_DOCKER, AUDIT_INAPPLICABLE), path,
			  "not here: no manager");
		return;
	}
	path_of(a, "certificates/swarm-node.key", path, sizeof(path));
	if (inside_read(a->ctx.root, path, FILE_MAX, &text) < 0) {
		audit_saw(a, audit_find(a, c, ENGINE_DOCKER, AUDIT_UNKNOWN), path, "cannot be read");
		return;
	}
	locked = strstr(buf_str(&text), "ENCRYPTED") != NULL;
	f = audit_find(a, c, ENGINE_DOCKER, locked ? AUDIT_PASS : AUDIT_WARN);
	audit_saw(a, f, path, locked ? "the key is encrypted" : "the key lies open");
	explicit_bzero(text.data, text.len);
}

/* Options of networks are in the managers' encrypted log only. */
static void check_overlay(struct audit *a, const struct audit_check *c)
{
	char path[512];

	if (no_swarm(a, c))
		return;
	path_of(a, "raft", path, sizeof(path));
	audit_saw(a, audit_find(a, c, ENGINE_DOCKER, AUDIT_UNKNOWN), path,
		  "options of networks lie encrypted: docker network inspect tells");
}

#define IN_RAFT \
	"what a swarm knows lies encrypted in the log of its managers; no file of a node tells"

static const struct audit_check rows[] = {
	{ .id = "5.1",
	  .title = "swarm mode is off where it is not needed",
	  .why = "it listens on the network and makes the host a part of something larger",
	  .fix = "docker swarm leave, or a baseline that says what it is for",
	  .severity = AUDIT_LOW,
	  .run = check_no_swarm },
	{ .id = "7.1",
	  .title = "a swarm has three, five or seven managers",
	  .why = "an even number bears no more losses than one less; one alone bears none",
	  .fix = "docker node promote",
	  .severity = AUDIT_LOW,
	  .run = check_managers },
	{ .id = "7.2",
	  .title = "the swarm listens on one interface",
	  .why = "management is not for every network that the host is in",
	  .fix = "docker swarm init --listen-addr ADDRESS:2377",
	  .severity = AUDIT_MEDIUM,
	  .run = check_listen },
	{ .id = "7.3",
	  .title = "overlay networks are encrypted",
	  .why = "packets between nodes are otherwise read and forged by whoever is between",
	  .fix = "docker network create --opt encrypted --driver overlay",
	  .severity = AUDIT_MEDIUM,
	  .run = check_overlay },
	{ .id = "7.4",
	  .title = "secrets are managed by the swarm",
	  .why = "secrets in images or variables are seen by everyone who sees the service",
	  .severity = AUDIT_MEDIUM,
	  .manual = IN_RAFT },
	{ .id = "7.5",
	  .title = "managers are locked when they start",
	  .why = "else who steals the disk has the swarm's keys and secrets",
	  .fix = "docker swarm update --autolock=true",
	  .severity = AUDIT_LOW,
	  .run = check_autolock },
	{ .id = "7.6",
	  .title = "the key that unlocks managers is changed at times",
	  .why = "a key that leaked works for ever",
	  .severity = AUDIT_LOW,
	  .manual = IN_RAFT },
	{ .id = "7.7",
	  .title = "certificates of nodes are changed at times",
	  .why = "a certificate that leaked works until it ends",
	  .severity = AUDIT_LOW,
	  .manual = IN_RAFT },
	{ .id = "7.8",
	  .title = "the certificate authority of the swarm is changed at times",
	  .why = "a key that leaked makes nodes for ever",
	  .severity = AUDIT_LOW,
	  .manual = IN_RAFT },
	{ .id = "7.9",
	  .title = "management and data have networks of their own",
	  .why = "who floods one does not stop the other",
	  .severity = AUDIT_LOW,
	  .manual = "which network is for what, only its operator knows" },
};

const struct audit_table audit_swarm = {
	.group = "docker-swarm",
	.title = "Docker Swarm (section 7)",
	.source = AUDIT_BENCHMARK,
	AUDIT_ROWS(rows),
};
