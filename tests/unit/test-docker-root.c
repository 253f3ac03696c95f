/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Where daemons of docker keep their containers: one or two of them, with and without mapped users. */
#include "fake-proc.h"

#include "host/container.h"
#include "host/docker-root.h"

static void list(int root, struct container_list *l)
{
	struct oak_error err = { .code = OAK_OK };
	size_t n = 0;

	EXPECT(container_list_read(root, l, &err) == 0);
	EXPECT(container_count(root, &n, &err) == 0);
	EXPECT(n == l->n);
}

static void expect_text(const struct container *c, const char *want)
{
	char text[1024];

	container_text(c, text, sizeof(text));
	EXPECT_STR(text, want);
}

/* Where the running daemon keeps its containers, if it is root's. */
TEST(container_of_a_daemon_with_a_root_of_its_own)
{
	_cleanup_(closep) int root = tree_new();
	static const char argv[] = "dockerd\0-H\0fd://\0--data-root\0/srv/d";
	struct stat st;

	tree_put(root, "srv/d/containers/" ID_A "/config.v2.json", "{\"Name\": \"/web\"}");
	tree_put_bytes(root, "proc/30/cmdline", argv, sizeof(argv));
	tree_put(root, "proc/30/comm", "dockerd\n");
	tree_put(root, "proc/30/cgroup", "0::/system.slice/docker.service\n");
	EXPECT(fstatat(root, "proc/30/comm", &st, 0) == 0);
	/* "expect_one()" makes a /proc of its own. */
	proc_new_host(root);
	proc_new(root, 50, "0::/docker/" ID_A "\n", "\t1");
	{
		_cleanup_(container_list_free) struct container_list l = { 0 };

		list(root, &l);
		EXPECT(l.n == 1);
		expect_text(&l.containers[0], st.st_uid == 0 ? "docker container web"
							     : "docker container aaaaaaaaaaaa");
	}
	/* There may be another that was told nothing. */
	tree_drop(root, "srv/d/containers");
	tree_put(root, "var/lib/docker/containers/" ID_A "/config.v2.json", "{\"Name\": \"/db\"}");
	{
		_cleanup_(container_list_free) struct container_list l = { 0 };

		list(root, &l);
		EXPECT(l.n == 1);
		expect_text(&l.containers[0], "docker container db");
	}
}

/* A daemon that maps users, beside one that does not, and was told nothing. */
TEST(container_of_each_of_two_daemons)
{
	_cleanup_(closep) int root = tree_new();
	static const char argv[] = "dockerd\0--data-root=/srv/d\0--userns-remap=default";
	_cleanup_(container_list_free) struct container_list l = { 0 };
	struct docker_roots roots;
	char dir[DOCKER_ROOT_MAX];
	struct stat st;

	tree_put(root, "srv/d/100000.100000/containers/" ID_A "/config.v2.json",
		 "{\"Name\": \"/mapped\"}");
	tree_put(root, "srv/d/1.2.3/containers/x/config.v2.json", "{}");
	tree_put(root, "var/lib/docker/containers/" ID_B "/config.v2.json",
		 "{\"Name\": \"/plain\"}");
	tree_put_bytes(root, "proc/30/cmdline", argv, sizeof(argv));
	tree_put(root, "proc/30/comm", "dockerd\n");
	tree_put(root, "proc/30/cgroup", "0::/system.slice/docker.service\n");
	EXPECT(fstatat(root, "proc/30/comm", &st, 0) == 0);
	if (st.st_uid != 0)
		return;
	proc_new_host(root);
	proc_new(root, 50, "0::/docker/" ID_A "\n", "\t1");
	proc_new(root, 60, "0::/docker/" ID_B "\n", "\t1");
	list(root, &l);
	EXPECT(l.n == 2);
	expect_text(&l.containers[0], "docker container mapped");
	expect_text(&l.containers[1], "docker container plain");

	docker_roots_read(root, NULL, NULL, &roots);
	EXPECT(roots.n == 3);
	EXPECT(!docker_roots_find(&roots, root, "x", dir, sizeof(dir)));
	EXPECT(docker_root_remapped(root, "srv/d", "containers", dir, sizeof(dir)));
	EXPECT_STR(dir, "srv/d/100000.100000");
	EXPECT(!docker_root_remapped(root, "var/lib/docker", "containers", dir, sizeof(dir)));
}
