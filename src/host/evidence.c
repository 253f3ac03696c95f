/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "host/evidence.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/openat2.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>

#include "base/cleanup.h"
#include "base/file.h"
#include "host/number.h"
#include "host/plain.h"
#include "host/sysfs.h"

#define ROOTLESS      ".local/share/"
#define PASSWD_MAX    (1u << 20)
#define NAMESPACE_MAX 32 /* of containerd: k8s.io, moby, default, ... */

/* Where containerd keeps what runs: <dir>/<namespace>/<id>. k3s brings its own. */
static const char *const task_dirs[] = {
	"run/containerd/io.containerd.runtime.v2.task",
	"run/k3s/containerd/io.containerd.runtime.v2.task",
};

void evidence_clear(struct evidence *ev)
{
	for (size_t i = 0; i < ev->n_stores; i++)
		json_decref(ev->stores[i].by_id);
	json_decref(ev->cni);
	free(ev->pids);
	*ev = (struct evidence){ .root = -1 };
}

/* The home of a user, without its first slash; false where /etc/passwd does not say. */
static bool home_of(int root, uint32_t uid, char *ret, size_t size)
{
	_cleanup_(buf_free) struct buf text = { 0 };
	const char *line;

	if (file_read(root, "etc/passwd", PASSWD_MAX, &text, NULL) < 0)
		return false;
	for (line = buf_str(&text); *line; line += strcspn(line, "\n"), line += *line == '\n') {
		int len = (int)strcspn(line, "\n");
		_cleanup_(freep) char *row = strndup(line, (size_t)len);
		char *rest = row, *field[7] = { NULL };
		uint32_t id;

		for (size_t i = 0; i < 7 && rest; i++)
			field[i] = strsep(&rest, ":");
		if (!field[5] || number_parse_u32(field[2], &id) < 0 || id != uid)
			continue;
		if (field[5][0] != '/' || !field[5][1])
			return false;
		(void)snprintf(ret, size, "%s", field[5] + 1);
		return true;
	}
	return false;
}

