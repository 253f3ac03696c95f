/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Section 3 of the Docker Benchmark: owners and modes as sets of bits. */
#include "audit-fixture.h"
#include "audit/inside.h"
#include "fake-docker.h"
#include <errno.h>

#define SETTINGS \
	"{\"tlscacert\": \"/pki/ca.pem\", \"tlscert\": \"/pki/cert.pem\", \"tlskey\": \"/pki/key.pem\"}"

struct file_case {
	const char *owner_id, *mode_id, *path;
	mode_t most;
};

static const struct file_case cases[] = {
	{ "3.1", "3.2", "lib/systemd/system/docker.service", 0644 },
	{ "3.3", "3.4", "lib/systemd/system/docker.socket", 0644 },
	{ "3.5", "3.6", "etc/docker", 0755 },
	{ "3.7", "3.8", "etc/docker/certs.d/r.example/ca.crt", 0444 },
	{ "3.9", "3.10", "pki/ca.pem", 0444 },
	{ "3.11", "3.12", "pki/cert.pem", 0444 },
	{ "3.13", "3.14", "pki/key.pem", 0400 },
	{ "3.15", "3.16", "run/docker.sock", 0660 },
	{ "3.17", "3.18", DAEMON_JSON, 0644 },
	{ "3.19", "3.20", "etc/default/docker", 0644 },
	{ "3.22", "3.21", "etc/sysconfig/docker", 0644 },
	{ "3.23", "3.24", "run/containerd/containerd.sock", 0660 },
	{ "containerd.config-owner", "containerd.config-mode", "etc/containerd/config.toml", 0644 },
	{ NULL, "containerd.state-mode", "run/containerd", 0711 },
	{ NULL, "containerd.root-mode", "var/lib/containerd", 0711 },
	{ NULL, "docker.root-mode", "var/lib/docker", 0711 },
	{ "crio.socket-owner", "crio.socket-mode", "run/crio/crio.sock", 0660 },
	{ NULL, "crio.config-mode", "etc/crio/crio.conf", 0644 },
	{ "podman.socket-owner", "podman.socket-mode", "run/podman/podman.sock", 0660 },
	{ NULL, "podman.config-mode", "etc/containers/containers.conf", 0644 },
	{ NULL, "podman.policy-mode", "etc/containers/policy.json", 0644 },
};

/* Everything is there, and as it should be. */
static int new_host(void)
{
	int root = docker_new("", SETTINGS);

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct oak_error err;

		if (strcmp(cases[i].path, DAEMON_JSON) == 0)
			continue;
		if (cases[i].most & 0100)
			EXPECT(dir_make(root, cases[i].path, &err) == 0);
		else
			tree_put(root, cases[i].path, "x");
	}
	EXPECT(dir_make(root, "var", NULL) == 0);
	EXPECT(symlinkat("/run", root, "var/run") == 0);
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
		EXPECT(fchmodat(root, cases[i].path, cases[i].most, 0) == 0);
	return root;
}

/* Modes that are "less" as decimal numbers, and give more: docker-bench passes 602, 626 and 577. */
TEST(files_have_modes_of_bits)
{
	static const mode_t worse[] = { 0602, 0626, 0577, 0666, 0777, 0662 };
	const char *ids[2 * sizeof(cases) / sizeof(cases[0])];
	_cleanup_(closep) int root = new_host();
	size_t n = 0;

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		const struct file_case *c = &cases[i];

		test_case = ids[n++] = c->mode_id;
		expect_verdict(root, c->mode_id, AUDIT_PASS);
		for (size_t k = 0; k < sizeof(worse) / sizeof(worse[0]); k++) {
			EXPECT(fchmodat(root, c->path, worse[k], 0) == 0);
			expect_verdict(root, c->mode_id,
				       (worse[k] & ~c->most) ? AUDIT_FAIL : AUDIT_PASS);
		}
		/* Less is fine; so are bits that docker-bench stumbles over. */
		EXPECT(fchmodat(root, c->path, 02000 | (c->most & 0500), 0) == 0);
		expect_verdict(root, c->mode_id, AUDIT_PASS);
		EXPECT(fchmodat(root, c->path, c->most, 0) == 0);
		if (c->owner_id)
			ids[n++] = c->owner_id;
	}
	expect_all_of("engine-files", ids, n);
}

