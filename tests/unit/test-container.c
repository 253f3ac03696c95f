/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Containers of a fake /proc, named by the files that the engines leave. */
#include "fake-proc.h"

#include <unistd.h>

#include "host/container.h"

#define TASKS "run/containerd/io.containerd.runtime.v2.task"

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

/* One container with the cgroup @cgroup, as text. */
static void expect_one(int root, const char *cgroup, const char *want)
{
	_cleanup_(container_list_free) struct container_list l = { 0 };

	test_case = want;
	tree_drop(root, "proc");
	proc_new_host(root);
	proc_new(root, 50, cgroup, "\t1");
	list(root, &l);
	EXPECT(l.n == 1);
	EXPECT(l.containers[0].init == 50);
	expect_text(&l.containers[0], want);
	test_case = NULL;
}

TEST(container_none)
{
	_cleanup_(closep) int root = tree_new();
	_cleanup_(container_list_free) struct container_list l = { 0 };
	struct oak_error err = { .code = OAK_OK };

	EXPECT(container_list_read(root, &l, &err) == -OAK_E_IO);
	EXPECT_STR(err.msg, "/proc: No such file or directory");
	proc_new_host(root);
	list(root, &l);
	EXPECT(l.n == 0);
}

TEST(container_counts_tasks_and_finds_init)
{
	_cleanup_(closep) int root = tree_new();
	_cleanup_(container_list_free) struct container_list l = { 0 };

	proc_new_host(root);
	/* The pids have wrapped: what was executed later has the lower one. */
	proc_new(root, 40, "0::/docker/" ID_A "\n", "\t17");
	proc_new(root, 900, "0::/docker/" ID_A "/init.scope\n", "\t1");
	proc_put(root, 900, "task/901/comm", "x\n");
	proc_put(root, 900, "task/902/comm", "x\n");
	proc_new(root, 60, "0::/docker/" ID_B "\n", "\t1");
	proc_new(root, 61, "0::/system.slice/docker.service\n", "");
	list(root, &l);
	EXPECT(l.n == 2);
	EXPECT(l.containers[0].init == 60 && l.containers[0].tasks == 1);
	EXPECT_STR(l.containers[0].id, ID_B);
	EXPECT(l.containers[1].init == 900 && l.containers[1].tasks == 4);
	EXPECT_STR(l.containers[1].engine, "docker");
	expect_text(&l.containers[1], "docker container aaaaaaaaaaaa");
}

TEST(container_of_docker)
{
	_cleanup_(closep) int root = tree_new();

	tree_put(root, "etc/docker/daemon.json", "{\"data-root\": \"/data/docker\"}");
	tree_put(root, "data/docker/containers/" ID_A "/config.v2.json",
		 "{\"Name\": \"/web\", \"Image\": \"sha256:00\", \"Config\": {\"Image\": \"nginx:1.25\"}}");
	expect_one(root, "0::/system.slice/docker-" ID_A ".scope\n",
		   "docker container web (image nginx:1.25)");
}

TEST(container_of_docker_in_kubernetes)
{
	_cleanup_(closep) int root = tree_new();

	tree_put(root, "var/lib/docker/containers/" ID_A "/config.v2.json",
		 "{\"Name\": \"/k8s_app_x\", \"Config\": {\"Image\": \"i\", \"Labels\": {"
		 "\"io.kubernetes.container.name\": \"app\", \"io.kubernetes.pod.name\": \"x-0\", "
		 "\"io.kubernetes.pod.namespace\": \"prod\"}}}");
	expect_one(root, "0::/x/docker-" ID_A ".scope\n",
		   "docker container app of pod prod/x-0 (image i)");
}

TEST(container_of_a_cgroup_parent)
{
	_cleanup_(closep) int root = tree_new();

	tree_put(root, "var/lib/docker/containers/" ID_A "/config.v2.json", "{\"Name\": \"/db\"}");
	expect_one(root, "0::/tenant7/" ID_A "\n", "docker container db");
}

TEST(container_of_kubernetes)
{
	_cleanup_(closep) int root = tree_new();

	tree_put(root, TASKS "/k8s.io/" ID_A "/config.json",
		 "{\"annotations\": {\"io.kubernetes.cri.container-name\": \"app\", "
		 "\"io.kubernetes.cri.image-name\": \"docker.io/library/redis:7\", "
		 "\"io.kubernetes.cri.sandbox-name\": \"cache-0\", "
		 "\"io.kubernetes.cri.sandbox-namespace\": \"prod\"}}");
	expect_one(root, "0::/kubepods/pod6c02d2ac-4b2c-4d1b-a6e7-6f1d6e3c8f10/" ID_A "\n",
		   "containerd container app of pod prod/cache-0 (image docker.io/library/redis:7)");
}

