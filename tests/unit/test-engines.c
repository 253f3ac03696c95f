/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Paths as the engines make them, of cgroup v1, v2 and both; and paths that only look so. */
#include "host/engines.h"
#include "test.h"

#define A      "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
#define B      "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"
#define P      "6c02d2ac-4b2c-4d1b-a6e7-6f1d6e3c8f10"
#define U      "6c02d2ac_4b2c_4d1b_a6e7_6f1d6e3c8f10"
#define S      "0123456789abcdef0123456789abcdef" /* a static pod's */
#define USER_0 "0::/user.slice/user-1000.slice/user@1000.service/"

TEST(engines_know_their_cgroups)
{
	static const struct {
		const char *text, *engine, *id, *pod_uid;
		uint32_t uid;
	} cases[] = {
		{ "0::/docker/" A "\n", "docker", A, "", 0 },
		{ "0::/system.slice/docker-" A ".scope\n", "docker", A, "", 0 },
		{ "0::/system.slice/docker-" A ".scope/init.scope\n", "docker", A, "", 0 },
		{ "0::/system.slice/docker-" A ".scope (deleted)\n", "docker", A, "", 0 },
		{ USER_0 "user.slice/docker-" A ".scope\n", "docker", A, "", 1000 },
		{ "0::/../../system.slice/docker-" A ".scope\n", "docker", A, "", 0 },
		{ "0::/system.slice/nerdctl-" A ".scope\n", "containerd", A, "", 0 },
		{ "0::/kubepods/burstable/pod" P "/" A "\n", "containerd", A, P, 0 },
		{ "0::/kubepods/pod" S "/" A "\n", "containerd", A, S, 0 },
		{ "0::/kubepods.slice/kubepods-burstable.slice/kubepods-burstable-pod" U
		  ".slice/cri-containerd-" A ".scope\n",
		  "containerd", A, P, 0 },
		{ "0::/kubepods.slice/kubepods-pod" U ".slice:cri-containerd:" A "\n", "containerd",
		  A, P, 0 },
		{ "0::/kubelet.slice/kubelet-kubepods-pod" U ".slice/crio-" A ".scope/container\n",
		  "cri-o", A, P, 0 },
		{ "0::/kubepods/besteffort/pod" P "/crio-" A "\n", "cri-o", A, P, 0 },
		{ "0::/libpod_parent/libpod-" A "\n", "podman", A, "", 0 },
		{ "0::/machine.slice/libpod-" A ".scope/container\n", "podman", A, "", 0 },
		{ "0::/machine.slice/machine-libpod_pod_" B ".slice/libpod-" A ".scope\n", "podman",
		  A, B, 0 },
		{ USER_0 "user.slice/libpod-" A ".scope/container\n", "podman", A, "", 1000 },
		{ "0::/system.slice/web.service/libpod-payload-" A "\n", "podman", A, "", 0 },
		{ "0::/system.slice/runc-web.1.scope\n", "runc", "web.1", "", 0 },
		{ "0::/system.slice/crun-c_2.scope\n", "crun", "c_2", "", 0 },
		{ "0::/lxc.payload.c1/system.slice/ssh.service\n", "lxc", "c1", "", 0 },
		{ "0::/lxc.payload/c1\n", "lxc", "c1", "", 0 },
		{ "4:memory:/lxc/c1/init.scope\n", "lxc", "c1", "", 0 },
		{ "0::/machine.slice/systemd-nspawn@deb\\x2d12.service/payload/init.scope\n",
		  "nspawn", "deb-12", "", 0 },
		{ "0::/machine.slice/machine-deb\\x2d12.scope/payload\n", "nspawn", "deb-12", "",
		  0 },
		{ "0::/machine.slice/machine-lxc\\x2d77\\x2dweb.scope\n", "libvirt-lxc", "77-web",
		  "", 0 },
		/* The first line that says something: hybrid has v2 last, or nearly empty. */
		{ "9:name=systemd:/\n4:memory:/docker/" A "\n0::/\n", "docker", A, "", 0 },
		/* The inner one of two. */
		{ "0::/machine.slice/libpod-" A ".scope/container/docker/" B "\n", "docker", B, "",
		  0 },
		{ "0::/docker/" A "/kubelet/kubepods/pod" P "/" B "\n", "containerd", B, P, 0 },
		/* No newline, no controllers, nothing but the path. */
		{ "::/docker/" A, "docker", A, "", 0 },
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct container_ref ref = { .uid = 0 };

		test_case = cases[i].text;
		EXPECT(container_of_cgroup(cases[i].text, &ref) == CGROUP_CONTAINER);
		EXPECT_STR(ref.engine, cases[i].engine);
		EXPECT_STR(ref.id, cases[i].id);
		EXPECT_STR(ref.pod_uid, cases[i].pod_uid);
		EXPECT(ref.uid == cases[i].uid);
		EXPECT_STR(ref.scope, "");
	}
	test_case = NULL;
}

