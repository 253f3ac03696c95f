/* SPDX-License-Identifier: GPL-2.0-or-later */
/* engine: what checks of engines share. */
#ifndef OAK_AUDIT_ENGINE_H
#define OAK_AUDIT_ENGINE_H

#include "audit/audit.h"
#include "audit/docker.h"

#define ENGINE_DOCKER "engine docker"

/*
 * Where docker is not on this host: adds that as the finding, and returns true. Where its settings
 * cannot be read and so what it was told is not known, "unknown".
 */
bool engine_no_docker(struct audit *a, const struct audit_check *c);

/* Where systemd has the unit: "/lib/systemd/system/docker.service"; false where it has none. */
bool engine_unit(int root, const char *name, char *ret, size_t size);

/* A finding about docker with the value as evidence. */
struct finding *engine_docker_find(struct audit *a, const struct audit_check *c,
				   enum audit_verdict v, enum docker_option o,
				   const struct docker_value *value);

#endif
