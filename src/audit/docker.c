/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "audit/docker.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "audit/inside.h"
#include "base/cleanup.h"
#include "base/file.h"
#include "host/docker-root.h"

#define ARGV_MAX (256u << 10)

/* Names in daemon.json differ from those of the arguments where they hold a list. */
static const struct {
	struct flag flag;
	const char *key;
	const char *otherwise; /* NULL: nothing */
} options[DOCKER_OPTIONS] = {
	[DOCKER_AUTHORIZATION] = { { "authorization-plugin" }, "authorization-plugins" },
	[DOCKER_CGROUP_PARENT] = { { "cgroup-parent" }, "cgroup-parent" },
	[DOCKER_CONFIG_FILE] = { { "config-file" }, "", "/etc/docker/daemon.json" },
	[DOCKER_DATA_ROOT] = { { "data-root" }, "data-root" },
	[DOCKER_GRAPH] = { { "graph", 'g' }, "graph" },
	[DOCKER_ULIMIT] = { { "default-ulimit" }, "default-ulimits" },
	[DOCKER_EXPERIMENTAL] = { { "experimental", 0, true }, "experimental", "false" },
	[DOCKER_GROUP] = { { "group", 'G' }, "group", "docker" },
	[DOCKER_HOST] = { { "host", 'H' }, "hosts", "unix:///var/run/docker.sock" },
	[DOCKER_ICC] = { { "icc", 0, true }, "icc", "true" },
	[DOCKER_INSECURE_REGISTRY] = { { "insecure-registry" }, "insecure-registries" },
	[DOCKER_IPTABLES] = { { "iptables", 0, true }, "iptables", "true" },
	[DOCKER_LIVE_RESTORE] = { { "live-restore", 0, true }, "live-restore", "false" },
	[DOCKER_LOG_DRIVER] = { { "log-driver" }, "log-driver", "json-file" },
	[DOCKER_LOG_LEVEL] = { { "log-level", 'l' }, "log-level", "info" },
	[DOCKER_NO_NEW_PRIVILEGES] = { { "no-new-privileges", 0, true },
				       "no-new-privileges",
				       "false" },
	[DOCKER_SECCOMP_PROFILE] = { { "seccomp-profile" }, "seccomp-profile", "builtin" },
	[DOCKER_STORAGE_DRIVER] = { { "storage-driver", 's' }, "storage-driver" },
	[DOCKER_STORAGE_OPT] = { { "storage-opt" }, "storage-opts" },
	[DOCKER_TLS] = { { "tls", 0, true }, "tls", "false" },
	[DOCKER_TLS_CA] = { { "tlscacert" }, "tlscacert" },
	[DOCKER_TLS_CERT] = { { "tlscert" }, "tlscert" },
	[DOCKER_TLS_KEY] = { { "tlskey" }, "tlskey" },
	[DOCKER_TLS_VERIFY] = { { "tlsverify", 0, true }, "tlsverify", "false" },
	[DOCKER_USERLAND_PROXY] = { { "userland-proxy", 0, true }, "userland-proxy", "true" },
	[DOCKER_USERNS_REMAP] = { { "userns-remap" }, "userns-remap" },
	[DOCKER_LEGACY_REGISTRY] = { { "disable-legacy-registry", 0, true },
				     "disable-legacy-registry",
				     "true" },
};

/* What an engine leaves that is, or was, here. */
static const char *const traces[] = {
	"/etc/docker/daemon.json",
	"/lib/systemd/system/docker.service",
	"/etc/systemd/system/docker.service",
	"/usr/lib/systemd/system/docker.service",
	"/var/lib/docker/containers",
};

const char *docker_option_name(enum docker_option o)
{
	return options[o].flag.name;
}

static bool from_arguments(const struct docker *d, enum docker_option o, size_t i,
			   struct docker_value *ret)
{
	const struct flag_words argv = { d->argv, d->argv_len };
	const char *value = d->argv ? flag_value(&argv, &options[o].flag, i) : NULL;

	if (!value)
		return false;
	*ret = (struct docker_value){ .file = d->argv_path };
	(void)snprintf(ret->value, sizeof(ret->value), "%s", value);
	return true;
}

/* Of one member: a text, a number or a switch; false for anything else. */
static bool put_json(const char *key, const json_t *j, char *ret, size_t size)
{
	const char *sep = key[0] ? "=" : "";

	if (json_is_string(j))
		(void)snprintf(ret, size, "%s%s%s", key, sep, json_string_value(j));
	else if (json_is_boolean(j))
		(void)snprintf(ret, size, "%s%s%s", key, sep, json_is_true(j) ? "true" : "false");
	else if (json_is_integer(j))
		(void)snprintf(ret, size, "%s%s%" JSON_INTEGER_FORMAT, key, sep,
			       json_integer_value(j));
	else if (json_is_object(j)) /* default-ulimits: {"nofile": {"Hard": 1, "Soft": 1}} */
		(void)snprintf(ret, size, "%s=%" JSON_INTEGER_FORMAT ":%" JSON_INTEGER_FORMAT, key,
			       json_integer_value(json_object_get(j, "Soft")),
			       json_integer_value(json_object_get(j, "Hard")));
	else
		return false;
	return true;
}