TEST(engines_leave_others_alone)
{
	static const struct {
		const char *text;
		enum cgroup_kind kind;
	} cases[] = {
		{ "", CGROUP_HOST },
		{ "\n\n", CGROUP_HOST },
		{ "0::/\n", CGROUP_HOST },
		{ "garbage", CGROUP_HOST },
		{ "0::/system.slice/docker.service\n", CGROUP_HOST },
		{ "0::/system.slice/docker-0123.scope\n", CGROUP_HOST },
		{ "0::/system.slice/docker-" A "a.scope\n", CGROUP_HOST },
		{ "0::/system.slice/docker-AAAA" A ".scope\n", CGROUP_HOST },
		{ "0::/docker/buildkit\n", CGROUP_HOST },
		{ "0::/podman/" A "\n", CGROUP_HOST },
		{ "0::/kubepods/burstable/pod" P "\n", CGROUP_HOST },
		{ "0::/system.slice/libpod-.scope\n", CGROUP_HOST },
		{ "0::/user.slice/user-0.slice/session-1.scope\n", CGROUP_HOST },
		{ "0::/lxc.payload.-x\n", CGROUP_HOST },
		{ "0::/lxc/a b\n", CGROUP_HOST },
		{ "0::/machine.slice/systemd-nspawn@\\x2e\\x2e.service/payload\n", CGROUP_HOST },
		{ "0::/machine.slice/systemd-nspawn@a\\x2fb.service/payload\n", CGROUP_HOST },
		{ "0::/machine.slice/systemd-nspawn@a\\x1bb.service/payload\n", CGROUP_HOST },
		/* What watches a container is none. */
		{ "0::/machine.slice/libpod-conmon-" A ".scope\n", CGROUP_OTHER },
		{ "0::/libpod_parent/conmon\n", CGROUP_OTHER },
		{ "0::/kubepods.slice/crio-conmon-" A ".scope\n", CGROUP_OTHER },
		{ "0::/lxc.monitor.c1\n", CGROUP_OTHER },
		{ "0::/lxc.monitor/c1\n", CGROUP_OTHER },
		{ "0::/machine.slice/systemd-nspawn@d.service/supervisor\n", CGROUP_OTHER },
		{ "0::/machine.slice/machine-qemu\\x2d1\\x2dvm.scope/libvirt/vcpu0\n",
		  CGROUP_OTHER },
		{ "0::/user.slice/app-flatpak-org.gimp.GIMP-77.scope\n", CGROUP_OTHER },
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct container_ref ref = { .engine = "untouched" };

		test_case = cases[i].text;
		EXPECT(container_of_cgroup(cases[i].text, &ref) == cases[i].kind);
		EXPECT_STR(ref.engine, "untouched");
	}
	test_case = NULL;
}

/* A container may make as many cgroups below its own as it likes: the end of the path counts. */
TEST(engines_bear_deep_paths)
{
	_cleanup_(buf_free) struct buf b = { 0 };
	struct container_ref ref;

	EXPECT(buf_add_str(&b, "0::") == 0);
	for (int i = 0; i < 500; i++)
		EXPECT(buf_printf(&b, "/d%d", i) == 0);
	EXPECT(container_of_cgroup(buf_str(&b), &ref) == CGROUP_HOST);
	EXPECT(buf_add_str(&b, "/docker/" A) == 0);
	EXPECT(container_of_cgroup(buf_str(&b), &ref) == CGROUP_CONTAINER);
	EXPECT_STR(ref.id, A);
}

/* "engine/scope/id " each */
static void expect_guesses(const char *text, const char *want)
{
	struct container_ref refs[CONTAINER_GUESSES_MAX];
	_cleanup_(buf_free) struct buf b = { 0 };
	size_t n = container_guesses(text, refs);

	for (size_t i = 0; i < n; i++)
		EXPECT(buf_printf(&b, "%s/%s/%s ", refs[i].engine, refs[i].scope, refs[i].id) == 0);
	test_case = text;
	EXPECT_STR(buf_str(&b), want);
	test_case = NULL;
}

TEST(engines_guess)
{
	expect_guesses("0::/\n", "");
	expect_guesses("0::/default/cc1\n", "containerd/default/cc1 runc//default ");
	expect_guesses("0::/web\n", "runc//web ");
	expect_guesses("0::/system.slice/pre-web-1.scope\n", "runc//web-1 ");
	expect_guesses("0::/mine/" A "\n", "//" A " containerd/mine/" A " runc//mine ");
	/* Many lines say the same. */
	expect_guesses("3:cpu:/web\n2:pids:/web\n0::/web\n", "runc//web ");
	expect_guesses("0::/system.slice/cron.service\n", "");
	expect_guesses("0::/user.slice/user-0.slice/session-1.scope\n", "");
	expect_guesses("0::/a b/c\n", "");
	expect_guesses("1:a:/a\n1:a:/b\n1:a:/c\n1:a:/d\n1:a:/e\n1:a:/f\n1:a:/g\n1:a:/h\n1:a:/i\n",
		       "runc//a runc//b runc//c runc//d runc//e runc//f runc//g runc//h ");
}