TEST(container_of_a_pod_that_no_file_names)
{
	_cleanup_(closep) int root = tree_new();

	expect_one(root, "0::/kubepods/pod6c02d2ac-4b2c-4d1b-a6e7-6f1d6e3c8f10/" ID_A "\n",
		   "containerd container aaaaaaaaaaaa of pod 6c02d2ac-4b2c-4d1b-a6e7-6f1d6e3c8f10");
}

TEST(container_of_containerd)
{
	_cleanup_(closep) int root = tree_new();

	tree_put(root, TASKS "/default/" ID_A "/config.json",
		 "{\"annotations\": {\"nerdctl/name\": \"web\"}}");
	expect_one(root, "0::/system.slice/nerdctl-" ID_A ".scope\n", "containerd container web");
	/* docker's, by the namespace of its own. */
	tree_put(root, TASKS "/moby/" ID_B "/config.json", "{}");
	tree_put(root, "var/lib/docker/containers/" ID_B "/config.v2.json", "{\"Name\": \"/old\"}");
	expect_one(root, "0::/kubepods/pod6c02d2ac-4b2c-4d1b-a6e7-6f1d6e3c8f10/" ID_B "\n",
		   "docker container old of pod 6c02d2ac-4b2c-4d1b-a6e7-6f1d6e3c8f10");
	/* "ctr run": nothing but the file tells. */
	tree_put(root, TASKS "/default/cc1/config.json", "{}");
	expect_one(root, "0::/default/cc1\n", "containerd container cc1");
}

TEST(container_of_podman)
{
	_cleanup_(closep) int root = tree_new();

	tree_put(root, STORE,
		 "[{\"id\": \"" ID_B "\", \"names\": [\"other\"]}, {\"id\": \"" ID_A
		 "\", \"names\": [\"web\"], "
		 "\"metadata\": \"{\\\"image-name\\\":\\\"docker.io/library/nginx:1.25\\\"}\"}]");
	expect_one(root, "0::/machine.slice/libpod-" ID_A ".scope/container\n",
		   "podman container web (image docker.io/library/nginx:1.25)");
	expect_one(root, "0::/machine.slice/libpod-" ID_B ".scope\n", "podman container other");
}

TEST(container_of_a_user)
{
	_cleanup_(closep) int root = tree_new();

	tree_put(root, "etc/passwd",
		 "root:x:0:0:root:/root:/bin/sh\nbroken\nann:x:1000:1000::/home/ann:/bin/sh\n");
	tree_put(root, "home/ann/.local/share/containers/storage/vfs-containers/containers.json",
		 "[{\"id\": \"" ID_A "\", \"names\": [\"hers\"]}]");
	expect_one(root,
		   "0::/user.slice/user-1000.slice/user@1000.service/user.slice/libpod-" ID_A
		   ".scope/container\n",
		   "podman container hers");
}

TEST(container_of_crio)
{
	_cleanup_(closep) int root = tree_new();

	tree_put(root, "run/containers/storage/overlay-containers/" ID_A "/userdata/config.json",
		 "{\"annotations\": {\"io.kubernetes.container.name\": \"app\", "
		 "\"io.kubernetes.cri-o.ImageName\": \"quay.io/a:1\", "
		 "\"io.kubernetes.pod.name\": \"a-0\", \"io.kubernetes.pod.namespace\": \"ns\"}}");
	expect_one(root, "0::/kubepods.slice/crio-" ID_A ".scope\n",
		   "cri-o container app of pod ns/a-0 (image quay.io/a:1)");
}

TEST(container_of_other_engines)
{
	static const struct {
		const char *file, *cgroup, *want;
	} cases[] = {
		{ "run/runc/web/state.json", "4:memory:/web\n0::/\n", "runc container web" },
		{ "run/crun/web/status", "0::/web\n", "crun container web" },
		{ "run/runc/a-1/state.json", "0::/system.slice/pre-a-1.scope\n",
		  "runc container a-1" },
		{ "var/lib/lxc/c1/config", "0::/lxc.payload.c1\n", "lxc container c1" },
		{ "var/lib/incus/containers/c1/x", "0::/lxc.payload.c1/a\n", "incus container c1" },
		{ "run/systemd/machines/d", "0::/machine.slice/systemd-nspawn@d.service/payload\n",
		  "nspawn container d" },
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		_cleanup_(closep) int root = tree_new();

		tree_put(root, cases[i].file, "{}");
		expect_one(root, cases[i].cgroup, cases[i].want);
	}
}