static bool from_object(const json_t *object, size_t i, char *ret, size_t size)
{
	json_t *walked = (json_t *)(uintptr_t)object; /* jansson walks without a const */
	const char *key;
	json_t *value;

	json_object_foreach(walked, key, value)
	{
		if (i-- == 0)
			return put_json(key, value, ret, size);
	}
	return false;
}

static bool from_settings(const struct docker *d, enum docker_option o, size_t i,
			  struct docker_value *ret)
{
	const json_t *j = json_object_get(d->settings, options[o].key);
	struct docker_value v = { .file = d->settings_path };
	bool found;

	if (json_is_array(j))
		found = put_json("", json_array_get(j, i), v.value, sizeof(v.value));
	else if (json_is_object(j))
		found = from_object(j, i, v.value, sizeof(v.value));
	else
		found = i == 0 && put_json("", j, v.value, sizeof(v.value));
	if (found)
		*ret = v;
	return found;
}

bool docker_get(const struct docker *d, enum docker_option o, size_t i, struct docker_value *ret)
{
	struct docker_value first;

	if (from_arguments(d, o, i, ret) || from_settings(d, o, i, ret))
		return true;
	if (i > 0 || !options[o].otherwise || from_arguments(d, o, 0, &first) ||
	    from_settings(d, o, 0, &first))
		return false;
	*ret = (struct docker_value){ .file = d->argv ? d->argv_path : d->settings_path,
				      .is_default = true };
	(void)snprintf(ret->value, sizeof(ret->value), "%s", options[o].otherwise);
	return true;
}

bool docker_is_on(const struct docker *d, enum docker_option o, struct docker_value *ret)
{
	if (!docker_get(d, o, 0, ret))
		return false;
	return flag_is_true(ret->value, false);
}

static bool is_present(int root, const struct programs *p)
{
	for (size_t i = 0; i < p->n; i++)
		if (strcmp(p->v[i].name, "dockerd") == 0)
			return true;
	for (size_t i = 0; i < sizeof(traces) / sizeof(traces[0]); i++) {
		struct stat st;

		if (inside_stat(root, traces[i], &st) == 0)
			return true;
	}
	return false;
}

static int read_arguments(int root, struct docker *d)
{
	_cleanup_(buf_free) struct buf text = { 0 };

	(void)snprintf(d->argv_path, sizeof(d->argv_path), "/proc/%d/cmdline", d->pid);
	if (file_read(root, d->argv_path + 1, ARGV_MAX, &text, NULL) < 0 || !text.len)
		return 0;
	d->argv = (char *)buf_take(&text, &d->argv_len);
	return 0;
}

static void find_data_root(int root, struct docker *d)
{
	struct docker_value v;

	if (!docker_get(d, DOCKER_DATA_ROOT, 0, &v) && !docker_get(d, DOCKER_GRAPH, 0, &v))
		(void)snprintf(v.value, sizeof(v.value), "/var/lib/docker");
	(void)snprintf(d->data_root, sizeof(d->data_root), "%s", v.value);
	docker_roots_read(root, v.value, NULL, &d->roots);
	(void)snprintf(d->store, sizeof(d->store), "/");
	if (!docker_get(d, DOCKER_USERNS_REMAP, 0, &v) || !v.value[0] ||
	    !docker_root_remapped(root, d->data_root + strspn(d->data_root, "/"), "containers",
				  d->store + 1, sizeof(d->store) - 1))
		(void)snprintf(d->store, sizeof(d->store), "%s", d->data_root);
}

int docker_read(int root, const struct programs *p, struct docker *ret, struct oak_error *err)
{
	const struct program_found *daemon = programs_running(p, "dockerd");
	struct docker d = { .pid = daemon ? daemon->pid : 0 };
	struct docker_value v;
	int r;

	d.present = is_present(root, p);
	d.rootless = daemon && daemon->euid != 0;
	r = daemon ? read_arguments(root, &d) : 0;
	if (r == 0) {
		(void)docker_get(&d, DOCKER_CONFIG_FILE, 0, &v);
		(void)snprintf(d.settings_path, sizeof(d.settings_path), "%s", v.value);
		r = inside_read_json(root, d.settings_path, DOCKER_JSON_MAX, &d.settings);
		d.state = r == 0 ? DOCKER_SETTINGS_READ : DOCKER_SETTINGS_BAD;
		if (r == -ENOENT || r == -ENOTDIR)
			d.state = DOCKER_SETTINGS_NONE;
	}
	if (r == -ENOMEM) {
		docker_clear(&d);
		return oak_fail(err, OAK_E_NOMEM, "out of memory");
	}
	find_data_root(root, &d);
	*ret = d;
	return 0;
}

void docker_clear(struct docker *d)
{
	free(d->argv);
	json_decref(d->settings);
	*d = (struct docker){ .pid = 0 };
}
