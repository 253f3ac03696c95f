/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Containers that no cgroup names: by what is mounted, and by who started them. */
#include "test.h"

#include "host/hints.h"

#define ID         "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"
#define LINE(root) "90 27 254:1 " root " /etc/hosts rw - ext4 /dev/vda1 rw\n"

TEST(hints_of_mounts)
{
	static const struct {
		const char *text, *engine;
	} cases[] = {
		{ LINE("/var/lib/docker/containers/" ID "/hosts"), "docker" },
		{ LINE("/data/d/containers/" ID "/hostname"), "docker" },
		{ LINE("/containers/storage/overlay-containers/" ID "/userdata/hosts"), "podman" },
		{ LINE("/x/vfs-containers/" ID "/userdata/run/secrets"), "podman" },
		{ LINE("/lib/kubelet/pods/1/etc-hosts")
			  LINE("/storage/overlay-containers/" ID "/userdata/hostname"),
		  "cri-o" },
		{ LINE("/x/io.containerd.grpc.v1.cri/sandboxes/" ID "/hostname"), "containerd" },
		{ LINE("/containers/" ID "/other"), NULL },
		{ LINE("/containers/" ID), NULL },
		{ LINE("/containers/0123/hosts"), NULL },
		{ LINE("/"), NULL },
		{ "", NULL },
		{ "1 2\n", NULL },
		/* A mount point, a source: those the container chooses. */
		{ "90 27 0:1 / /containers/" ID "/hosts rw - tmpfs /containers/" ID "/hosts rw\n",
		  NULL },
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct container_ref ref = { .id = "" };

		test_case = cases[i].text;
		EXPECT(hint_of_mounts(cases[i].text, &ref) == (cases[i].engine != NULL));
		EXPECT_STR(ref.engine, cases[i].engine ? cases[i].engine : "");
		EXPECT_STR(ref.id, cases[i].engine ? ID : "");
	}
	test_case = NULL;
}

#define ARGV(text) text, sizeof(text)

TEST(hints_of_arguments)
{
	static const struct {
		const char *argv;
		size_t len;
		const char *engine, *id, *scope, *name, *vm;
	} cases[] = {
		{ ARGV("/usr/bin/containerd-shim-runc-v2\0-namespace\0moby\0-id\0abc\0-address\0/x"),
		  "docker", "abc", "moby", "", "" },
		{ ARGV("containerd-shim-runc-v2\0-namespace\0x\0-id\0abc"), "containerd", "abc",
		  "x", "", "" },
		{ ARGV("/opt/containerd-shim-kata-v2\0-namespace\0k8s.io\0-address\0/x\0-id\0abc"),
		  "containerd", "abc", "k8s.io", "", "kata" },
		{ ARGV("containerd-shim-aws-firecracker\0-id=abc\0--namespace=fc"), "containerd",
		  "abc", "fc", "", "firecracker" },
		{ ARGV("/usr/bin/conmon\0--api-version\0001\0-c\0abc\0-u\0abc\0-r\0/usr/bin/crun\0-n\0web"),
		  "podman", "abc", "", "web", "" },
		{ ARGV("conmon\0-c\0abc\0-n\0k8s_x\0--exit-dir\0/var/run/crio/exits"), "cri-o",
		  "abc", "", "k8s_x", "" },
		{ ARGV("/firecracker\0--id\0vm1\0--start-time-us\0001"), "firecracker", "vm1", "",
		  "", "firecracker" },
		{ ARGV("/usr/bin/systemd-nspawn\0-D\0/x\0-M\0deb"), "nspawn", "deb", "", "", "" },
		{ ARGV("systemd-nspawn\0--machine=deb"), "nspawn", "deb", "", "", "" },
		{ ARGV("[lxc monitor] /var/lib/lxc c1"), "lxc", "c1", "", "", "" },
		{ ARGV("containerd-shim-runc-v2\0-id\0../../etc"), NULL, "", "", "", "" },
		{ ARGV("containerd-shim-runc-v2\0-id"), NULL, "", "", "", "" },
		{ ARGV("bash\0-c\0abc"), NULL, "", "", "", "" },
		{ ARGV(""), NULL, "", "", "", "" },
		/* No NUL at the end: cut. */
		{ "conmon\0-c\0abc", 12, NULL, "", "", "", "" },
		{ "x", 0, NULL, "", "", "", "" },
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct hint h = { .name = "" };

		test_case = cases[i].argv;
		EXPECT(hint_of_argv(cases[i].argv, cases[i].len, &h) == (cases[i].engine != NULL));
		EXPECT_STR(h.ref.engine, cases[i].engine ? cases[i].engine : "");
		EXPECT_STR(h.ref.id, cases[i].id);
		EXPECT_STR(h.ref.scope, cases[i].scope);
		EXPECT_STR(h.name, cases[i].name);
		EXPECT_STR(h.vm, cases[i].vm);
	}
	test_case = NULL;
}