TEST(files_have_owners)
{
	_cleanup_(closep) int root = -1;

	if (geteuid() != 0)
		return; /* only root gives files away */
	root = new_host();
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		const struct file_case *c = &cases[i];

		if (!c->owner_id)
			continue;
		test_case = c->owner_id;
		EXPECT(fchownat(root, c->path, 0, 0, 0) == 0);
		expect_verdict(root, c->owner_id, AUDIT_PASS);
		EXPECT(fchownat(root, c->path, 0, 999, 0) == 0);
		expect_verdict(root, c->owner_id, AUDIT_FAIL);
		EXPECT(fchownat(root, c->path, 1000, 0, 0) == 0);
		expect_verdict(root, c->owner_id, AUDIT_FAIL);
	}
	test_case = NULL;
	/* docker's group, by whatever name. */
	tree_put(root, "etc/group", "docker:x:999:\nwheel:x:10:\n");
	EXPECT(fchownat(root, "run/docker.sock", 0, 999, 0) == 0);
	expect_finding(root, "3.15", "pass: /var/run/docker.sock: owner 0:999");
	EXPECT(fchownat(root, "run/docker.sock", 0, 10, 0) == 0);
	expect_verdict(root, "3.15", AUDIT_FAIL);
	tree_put(root, DAEMON_JSON, "{\"group\": \"wheel\"}");
	expect_verdict(root, "3.15", AUDIT_PASS);
	/* The user of a rootless daemon. */
	EXPECT(fchownat(root, "run/docker.sock", 1000, 1000, 0) == 0);
	expect_verdict(root, "3.15", AUDIT_FAIL);
	proc_put(root, 100, "status", "Name:\tdockerd\nUid:\t1000\t1000\t1000\t1000\n");
	expect_verdict(root, "3.15", AUDIT_PASS);
}

/* docker-bench says "File not found" of a socket that is elsewhere. */
TEST(files_are_found_where_the_daemon_has_them)
{
	_cleanup_(closep) int root = new_host();

	tree_put(root, "srv/mine.sock", "x");
	EXPECT(fchmodat(root, "srv/mine.sock", 0666, 0) == 0);
	docker_put_process(root, 100, "/usr/bin/dockerd", "dockerd\n-H\nunix:///srv/mine.sock");
	expect_finding(root, "3.16", "fail: /srv/mine.sock: mode 0666, at most 0660");
	EXPECT(symlinkat("/srv/mine.sock", root, "run/linked.sock") == 0);
	docker_put_process(root, 100, "/usr/bin/dockerd", "dockerd\n-H\nunix:///run/linked.sock");
	expect_finding(root, "3.16", "fail: /run/linked.sock: mode 0666, at most 0660");
	docker_put_process(root, 100, "/usr/bin/dockerd", "dockerd\n-H\nunix:///run/none.sock");
	expect_verdict(root, "3.16", AUDIT_INAPPLICABLE);
	/* One of several is enough. */
	docker_put_process(root, 100, "/usr/bin/dockerd",
			   "dockerd\n-H\nfd://\n-H\nunix:///srv/mine.sock");
	expect_verdict(root, "3.16", AUDIT_FAIL);
	/* A certificate of any registry. */
	tree_put(root, "etc/docker/certs.d/a.example:5000/client.cert", "x");
	EXPECT(fchmodat(root, "etc/docker/certs.d/a.example:5000/client.cert", 0446, 0) == 0);
	expect_verdict(root, "3.8", AUDIT_FAIL);
	tree_drop(root, "etc/docker/certs.d");
	expect_finding(root, "3.8", "not-applicable: /etc/docker/certs.d: not here");
}

/* Links of a tree lead to files of the tree. */
TEST(files_are_inside_the_root)
{
	_cleanup_(closep) int root = tree_new();
	_cleanup_(buf_free) struct buf b = { 0 };
	json_t *j = NULL;
	struct stat st;

	tree_put(root, "a/real", "inside");
	EXPECT(symlinkat("/a/real", root, "link") == 0);
	EXPECT(symlinkat("../../../../a/real", root, "up") == 0);
	EXPECT(symlinkat("loop", root, "loop") == 0);
	EXPECT(inside_read(root, "/link", 100, &b) == 0);
	EXPECT_STR(buf_str(&b), "inside");
	EXPECT(inside_stat(root, "up", &st) == 0);
	EXPECT(inside_stat(root, "/", &st) == 0 && S_ISDIR(st.st_mode));
	EXPECT(inside_stat(root, "none", &st) == -ENOENT);
	EXPECT(inside_read(root, "loop", 100, &b) == -ELOOP);
	EXPECT(inside_read(root, "a", 100, &b) == -EINVAL);
	EXPECT(inside_read(root, "link", 3, &b) == -EFBIG);
	EXPECT(inside_read_json(root, "link", 100, &j) == -EBADMSG && !j);
}
