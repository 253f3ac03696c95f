/* SPDX-License-Identifier: GPL-2.0-or-later */
/* All containers of a host, compared: who comes first, and what others of a container may. */
#include "fake-security.h"

#include "host/security/survey.h"

/* The worse, the greater: one step at a time. */
TEST(security_is_compared)
{
	struct security good = { .seccomp = SECCOMP_FILTER,
				 .real_root = FACT_NO,
				 .no_new_privs = FACT_YES,
				 .privileged = PRIVILEGED_NO };
	struct security bad = good;

	for (enum namespace_kind k = NS_NET; k < NS_KINDS; k++)
		good.ns_host[k] = bad.ns_host[k] = FACT_NO;
	EXPECT(security_badness(&good) == 0);
	bad.real_root = FACT_YES;
	EXPECT(security_badness(&bad) > security_badness(&good));
	good = bad;
	bad.ns_host[NS_PID] = FACT_YES;
	EXPECT(security_badness(&bad) > security_badness(&good));
	good = bad;
	bad.ns_host[NS_USER] = FACT_UNKNOWN;
	bad.caps.effective = CAP_BIT(21);
	EXPECT(security_badness(&bad) > security_badness(&good));
	good = bad;
	bad.privileged = PRIVILEGED_YES;
	EXPECT(security_badness(&bad) > security_badness(&good));
}

TEST(survey_of_a_host)
{
	_cleanup_(closep) int root = fake_security();
	_cleanup_(survey_free) struct survey s = { 0 };
	struct oak_error err = { .msg = "" };
	size_t i = 9;

	tree_put(root, "var/lib/docker/containers/" ID_A "/config.v2.json", "{\"Name\": \"/web\"}");
	EXPECT(survey_read(root, &s, &err) == 0);
	EXPECT(s.n == 1 && s.v[0].is_read && s.v[0].s.pid == 50);
	EXPECT(s.v[0].c.processes == 1 && s.v[0].c.n_real_root == 1 && !s.v[0].c.n_unfiltered);
	EXPECT(surveyed_more_caps(&s.v[0]) == 0);
	EXPECT(survey_find(&s, "web", &i, &err) == 0 && i == 0);
	EXPECT(survey_find(&s, "docker:web", &i, &err) == 0);
	EXPECT(survey_find(&s, "aaaa", &i, &err) == 0);
	EXPECT(survey_find(&s, ID_A, &i, &err) == 0);
	EXPECT(survey_find(&s, "aaa", &i, &err) == -OAK_E_NOTFOUND);
	EXPECT(survey_find(&s, "podman:web", &i, &err) == -OAK_E_NOTFOUND);
	EXPECT_STR(err.msg, "podman:web: no such container; 'oakum containers' lists them");
}

/* Somebody executed a process in it with more than its own. */
TEST(survey_sees_what_others_of_it_may)
{
	_cleanup_(closep) int root = fake_security();
	_cleanup_(survey_free) struct survey s = { 0 }, before = { 0 };
	struct fake_status status = FAKE_STATUS;
	struct oak_error err;

	status.uid = "7\t7\t7\t7";
	fake_status(root, 50, &status);
	EXPECT(survey_read(root, &before, &err) == 0);
	status = (struct fake_status)FAKE_STATUS;
	status.effective = "0000003fffffffff";
	status.seccomp = "0";
	status.nspid = "\t17";
	proc_put(root, 40, "cgroup", "0::/system.slice/docker-" ID_A ".scope\n");
	fake_namespaces(root, 40, 101);
	fake_status(root, 40, &status);
	EXPECT(survey_read(root, &s, &err) == 0);
	EXPECT(s.n == 1 && s.v[0].c.init == 50 && s.v[0].c.processes == 2);
	EXPECT(s.v[0].c.n_real_root == 1 && s.v[0].c.n_unfiltered == 1);
	EXPECT(surveyed_more_caps(&s.v[0]) & CAP_BIT(21));
	EXPECT(s.v[0].badness > before.v[0].badness);
}

/* A container that is a virtual machine is listed, and not taken for a part of this kernel. */
TEST(survey_of_a_virtual_machine)
{
	_cleanup_(closep) int root = fake_security();
	_cleanup_(survey_free) struct survey s = { 0 };
	static const char argv[] = "/opt/containerd-shim-kata-v2\0-namespace\0k8s.io\0-id\0" ID_B;
	struct fake_status status = FAKE_STATUS;
	struct oak_error err;
	size_t n = 0;

	status.nspid = "";
	fake_status(root, 60, &status);
	proc_put(root, 60, "comm", "containerd-shim\n");
	proc_put(root, 60, "cgroup", "0::/system.slice/containerd.service\n");
	fake_namespaces(root, 60, 1);
	tree_put_bytes(root, "proc/60/cmdline", argv, sizeof(argv));
	EXPECT(survey_read(root, &s, &err) == 0);
	EXPECT(s.n == 2);
	EXPECT_STR(s.v[1].c.vm, "kata");
	EXPECT_STR(s.v[1].c.id, ID_B);
	EXPECT(!s.v[1].is_read && s.v[1].badness == 0);
	EXPECT(container_count(root, &n, &err) == 0 && n == 1);
}