/* Without a cgroup of its own: --cgroups=disabled, or an engine that nobody knows. */
TEST(container_unknown)
{
	static const struct {
		const char *cgroup, *mnt, *pid, *mounts;
		size_t n;
	} cases[] = {
		{ "0::/system.slice/foo.service\n", "mnt:[7]", "pid:[402]", OWN_MOUNTS, 1 },
		/* A service with private mounts; one that has its own root too. */
		{ "0::/system.slice/foo.service\n", "mnt:[7]", "pid:[1]", HOST_MOUNTS, 0 },
		{ "0::/system.slice/foo.service\n", "mnt:[7]", "pid:[1]", OWN_MOUNTS, 0 },
		/* unshare --pid --mount: the root is the host's. */
		{ "0::/\n", "mnt:[7]", "pid:[402]", HOST_MOUNTS, 0 },
		{ "0::/\n", "mnt:[1]", "pid:[402]", OWN_MOUNTS, 0 },
		{ "0::/\n", "mnt:[7]", "pid:[402]", "", 0 },
		{ "0::/\n", "mnt:[7]", "pid:[402]", "no mount table\n1 2\n", 0 },
		/* A program in a sandbox; a monitor. */
		{ "0::/user.slice/app-flatpak-a-1.scope\n", "mnt:[7]", "pid:[402]", OWN_MOUNTS, 0 },
		{ "0::/m/libpod-conmon-" ID_A ".scope\n", "mnt:[7]", "pid:[402]", OWN_MOUNTS, 0 },
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		_cleanup_(closep) int root = tree_new();
		_cleanup_(container_list_free) struct container_list l = { 0 };

		test_case = cases[i].cgroup;
		proc_new_host(root);
		proc_new(root, 50, cases[i].cgroup, "\t1");
		proc_new_ns(root, 50, cases[i].mnt, cases[i].pid, cases[i].mounts);
		proc_new(root, 51, cases[i].cgroup, "\t2");
		proc_new_ns(root, 51, cases[i].mnt, cases[i].pid, cases[i].mounts);
		list(root, &l);
		EXPECT(l.n == cases[i].n);
		if (l.n) {
			EXPECT(l.containers[0].tasks == 2);
			expect_text(&l.containers[0], "unknown container pid-402");
		}
	}
	test_case = NULL;
}

/* Files of others: damaged, hostile, endless, or no files at all. */
TEST(container_survives_hostile_files)
{
	_cleanup_(closep) int root = tree_new();
	struct oak_error err;

	tree_put(root, STORE,
		 "[1, {\"id\": 7}, {\"id\": \"" ID_A "\", \"names\": \"web\", "
		 "\"metadata\": \"{\\\"image-name\\\": [1]}\"}]");
	expect_one(root, "0::/libpod-" ID_A "\n", "podman container aaaaaaaaaaaa");
	tree_put(root, STORE,
		 "[{\"id\": \"" ID_A "\", \"names\": [\"a\\u001b[2J\\u0007\\u00e9\"]}]");
	expect_one(root, "0::/libpod-" ID_A "\n", "podman container a?[2J???");
	tree_put(root, STORE, "{{{{");
	expect_one(root, "0::/libpod-" ID_A "\n", "podman container aaaaaaaaaaaa");
	tree_drop(root, STORE);
	/* Nobody writes to it: opening it must not wait. */
	EXPECT(mkfifoat(root, STORE, 0644) == 0);
	expect_one(root, "0::/libpod-" ID_A "\n", "podman container aaaaaaaaaaaa");
	tree_drop(root, STORE);
	EXPECT(dir_make(root, STORE, &err) == 0);
	expect_one(root, "0::/libpod-" ID_A "\n", "podman container aaaaaaaaaaaa");
}

/* A user cannot have root read what is not in the user's home. */
TEST(container_of_a_user_who_cheats)
{
	_cleanup_(closep) int root = tree_new();
	struct oak_error err;

	tree_put(root, "etc/passwd", "ann:x:1000:1000::/home/ann:/bin/sh\n");
	tree_put(root, "secret/overlay-containers/containers.json",
		 "[{\"id\": \"" ID_A "\", \"names\": [\"stolen\"]}]");
	EXPECT(dir_make(root, "home/ann/.local/share/containers", &err) == 0);
	EXPECT(symlinkat("../../../../../secret", root,
			 "home/ann/.local/share/containers/storage") == 0);
	expect_one(root,
		   "0::/user.slice/user-1000.slice/user@1000.service/user.slice/libpod-" ID_A
		   ".scope\n",
		   "podman container aaaaaaaaaaaa");
}

TEST(container_of_a_user_is_none_of_roots)
{
	_cleanup_(closep) int root = tree_new();
	_cleanup_(container_list_free) struct container_list l = { 0 };

	tree_put(root, STORE, "[{\"id\": \"" ID_A "\", \"names\": [\"bank\"]}]");
	proc_new_host(root);
	proc_new(root, 50, "0::/machine.slice/libpod-" ID_A ".scope\n", "\t1");
	proc_new(root, 51, "0::/user.slice/user-7.slice/user@7.service/libpod-" ID_A ".scope\n", "");
	list(root, &l);
	EXPECT(l.n == 2);
	expect_text(&l.containers[0], "podman container bank");
	expect_text(&l.containers[1], "podman container aaaaaaaaaaaa");
}

TEST(container_text_fits)
{
	struct container c = { .engine = "podman", .id = ID_A, .name = "web" };
	char tiny[12];

	container_text(&c, tiny, sizeof(tiny));
	EXPECT_STR(tiny, "podman cont");
}
