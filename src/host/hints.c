/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "host/hints.h"

#include <stdio.h>
#include <string.h>

#define HEX_ID 64

/* In the root of a mount, "/var/lib/docker/containers/<id>/hostname": what stands around the id. */
static const struct {
	const char *before, *after, *engine;
} marks[] = {
	{ "/containers/", "/hostname", "docker" },
	{ "/containers/", "/hosts", "docker" },
	{ "/containers/", "/resolv.conf", "docker" },
	{ "-containers/", "/userdata/", "podman" },
	{ "/io.containerd.grpc.v1.cri/sandboxes/", "/", "containerd" },
};

static bool copy_hex_id(const char *p, char ret[CONTAINER_ID_MAX])
{
	size_t n = strspn(p, "0123456789abcdef");

	if (n != HEX_ID)
		return false;
	memcpy(ret, p, n);
	ret[n] = '\0';
	return true;
}

/* One root, ended by a blank. */
static bool match_root(const char *root, size_t len, struct container_ref *ret)
{
	for (size_t i = 0; i < sizeof(marks) / sizeof(marks[0]); i++) {
		const char *at = memmem(root, len, marks[i].before, strlen(marks[i].before));

		if (!at)
			continue;
		at += strlen(marks[i].before);
		if ((size_t)(root + len - at) < HEX_ID + strlen(marks[i].after) ||
		    !copy_hex_id(at, ret->id) ||
		    strncmp(at + HEX_ID, marks[i].after, strlen(marks[i].after)) != 0)
			continue;
		(void)snprintf(ret->engine, sizeof(ret->engine), "%s", marks[i].engine);
		return true;
	}
	return false;
}

bool hint_of_mounts(const char *text, struct container_ref *ret)
{
	struct container_ref ref = { .uid = 0 };
	bool found = false, kubelet = false;

	for (const char *line = text; *line; line += strcspn(line, "\n"), line += *line == '\n') {
		const char *root = line;
		size_t len;

		/* The fourth word. */
		for (int i = 0; i < 3; i++) {
			root += strcspn(root, " \n");
			root += *root == ' ';
		}
		len = strcspn(root, " \n");
		found = found || match_root(root, len, &ref);
		kubelet = kubelet || memmem(root, len, "/kubelet/pods/", 14);
	}
	if (!found)
		return false;
	/* Both keep their containers in containers/storage. */
	if (kubelet && strcmp(ref.engine, "podman") == 0)
		(void)snprintf(ref.engine, sizeof(ref.engine), "cri-o");
	*ret = ref;
	return true;
}

struct argv {
	const char *p;
	size_t len;
};

/* The next argument, or NULL. */
static const char *next(struct argv *a)
{
	const char *arg = a->p, *end = a->len ? memchr(arg, '\0', a->len) : NULL;

	if (!end)
		return NULL;
	a->len -= (size_t)(end + 1 - arg);
	a->p = end + 1;
	return arg;
}

/* The value of "-name V", "--name V", "-name=V" or "--name=V"; "" where it is not given. */
static const char *option(struct argv a, const char *name)
{
	const char *arg;

	while ((arg = next(&a))) {
		const char *dashes = arg;

		arg += strspn(arg, "-");
		if (arg == dashes || strncmp(arg, name, strlen(name)) != 0)
			continue;
		arg += strlen(name);
		if (*arg == '=')
			return arg + 1;
		arg = *arg ? NULL : next(&a);
		if (arg)
			return arg;
	}
	return "";
}

static bool is_given(struct argv a, const char *part)
{
	const char *arg;

	while ((arg = next(&a)))
		if (strstr(arg, part))
			return true;
	return false;
}

static bool set_id(const char *id, const char *engine, struct hint *h)
{
	if (!container_id_is_valid(id))
		return false;
	(void)snprintf(h->ref.id, sizeof(h->ref.id), "%.127s", id);
	(void)snprintf(h->ref.engine, sizeof(h->ref.engine), "%s", engine);
	return true;
}

static bool of_shim(const char *base, struct argv a, struct hint *h)
{
	const char *scope = option(a, "namespace");

	if (container_id_is_valid(scope))
		(void)snprintf(h->ref.scope, sizeof(h->ref.scope), "%.127s", scope);
	if (strstr(base, "kata"))
		(void)snprintf(h->vm, sizeof(h->vm), "kata");
	else if (strstr(base, "firecracker"))
		(void)snprintf(h->vm, sizeof(h->vm), "firecracker");
	/* The namespace that docker has there. */
	return set_id(option(a, "id"), strcmp(scope, "moby") == 0 ? "docker" : "containerd", h);
}

static bool of_conmon(const char *base, struct argv a, struct hint *h)
{
	const char *id = option(a, "c");

	(void)base;
	(void)snprintf(h->name, sizeof(h->name), "%.127s", option(a, "n"));
	return set_id(*id ? id : option(a, "cid"), is_given(a, "/crio") ? "cri-o" : "podman", h);
}

static bool of_firecracker(const char *base, struct argv a, struct hint *h)
{
	const char *id = option(a, "id");

	(void)base;
	(void)snprintf(h->vm, sizeof(h->vm), "firecracker");
	return set_id(*id ? id : "anonymous-instance", "firecracker", h);
}

static bool of_nspawn(const char *base, struct argv a, struct hint *h)
{
	const char *id = option(a, "machine");

	(void)base;
	return set_id(*id ? id : option(a, "M"), "nspawn", h);
}

/* One text: "[lxc monitor] /var/lib/lxc web". */
static bool of_lxc(const char *base, struct argv a, struct hint *h)
{
	const char *blank = strrchr(base, ' ');

	(void)a;
	return blank && set_id(blank + 1, "lxc", h);
}

bool hint_of_argv(const char *argv, size_t len, struct hint *ret)
{
	static const struct {
		const char *program; /* how its name begins */
		bool (*read)(const char *base, struct argv a, struct hint *h);
	} rows[] = {
		{ "containerd-shim", of_shim },    { "conmon", of_conmon },
		{ "firecracker", of_firecracker }, { "systemd-nspawn", of_nspawn },
		{ "[lxc monitor]", of_lxc },
	};
	struct argv a = { argv, len };
	const char *program = next(&a), *slash = program ? strrchr(program, '/') : NULL;
	struct hint h = { .name = "" };

	if (!program)
		return false;
	/* A title has blanks and slashes of its own. */
	if (slash && program[0] != '[')
		program = slash + 1;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		if (strncmp(program, rows[i].program, strlen(rows[i].program)) == 0 &&
		    rows[i].read(program, a, &h)) {
			*ret = h;
			return true;
		}
	return false;
}
