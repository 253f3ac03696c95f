/* SPDX-License-Identifier: GPL-2.0-or-later */
/* container-state: what checks of one container look at: what the kernel holds it to, and what its
 * engine was asked for, as far as docker's files tell. */
#ifndef OAK_AUDIT_CONTAINER_STATE_H
#define OAK_AUDIT_CONTAINER_STATE_H

#include "audit/audit.h"
#include "base/json.h"
#include "host/security/survey.h"

#define DECLARED_MAX (2u << 20)

struct audit_container {
	const struct surveyed *v;
	char subject[AUDIT_SUBJECT_MAX]; /* "container docker/web" */
	char status_path[32];            /* "/proc/123/status" */
	pid_t sshd;                      /* one that runs in it; 0: none */
	json_t *config; /* docker's config.v2.json; NULL where it is not readable */
	json_t *host_config;
	char config_path[512], host_config_path[512];
	json_t *oci; /* of other engines: what their runtime was given; NULL where none is found */
	char oci_path[512];
};

/*
 * The OCI configuration of a container: of containerd and podman where they keep it, of CRI-O, runc
 * and crun below /run. Sets @oci and @oci_path. -ENOMEM, else 0.
 */
int container_oci_read(int root, struct audit_container *ct) _must_check_;

/* Runs the checks of all containers that are wanted. Errors: OAK_E_NOMEM. */
int audit_containers(struct audit *a,
		     bool (*wanted)(void *ctx, const struct audit_table *t,
				    const struct audit_check *c),
		     void *ctx, struct oak_error *err) _must_check_;

/* The finding about the container, with one piece of evidence. */
struct finding *container_note(struct audit *a, const struct audit_check *c,
			       const struct audit_container *ct, enum audit_verdict v,
			       const char *file, const char *fmt, ...) _printf_(6, 7);

#endif
