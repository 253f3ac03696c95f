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

/* The daemon maps users: all lies one folder deeper. Another mapping came before. */
TEST(container_of_docker_with_mapped_users)
{
	_cleanup_(closep) int root = tree_new();

	tree_put(root, "var/lib/docker/1000.1000/containers/" ID_B "/config.v2.json", "{}");
	tree_put(root, "var/lib/docker/x.1/containers/" ID_A "/config.v2.json",
		 "{\"Name\": \"/not\"}");
	tree_put(root, "var/lib/docker/231072.231072/containers/" ID_A "/config.v2.json",
		 "{\"Name\": \"/web\"}");
	expect_one(root, "0::/system.slice/docker-" ID_A ".scope\n", "docker container web");
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

/* A name in the host's namespaces is no container: anybody may call a cgroup so. */
TEST(container_needs_namespaces)
{
	_cleanup_(closep) int root = tree_new();
	_cleanup_(container_list_free) struct container_list l = { 0 };

	proc_new_host(root);
	proc_new(root, 50, "0::/system.slice/docker-" ID_A ".scope\n", "");
	proc_new_ns(root, 50, "mnt:[1]", "pid:[1]", HOST_MOUNTS);
	proc_new(root, 51, "0::/system.slice/docker-" ID_B ".scope\n", "");
	proc_new_ns(root, 51, "mnt:[7]", "pid:[1]", OWN_MOUNTS);
	list(root, &l);
	EXPECT(l.n == 1);
	EXPECT_STR(l.containers[0].id, ID_B);
}

#define MOUNTED(path) OWN_MOUNTS "99 90 254:1 " path " /etc/hosts rw - ext4 /dev/vda1 rw\n"

/* Without a word of its cgroup: the engine's own files are mounted into it. */
TEST(container_by_its_mounts)
{
	static const struct {
		const char *mounts, *pid_ns, *want;
	} cases[] = {
		{ MOUNTED("/var/lib/docker/containers/" ID_A "/hosts"), "pid:[402]",
		  "docker container web" },
		/* --pid=host */
		{ MOUNTED("/var/lib/docker/containers/" ID_A "/hosts"), "pid:[1]",
		  "docker container web" },
		{ MOUNTED("/run/containers/storage/overlay-containers/" ID_A "/userdata/hosts"),
		  "pid:[402]", "podman container hers" },
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		_cleanup_(closep) int root = tree_new();
		_cleanup_(container_list_free) struct container_list l = { 0 };

		test_case = cases[i].mounts;
		tree_put(root, "var/lib/docker/containers/" ID_A "/config.v2.json",
			 "{\"Name\": \"/web\"}");
		tree_put(root, STORE, "[{\"id\": \"" ID_A "\", \"names\": [\"hers\"]}]");
		proc_new_host(root);
		proc_new(root, 50, "0::/../..\n", "\t1");
		proc_new_ns(root, 50, "mnt:[7]", cases[i].pid_ns, cases[i].mounts);
		list(root, &l);
		EXPECT(l.n == 1);
		expect_text(&l.containers[0], cases[i].want);
	}
	test_case = NULL;
}

/* A process with a parent; the fixture's have none. */
static void proc_child(int root, int pid, int parent)
{
	char text[1024];

	(void)snprintf(text, sizeof(text),
		       "Name:\tx\nPPid:\t%d\nUid:\t0\t0\t0\t0\nGid:\t0\t0\t0\t0\n"
		       "NSpid:\t%d\t1\nCapInh:\t0\nCapPrm:\t0\nCapEff:\t0\nCapBnd:\t0\nCapAmb:\t0\n",
		       parent, pid);
	proc_put(root, pid, "status", text);
}

/* ... or the monitor that started it was told who it is. */
TEST(container_by_its_monitor)
{
	static const struct {
		const char *argv, *want;
		size_t len;
	} cases[] = {
		{ "conmon\0-c\0" ID_A "\0-n\0web\033", "podman container web?",
		  sizeof("conmon\0-c\0" ID_A "\0-n\0web\033") },
		{ "containerd-shim-runc-v2\0-namespace\0default\0-id\0cc1",
		  "containerd container cc1",
		  sizeof("containerd-shim-runc-v2\0-namespace\0default\0-id\0cc1") },
		{ "[lxc monitor] /var/lib/lxc c1", "lxc container c1",
		  sizeof("[lxc monitor] /var/lib/lxc c1") },
		{ "/bin/sh\0-c\0conmon", "unknown container pid-402",
		  sizeof("/bin/sh\0-c\0conmon") },
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		_cleanup_(closep) int root = tree_new();
		_cleanup_(container_list_free) struct container_list l = { 0 };

		test_case = cases[i].want;
		proc_new_host(root);
		proc_new(root, 40, "0::/x.service\n", "");
		/* An engine may have mounts of its own, as a service has. */
		proc_new_ns(root, 40, "mnt:[6]", "pid:[1]", HOST_MOUNTS);
		tree_put_bytes(root, "proc/40/cmdline", cases[i].argv, cases[i].len);
		proc_new(root, 50, "0::/\n", "\t1");
		proc_child(root, 50, 40);
		proc_new_ns(root, 50, "mnt:[7]", "pid:[402]", OWN_MOUNTS);
		/* A child of it is in it too. */
		proc_new(root, 51, "0::/\n", "\t2");
		proc_child(root, 51, 50);
		proc_new_ns(root, 51, "mnt:[7]", "pid:[402]", OWN_MOUNTS);
		list(root, &l);
		EXPECT(l.n == 1 && l.containers[0].processes == 2);
		expect_text(&l.containers[0], cases[i].want);
	}
	test_case = NULL;
}

/* ... or a runtime's state names its process 1. */
TEST(container_by_a_runtimes_state)
{
	static const struct {
		const char *file, *text, *want;
	} cases[] = {
		{ "run/crun/web/status", "{\"pid\": 50}", "crun container web" },
		{ "run/runc/web/state.json", "{\"init_process_pid\": 50}", "runc container web" },
		{ "run/systemd/machines/deb", "NAME=deb\nLEADER=50\n", "nspawn container deb" },
		{ "run/crun/web/status", "{\"pid\": 51}", "unknown container pid-402" },
		{ "run/crun/web/status", "{\"pid\": \"50\"}", "unknown container pid-402" },
		{ "run/crun/web/status", "{{{", "unknown container pid-402" },
		{ "run/systemd/machines/deb", "LEADER=99999999999\n", "unknown container pid-402" },
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		_cleanup_(closep) int root = tree_new();
		_cleanup_(container_list_free) struct container_list l = { 0 };

		test_case = cases[i].text;
		tree_put(root, cases[i].file, cases[i].text);
		proc_new_host(root);
		proc_new(root, 50, "0::/\n", "\t1");
		proc_new_ns(root, 50, "mnt:[7]", "pid:[402]", OWN_MOUNTS);
		list(root, &l);
		EXPECT(l.n == 1);
		expect_text(&l.containers[0], cases[i].want);
	}
	test_case = NULL;
}

/* In the host's pid namespace nobody is process 1: the first that began is, whatever its number. */
TEST(container_without_process_1)
{
	_cleanup_(closep) int root = tree_new();
	_cleanup_(container_list_free) struct container_list l = { 0 };
	static const struct {
		int pid;
		const char *stat;
	} processes[] = {
		{ 40, "40 (x) S 1 1 1 0 -1 0 1 0 0 0 0 0 0 0 20 0 1 0 900 0\n" },
		{ 50, "50 (x) S 1 1 1 0 -1 0 1 0 0 0 0 0 0 0 20 0 1 0 100 0\n" },
		{ 60, "60 (x) S 1 1 1 0 -1 0 1 0 0 0 0 0 0 0 20 0 1 0 500 0\n" },
	};

	proc_new_host(root);
	for (size_t i = 0; i < 3; i++) {
		proc_new(root, processes[i].pid, "0::/docker/" ID_A "\n", "");
		proc_new_ns(root, processes[i].pid, "mnt:[7]", "pid:[1]", OWN_MOUNTS);
		proc_put(root, processes[i].pid, "stat", processes[i].stat);
	}
	list(root, &l);
	EXPECT(l.n == 1 && l.containers[0].init == 50 && l.containers[0].processes == 3);
}

/* What has a kernel of its own is listed as such, and a program that only says so is not. */
TEST(container_in_a_virtual_machine)
{
	static const char shim[] = "/opt/containerd-shim-kata-v2\0-namespace\0k8s.io\0-id\0" ID_A;
	static const char jailed[] = "/firecracker\0--id\0vm1";
	static const char qemu[] = "/usr/bin/qemu-system-x86_64\0-name\0" ID_B;
	_cleanup_(closep) int root = tree_new();
	_cleanup_(container_list_free) struct container_list l = { 0 };
	struct oak_error err;
	size_t n = 9;

	tree_put(root, TASKS "/k8s.io/" ID_A "/config.json",
		 "{\"annotations\": {\"io.kubernetes.cri.sandbox-name\": \"db-0\", "
		 "\"io.kubernetes.cri.container-type\": \"sandbox\"}}");
	proc_new_host(root);
	proc_new(root, 40, "0::/containerd.service\n", "");
	proc_put(root, 40, "comm", "containerd-shim\n");
	tree_put_bytes(root, "proc/40/cmdline", shim, sizeof(shim));
	proc_new(root, 41, "0::/kubepods/kata_" ID_A "\n", "");
	proc_child(root, 41, 40);
	proc_put(root, 41, "comm", "qemu-system-x86\n");
	tree_put_bytes(root, "proc/41/cmdline", qemu, sizeof(qemu));
	/* A machine of libvirt: none of a container engine. */
	proc_new(root, 42, "0::/machine.slice/machine-qemu\\x2d1.scope\n", "");
	proc_put(root, 42, "comm", "qemu-system-x86\n");
	tree_put_bytes(root, "proc/42/cmdline", qemu, sizeof(qemu));
	proc_new(root, 43, "0::/firecracker/vm1\n", "");
	proc_put(root, 43, "comm", "firecracker\n");
	tree_put_bytes(root, "proc/43/cmdline", jailed, sizeof(jailed));
	/* A container that runs a virtual machine shares this kernel itself. */
	proc_new(root, 44, "0::/docker/" ID_B "\n", "\t1");
	proc_put(root, 44, "comm", "qemu-system-x86\n");
	for (int pid = 40; pid < 43; pid++)
		proc_new_ns(root, pid, "mnt:[1]", "pid:[1]", HOST_MOUNTS);
	/* In a jail. */
	proc_new_ns(root, 43, "mnt:[9]", "pid:[1]", OWN_MOUNTS);
	proc_new_ns(root, 44, "mnt:[7]", "pid:[402]", OWN_MOUNTS);
	EXPECT(container_list_read(root, &l, &err) == 0);
	EXPECT(l.n == 3);
	EXPECT_STR(l.containers[0].vm, "kata");
	EXPECT_STR(l.containers[0].pod, "db-0");
	EXPECT(l.containers[0].init == 41 && l.containers[0].is_pause);
	EXPECT_STR(l.containers[1].vm, "firecracker");
	EXPECT_STR(l.containers[1].id, "vm1");
	EXPECT_STR(l.containers[2].vm, "");
	EXPECT_STR(l.containers[2].engine, "docker");
	EXPECT(container_count(root, &n, &err) == 0 && n == 1);
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
