/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * docker: the daemon that runs, and what it was told: by its arguments, else by daemon.json, else
 * by its own defaults. dockerd does not start where both name one option.
 */
#ifndef OAK_AUDIT_DOCKER_H
#define OAK_AUDIT_DOCKER_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

#include "audit/flags.h"
#include "audit/programs.h"
#include "base/json.h"
#include "host/docker-root.h"

#define DOCKER_JSON_MAX (1u << 20)

enum docker_settings {
	DOCKER_SETTINGS_NONE,
	DOCKER_SETTINGS_READ,
	DOCKER_SETTINGS_BAD, /* not JSON, or it cannot be read */
};

struct docker {
	bool present; /* it runs, or is installed, or has left its files */
	pid_t pid;    /* 0: it does not run */
	bool rootless;
	char *argv; /* of the process; NULL */
	size_t argv_len;
	char argv_path[32];      /* "/proc/123/cmdline" */
	char settings_path[256]; /* "/etc/docker/daemon.json" */
	enum docker_settings state;
	json_t *settings;
	char data_root[256];       /* "/var/lib/docker" */
	char store[288];           /* where containers and images are: deeper with userns-remap */
	struct docker_roots roots; /* of this daemon and others */
};

/* Options that checks ask for. */
enum docker_option {
	DOCKER_AUTHORIZATION,
	DOCKER_CGROUP_PARENT,
	DOCKER_CONFIG_FILE,
	DOCKER_DATA_ROOT,
	DOCKER_GRAPH,
	DOCKER_ULIMIT,
	DOCKER_EXPERIMENTAL,
	DOCKER_GROUP,
	DOCKER_HOST,
	DOCKER_ICC,
	DOCKER_INSECURE_REGISTRY,
	DOCKER_IPTABLES,
	DOCKER_LIVE_RESTORE,
	DOCKER_LOG_DRIVER,
	DOCKER_LOG_LEVEL,
	DOCKER_NO_NEW_PRIVILEGES,
	DOCKER_SECCOMP_PROFILE,
	DOCKER_STORAGE_DRIVER,
	DOCKER_STORAGE_OPT,
	DOCKER_TLS,
	DOCKER_TLS_CA,
	DOCKER_TLS_CERT,
	DOCKER_TLS_KEY,
	DOCKER_TLS_VERIFY,
	DOCKER_USERLAND_PROXY,
	DOCKER_USERNS_REMAP,
	DOCKER_LEGACY_REGISTRY,
	DOCKER_OPTIONS /* how many there are */
};

/* One value and where it stands. */
struct docker_value {
	const char *file; /* borrowed from the struct docker */
	char value[256];
	bool is_default;
};

int docker_read(int root, const struct programs *p, struct docker *ret, struct oak_error *err)
	_must_check_;
void docker_clear(struct docker *d); /* zero is fine */

/* "icc" */
const char *docker_option_name(enum docker_option o);

/*
 * The value number @i, from 0; false after the last. An option that nobody gave has one value, its
 * default, where it has one. Lists and objects of daemon.json have a value for each member
 * ("nofile=64000:64000").
 */
bool docker_get(const struct docker *d, enum docker_option o, size_t i, struct docker_value *ret);

/* The first value as a switch. */
bool docker_is_on(const struct docker *d, enum docker_option o, struct docker_value *ret);

#endif