/* A user's file: no link may lead out of the home, no mount of the user's may be entered. */
static int open_users(int root, uint32_t uid, const char *path)
{
	const struct open_how how = {
		.flags = O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY,
		.resolve = RESOLVE_BENEATH | RESOLVE_NO_XDEV | RESOLVE_NO_MAGICLINKS,
	};
	_cleanup_(closep) int home = -1;
	char dir[SYSFS_PATH_MAX];

	if (!home_of(root, uid, dir, sizeof(dir)))
		return -1;
	home = openat(root, dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	return home < 0 ? -1 : (int)syscall(SYS_openat2, home, path, &how, sizeof(how));
}

/* @uid: 0 below the root, else below that user's home. NULL where it cannot be read. */
static json_t *read_json(int root, uint32_t uid, const char *path)
{
	_cleanup_(closep) int fd =
		uid ? open_users(root, uid, path)
		    : openat(root, path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
	_cleanup_(buf_free) struct buf text = { 0 };
	json_t *ret = NULL;
	struct stat st;
	ssize_t n;

	if (fd < 0 || fstat(fd, &st) < 0 || !S_ISREG(st.st_mode) ||
	    st.st_size > (off_t)EVIDENCE_FILE_MAX)
		return NULL;
	/* As long as it was when asked: a file that grows is read to there. */
	if (buf_add_zero(&text, (size_t)st.st_size) < 0)
		return NULL;
	n = pread(fd, text.data, text.len, 0);
	if (n <= 0 || json_parse(text.data, (size_t)n, EVIDENCE_FILE_MAX, path, &ret, NULL) < 0)
		return NULL;
	return ret;
}

/* The texts of a container that files tell. */
enum field {
	NAME,
	IMAGE,
	POD,
	POD_NAMESPACE,
};

static char *field_of(struct container *c, enum field field)
{
	switch (field) {
	case NAME:
		return c->name;
	case IMAGE:
		return c->image;
	case POD:
		return c->pod;
	case POD_NAMESPACE:
	default:
		return c->pod_namespace;
	}
}

/* The first that tells wins. */
static void set(struct container *c, enum field field, const char *text)
{
	char *to = field_of(c, field);

	if (!to[0] && text)
		plain_copy(to, CONTAINER_TEXT_MAX, text);
}

/* Annotations of an OCI configuration, and docker's labels; the earlier row wins. */
static const struct {
	const char *key;
	enum field field;
} annotations[] = {
	{ "io.kubernetes.cri.container-name", NAME },
	{ "io.kubernetes.container.name", NAME },
	{ "io.kubernetes.cri-o.ContainerName", NAME },
	{ "nerdctl/name", NAME },
	{ "io.kubernetes.cri.image-name", IMAGE },
	{ "io.kubernetes.cri-o.ImageName", IMAGE },
	{ "io.kubernetes.cri-o.Image", IMAGE },
	{ "io.kubernetes.cri.sandbox-name", POD },
	{ "io.kubernetes.pod.name", POD },
	{ "io.kubernetes.cri.sandbox-namespace", POD_NAMESPACE },
	{ "io.kubernetes.pod.namespace", POD_NAMESPACE },
};

static void take_annotations(const json_t *map, struct container *c)
{
	for (size_t i = 0; i < sizeof(annotations) / sizeof(annotations[0]); i++)
		set(c, annotations[i].field, json_get_str(map, annotations[i].key));
}

/* The container that a pod's others share their namespaces with. */
static void take_kind(const json_t *map, struct container *c)
{
	static const char *const keys[] = { "io.kubernetes.cri.container-type",
					    "io.kubernetes.cri-o.ContainerType" };

	for (size_t i = 0; i < sizeof(keys) / sizeof(keys[0]); i++) {
		const char *kind = json_get_str(map, keys[i]);

		c->is_pause = c->is_pause || (kind && strcmp(kind, "sandbox") == 0);
	}
}

static void read_oci(int root, const char *path, struct container *c)
{
	_cleanup_(json_decrefp) json_t *doc = read_json(root, 0, path);

	take_annotations(json_object_get(doc, "annotations"), c);
	take_kind(json_object_get(doc, "annotations"), c);
}

void evidence_saw(struct evidence *ev, pid_t pid, const char *comm)
{
	struct docker_daemons *d = &ev->daemons;

	if (strcmp(comm, DOCKER_DAEMON) == 0 && d->n < DOCKER_DAEMONS_MAX)
		d->pids[d->n++] = pid;
}

/* Looked for once: "data-root" of the settings was once "graph". */
static const struct docker_roots *docker_roots(struct evidence *ev)
{
	_cleanup_(json_decrefp) json_t *doc = NULL;
	const char *dir;

	if (ev->docker.n)
		return &ev->docker;
	doc = read_json(ev->root, 0, "etc/docker/daemon.json");
	dir = json_get_str(doc, "data-root");
	docker_roots_read(ev->root, dir ? dir : json_get_str(doc, "graph"),
			  ev->has_daemons ? &ev->daemons : NULL, &ev->docker);
	return &ev->docker;
}

/* Most are where they are looked for first: nothing is asked before it is opened. */
static json_t *read_docker_config(struct evidence *ev, const struct container_ref *ref)
{
	const struct docker_roots *roots;
	char path[SYSFS_PATH_MAX];
	json_t *doc = NULL;

	if (ref->uid) {
		(void)snprintf(path, sizeof(path), ROOTLESS "docker/containers/%s/config.v2.json",
			       ref->id);
		return read_json(ev->root, ref->uid, path);
	}
	roots = docker_roots(ev);
	for (size_t i = 0; i < roots->n && !doc; i++) {
		(void)snprintf(path, sizeof(path), "%s/containers/%s/config.v2.json",
			       roots->dirs[i], ref->id);
		doc = read_json(ev->root, 0, path);
	}
	return doc;
}

static void read_docker(struct evidence *ev, const struct container_ref *ref, struct container *c)
{
	_cleanup_(json_decrefp) json_t *doc = read_docker_config(ev, ref);
	const char *name;
	json_t *config;

	config = json_object_get(doc, "Config");
	take_annotations(json_object_get(config, "Labels"), c);
	name = json_get_str(doc, "Name");
	set(c, NAME, name && name[0] == '/' ? name + 1 : name);
	set(c, IMAGE, json_get_str(config, "Image"));
	if (!c->published.n)
		published_of_docker(doc, &c->published);
}

/* The file of a container of containerd; @ret_scope is its namespace. */
static bool find_task(int root, const struct container_ref *ref, char ret_path[SYSFS_PATH_MAX],
		      char ret_scope[CONTAINER_ID_MAX])
{
	for (size_t i = 0; i < sizeof(task_dirs) / sizeof(task_dirs[0]); i++) {
		int fd = openat(root, task_dirs[i], O_RDONLY | O_DIRECTORY | O_CLOEXEC);
		_cleanup_(closedirp) DIR *d = fd < 0 ? NULL : fdopendir(fd);
		struct dirent *e;
		size_t n = 0;

		if (!d && fd >= 0)
			(void)close(fd);
		while (d && (e = readdir(d)) && n++ < NAMESPACE_MAX) {
			if (e->d_name[0] == '.' || strlen(e->d_name) >= CONTAINER_ID_MAX ||
			    (ref->scope[0] && strcmp(ref->scope, e->d_name) != 0))
				continue;
			(void)snprintf(ret_path, SYSFS_PATH_MAX, "%s/%s/%s/config.json",
				       task_dirs[i], e->d_name, ref->id);
			if (!file_exists(root, ret_path))
				continue;
			(void)snprintf(ret_scope, CONTAINER_ID_MAX, "%s", e->d_name);
			return true;
		}
	}
	return false;
}

static void set_engine(char engine[CONTAINER_ENGINE_MAX], const char *name)
{
	(void)snprintf(engine, CONTAINER_ENGINE_MAX, "%s", name);
}

static void read_containerd(struct evidence *ev, const struct container_ref *ref,
			    struct container *c)
{
	char path[SYSFS_PATH_MAX], scope[CONTAINER_ID_MAX];

	if (!find_task(ev->root, ref, path, scope))
		return;
	if (strcmp(scope, "moby") == 0) {
		set_engine(c->engine, "docker");
		read_docker(ev, ref, c);
	}
	read_oci(ev->root, path, c);
}

static void add_store(const json_t *list, json_t *by_id)
{
	json_t *entry;
	size_t i;

	json_array_foreach(list, i, entry)
	{
		const char *id = json_get_str(entry, "id");

		if (id)
			(void)json_object_set(by_id, id, entry);
	}
}

/* All containers of containers/storage (podman, CRI-O), by id. */
static json_t *store_of(struct evidence *ev, uint32_t uid)
{
	static const char *const drivers[] = { "overlay", "vfs", "btrfs", "zfs" };
	static const char *const files[] = { "containers.json", "volatile-containers.json" };
	json_t *by_id;

	for (size_t i = 0; i < ev->n_stores; i++)
		if (ev->stores[i].uid == uid)
			return ev->stores[i].by_id;
	by_id = ev->n_stores < EVIDENCE_STORES_MAX ? json_object() : NULL;
	if (!by_id)
		return NULL;
	for (size_t i = 0; i < 8; i++) {
		_cleanup_(json_decrefp) json_t *list = NULL;
		char path[SYSFS_PATH_MAX];

		(void)snprintf(path, sizeof(path), "%scontainers/storage/%s-containers/%s",
			       uid ? ROOTLESS : "var/lib/", drivers[i / 2], files[i % 2]);
		list = read_json(ev->root, uid, path);
		add_store(list, by_id);
	}
	ev->stores[ev->n_stores].uid = uid;
	ev->stores[ev->n_stores++].by_id = by_id;
	return by_id;
}

/* The entry's "metadata" is JSON in a text. */
static void read_store(struct evidence *ev, const struct container_ref *ref, struct container *c)
{
	const json_t *entry = json_object_get(store_of(ev, ref->uid), ref->id);
	const char *metadata = json_get_str(entry, "metadata");
	_cleanup_(json_decrefp) json_t *doc = NULL;

	set(c, NAME, json_string_value(json_array_get(json_object_get(entry, "names"), 0)));
	if (!metadata ||
	    json_parse(metadata, strlen(metadata), EVIDENCE_FILE_MAX, "metadata", &doc, NULL) < 0)
		return;
	set(c, IMAGE, json_get_str(doc, "image-name"));
	set(c, POD, json_get_str(doc, "pod-name"));
}

static void read_crio(struct evidence *ev, const struct container_ref *ref, struct container *c)
{
	static const char *const places[] = { "run", "var/lib" };

	for (size_t i = 0; i < sizeof(places) / sizeof(places[0]) && !c->name[0]; i++) {
		char path[SYSFS_PATH_MAX];

		(void)snprintf(path, sizeof(path),
			       "%s/containers/storage/overlay-containers/%s/userdata/config.json",
			       places[i], ref->id);
		read_oci(ev->root, path, c);
	}
	if (!c->name[0] || !c->image[0])
		read_store(ev, ref, c);
}

static bool is_there(int root, const char *dir, const char *id, const char *file)
{
	char path[SYSFS_PATH_MAX];

	(void)snprintf(path, sizeof(path), "%s/%s%s", dir, id, file);
	return file_exists(root, path);
}

/* Names of lxc are its ids. */
static void read_lxc(struct evidence *ev, const struct container_ref *ref, struct container *c)
{
	static const struct {
		const char *engine, *dir;
	} users[] = {
		{ "incus", "var/lib/incus/containers" },
		{ "lxd", "var/snap/lxd/common/lxd/containers" },
		{ "lxd", "var/lib/lxd/containers" },
	};

	for (size_t i = 0; i < sizeof(users) / sizeof(users[0]); i++)
		if (is_there(ev->root, users[i].dir, ref->id, "")) {
			set_engine(c->engine, users[i].engine);
			break;
		}
	set(c, NAME, ref->id);
}

static void read_name_is_id(struct evidence *ev, const struct container_ref *ref,
			    struct container *c)
{
	(void)ev;
	set(c, NAME, ref->id);
}

void evidence_read(struct evidence *ev, const struct container_ref *ref, struct container *c)
{
	static const struct {
		const char *engine;
		void (*read)(struct evidence *ev, const struct container_ref *ref,
			     struct container *c);
	} readers[] = {
		{ "docker", read_docker },
		{ "containerd", read_containerd },
		{ "podman", read_store },
		{ "cri-o", read_crio },
		{ "lxc", read_lxc },
		{ "nspawn", read_name_is_id },
		{ "runc", read_name_is_id },
		{ "crun", read_name_is_id },
		{ "libvirt-lxc", read_name_is_id },
	};

	for (size_t i = 0; i < sizeof(readers) / sizeof(readers[0]); i++)
		if (strcmp(readers[i].engine, ref->engine) == 0)
			readers[i].read(ev, ref, c);
	if (!c->published.n)
		published_of_cni(evidence_cni(ev, ref->id), &c->published);
}

static bool confirms_docker(struct evidence *ev, const struct container_ref *ref)
{
	char path[SYSFS_PATH_MAX];

	return docker_roots_find(docker_roots(ev), ev->root, ref->id, path, sizeof(path));
}

static bool confirms_containerd(struct evidence *ev, const struct container_ref *ref)
{
	char path[SYSFS_PATH_MAX], scope[CONTAINER_ID_MAX];

	return find_task(ev->root, ref, path, scope);
}

static bool confirms_podman(struct evidence *ev, const struct container_ref *ref)
{
	return json_object_get(store_of(ev, ref->uid), ref->id) != NULL;
}

static bool confirms_runc(struct evidence *ev, const struct container_ref *ref)
{
	return is_there(ev->root, "run/runc", ref->id, "/state.json");
}

static bool confirms_crun(struct evidence *ev, const struct container_ref *ref)
{
	return is_there(ev->root, "run/crun", ref->id, "/status");
}

/* runc and crun are told apart by their files alone: a guess of one is one of either. */
bool evidence_confirms(struct evidence *ev, struct container_ref *ref)
{
	static const struct {
		const char *guess, *engine;
		bool (*confirms)(struct evidence *ev, const struct container_ref *ref);
	} rows[] = {
		{ "", "docker", confirms_docker },
		{ "", "containerd", confirms_containerd },
		{ "", "podman", confirms_podman },
		{ "containerd", "containerd", confirms_containerd },
		{ "runc", "runc", confirms_runc },
		{ "runc", "crun", confirms_crun },
		{ "", "runc", confirms_runc },
		{ "", "crun", confirms_crun },
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		if (strcmp(rows[i].guess, ref->engine) == 0 && rows[i].confirms(ev, ref)) {
			set_engine(ref->engine, rows[i].engine);
			return true;
		}
	return false;
}
