/* SPDX-License-Identifier: GPL-2.0-or-later */
/* oakum containers: the table, the page and the document, byte by byte. */
#include "test.h"

#include "base/json.h"
#include "cli/containers.h"

/* A container as docker makes one. */
static struct surveyed plain(const char *name)
{
	struct surveyed v = { .is_read = true };
	struct security *s = &v.s;

	v.c = (struct container){ .engine = "docker",
				  .image = "nginx:1.25",
				  .init = 50,
				  .tasks = 2,
				  .processes = 1,
				  .n_real_root = 1,
				  .caps_any = CAPS_DOCKER };
	memset(v.c.id, 'a', 64);
	(void)snprintf(v.c.name, sizeof(v.c.name), "%s", name);
	*s = (struct security){
		.pid = 50,
		.command = "nginx",
		.real_root = FACT_YES,
		.identity_map = true,
		.caps = { 0, CAPS_DOCKER, CAPS_DOCKER, CAPS_DOCKER, 0 },
		.seccomp = SECCOMP_FILTER,
		.seccomp_filters = 1,
		.no_new_privs = FACT_NO,
		.lsm = "apparmor",
		.label = "docker-default (enforce)",
		.confined = FACT_YES,
		.root_read_only = FACT_NO,
		.root_propagation = PROPAGATION_PRIVATE,
		.root_type = "overlay",
		.root_is_hosts = FACT_NO,
		.sys_writable = FACT_NO,
		.proc_masked = FACT_YES,
		.proc_sys_read_only = FACT_YES,
		.memory_max_bytes = LIMIT_NONE,
		.pids_max = LIMIT_NONE,
		.cpu_quota_us = LIMIT_NONE,
		.privileged = PRIVILEGED_NO,
		.unread = SECURITY_DEVICES,
	};
	for (enum namespace_kind k = NS_NET; k < NS_KINDS; k++)
		s->ns_host[k] = k < NS_USER ? FACT_NO : FACT_YES;
	return v;
}

static char host_run[] = "/run", inside_run[] = "/host/run", host_socket[] = "/run/docker.sock",
	    inside_socket[] = "/x.sock", host_data[] = "/srv/data", inside_data[] = "/data";

static struct security_mount bad_mounts[] = {
	{ PLACE_SOCKET, true, false, true, host_socket, inside_socket, host_socket },
	{ PLACE_RUN, true, true, false, host_run, inside_run, host_socket },
	{ PLACE_OTHER, false, false, false, host_data, inside_data, NULL },
};

static struct security_port ports[] = {
	{ PORT_TCP, 8080, true, false, "0.0.0.0" },
	{ PORT_TCP6, 53, false, true, "::1" },
};

static struct surveyed bad(void)
{
	struct surveyed v = plain("attacker");

	v.s.privileged = PRIVILEGED_YES;
	v.s.privileged_by = 0x3f;
	v.s.caps.effective = v.s.caps.bounding = 0x3fffffffff;
	v.s.seccomp = SECCOMP_OFF;
	v.s.ns_host[NS_PID] = v.s.ns_host[NS_NET] = FACT_YES;
	v.s.mounts = bad_mounts;
	v.s.n_mounts = 3;
	v.s.ports = ports;
	v.s.n_ports = 2;
	v.s.sys_writable = FACT_YES;
	v.s.proc_masked = v.s.proc_sys_read_only = FACT_NO;
	v.s.devices_all = FACT_YES;
	v.s.memory_max_bytes = 64u << 20;
	v.s.pids_max = 50;
	v.s.cpu_quota_us = 150000;
	v.s.cpu_period_us = 100000;
	(void)snprintf(v.s.label, sizeof(v.s.label), "unconfined");
	return v;
}

static struct surveyed mapped(void)
{
	struct surveyed v = plain("");

	(void)snprintf(v.c.engine, sizeof(v.c.engine), "podman");
	(void)snprintf(v.c.pod, sizeof(v.c.pod), "web-0");
	(void)snprintf(v.c.pod_namespace, sizeof(v.c.pod_namespace), "prod");
	v.s.ns_host[NS_USER] = FACT_NO;
	v.s.real_root = FACT_NO;
	v.s.uid[1] = v.s.root_uid = 100000;
	v.s.identity_map = false;
	v.c.n_real_root = 0;
	v.s.caps.effective |= CAP_BIT(12);
	v.c.image[0] = '\0';
	return v;
}

static struct surveyed machine(void)
{
	struct surveyed v = { .is_read = false };

	v.c = (struct container){ .engine = "containerd", .id = "db", .vm = "kata", .processes = 2 };
	return v;
}

static void expect_table(const struct survey *s, bool color, const char *want)
{
	const struct cli cli = { .program = "oakum", .color = color };
	_cleanup_(buf_free) struct buf b = { 0 };
	struct oak_error err;

	EXPECT(containers_table(&cli, s, &b, &err) == 0);
	EXPECT_STR(buf_str(&b), want);
}

TEST(a_table_of_all_kinds)
{
	struct surveyed v[] = { bad(), plain("web"), mapped(), machine(), plain("gone") };
	const struct survey s = { v, 5 };

	v[1].s.real_root = FACT_NO;
	v[1].s.uid[1] = 1000;
	v[1].s.caps.effective = 0;
	v[4].is_read = false;
	expect_table(
		&s, false,
		"ENGINE      NAME          IMAGE       POD         USER           CAPABILITIES               "
		"SECCOMP  USERNS  OF HOST  HOST FILES\n"
		"docker      attacker      nginx:1.25  -           root           privileged                 "
		"off      host    net,pid  docker.sock rw renamed, /run ro with docker.sock\n"
		"docker      web           nginx:1.25  -           1000 and root  none, others more          "
		"filter   host    -        -\n"
		"podman      aaaaaaaaaaaa  -           prod/web-0  mapped 100000  default +NET_ADMIN within  "
		"filter   own     -        -\n"
		"containerd  db            -           -           -              own kernel: kata           "
		"-        -       -        -\n"
		"docker      gone          nginx:1.25  -           ?              ?                          "
		"?        ?       ?        ?\n"
		"\n"
		"4 containers; 1 runs as root of the host, 1 privileged, 1 with a control socket; 1 more in "
		"virtual machines, with kernels of their own; 1 could not be read\n");
}

TEST(a_table_of_none)
{
	const struct survey s = { NULL, 0 };

	expect_table(&s, true, "no containers\n");
}

TEST(a_table_in_colour)
{
	struct surveyed v[] = { plain("web") };
	const struct survey s = { v, 1 };

	expect_table(
		&s, true,
		"\033[2mENGINE  NAME  IMAGE       USER  CAPABILITIES  SECCOMP  USERNS  OF HOST  "
		"HOST FILES\033[0m\n"
		"docker  web   nginx:1.25  \033[33mroot\033[0m  default       filter   host    -"
		"        -\n"
		"\n"
		"1 container; 1 runs as root of the host, 0 privileged, 0 with a control socket\n");
}

/* A name is safe already; a long one must not move the columns. */
TEST(a_table_of_long_names)
{
	struct surveyed v[] = { plain("") };
	const struct survey s = { v, 1 };

	memset(v[0].c.name, 'n', sizeof(v[0].c.name) - 1);
	memset(v[0].c.image, 'i', sizeof(v[0].c.image) - 1);
	expect_table(
		&s, false,
		"ENGINE  NAME                  IMAGE                     USER  CAPABILITIES  SECCOMP  "
		"USERNS  OF HOST  HOST FILES\n"
		"docker  nnnnnnnnnnnnnnnnnnn~  iiiiiiiiiiiiiiiiiiiiiii~  root  default       filter   "
		"host    -        -\n"
		"\n"
		"1 container; 1 runs as root of the host, 0 privileged, 0 with a control socket\n");
}

static void expect_page(const struct surveyed *v, const char *want)
{
	const struct cli cli = { .program = "oakum" };
	_cleanup_(buf_free) struct buf b = { 0 };
	struct oak_error err;

	EXPECT(containers_page(&cli, v, &b, &err) == 0);
	EXPECT_STR(buf_str(&b), want);
}

TEST(a_page_of_a_bad_one)
{
	struct surveyed v = bad();

	v.s.caps.effective = v.s.caps.bounding = CAP_BIT(21) | CAP_BIT(63);
	expect_page(&v,
		    "attacker\n"
		    "\n"
		    "engine       docker\n"
		    "id           aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa\n"
		    "image        nginx:1.25\n"
		    "processes    1 of 2 threads, the first is 50\n"
		    "             some have more capabilities than the first: default\n"
		    "user         0:0, root of the host\n"
		    "user ns      the host's\n"
		    "privileged   yes: caps seccomp lsm sys proc devices\n"
		    "effective    SYS_ADMIN 63 (8000000000200000)\n"
		    "             SYS_ADMIN 63\n"
		    "seccomp      off, 1 filter\n"
		    "no new privs no\n"
		    "apparmor     unconfined\n"
		    "of the host  net pid user cgroup time\n"
		    "its own      ipc uts mnt\n"
		    "root         overlay, writable, private\n"
		    "kernel files /sys writable yes, /proc masked no, /proc/sys read-only no\n"
		    "devices      all of the host\n"
		    "host files   /run/docker.sock on /x.sock (socket)\n"
		    "             /run ro with docker.sock on /host/run (run)\n"
		    "             /srv/data rw on /data (other)\n"
		    "limits       memory 64 MiB, processes 50, CPUs 1.50\n"
		    "listens      tcp 0.0.0.0:8080\n"
		    "             tcp6 [::1]:53\n"
		    "             these are all of the host: it has the host's network\n");
}

TEST(a_page_of_a_mapped_one)
{
	struct surveyed v = mapped();

	v.s.lsm[0] = '\0';
	v.s.caps.effective = v.s.caps.bounding = 0;
	v.c.caps_any = 0;
	v.c.n_real_root = 0;
	v.s.cpu_quota_us = v.s.pids_max = v.s.memory_max_bytes = LIMIT_UNKNOWN;
	expect_page(&v,
		    "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa\n"
		    "\n"
		    "engine       podman\n"
		    "id           aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa\n"
		    "pod          prod/web-0\n"
		    "processes    1 of 2 threads, the first is 50\n"
		    "user         100000:0\n"
		    "user ns      its own; its root is 100000 on the host\n"
		    "effective    none (0000000000000000)\n"
		    "seccomp      filter, 1 filter\n"
		    "no new privs no\n"
		    "LSM label    none: no AppArmor, no SELinux\n"
		    "of the host  cgroup time\n"
		    "its own      net pid ipc uts mnt user\n"
		    "root         overlay, writable, private\n"
		    "kernel files /sys writable no, /proc masked yes, /proc/sys read-only yes\n"
		    "devices      not known (cgroup v2 does not tell)\n"
		    "limits       memory not known, processes not known, CPUs not known\n");
}

TEST(a_page_of_a_virtual_machine)
{
	const struct surveyed v = machine();

	expect_page(&v, "db\n"
			"\n"
			"engine       containerd\n"
			"id           db\n"
			"kernel       its own: it runs in a virtual machine (kata)\n"
			"processes    2 of 0 threads, the first is 0\n");
}

/* Every member of the document, and that unknown is null. */
TEST(a_document)
{
	struct surveyed v[] = { bad(), mapped(), machine() };
	const struct survey s = { v, 3 };
	static const char *const members[] = {
		"command",       "uid",          "gid",          "groups",
		"real_root",     "root_uid",     "identity_map", "privileged",
		"privileged_by", "capabilities", "seccomp",      "seccomp_filters",
		"no_new_privs",  "lsm",          "label",        "confined",
		"namespaces",    "root",         "mounts",       "devices_all",
		"limits",        "ports",        "unread",
	};
	_cleanup_(json_decrefp) json_t *doc = NULL;
	const json_t *one, *security;

	v[1].s.no_new_privs = FACT_UNKNOWN;
	v[1].s.memory_max_bytes = LIMIT_UNKNOWN;
	doc = containers_json(&s);
	EXPECT(doc && json_array_size(json_object_get(doc, "containers")) == 3);
	one = json_array_get(json_object_get(doc, "containers"), 0);
	EXPECT(json_object_size(one) == 15);
	EXPECT_STR(json_get_str(one, "name"), "attacker");
	EXPECT(json_is_true(json_object_get(one, "shares_kernel")));
	security = json_object_get(one, "security");
	EXPECT(json_object_size(security) == sizeof(members) / sizeof(members[0]));
	for (size_t i = 0; i < sizeof(members) / sizeof(members[0]); i++) {
		test_case = members[i];
		EXPECT(json_object_get(security, members[i]));
	}
	test_case = NULL;
	EXPECT_STR(json_get_str(security, "privileged"), "yes");
	EXPECT(json_array_size(json_object_get(security, "privileged_by")) == 6);
	EXPECT(json_array_size(json_object_get(security, "mounts")) == 3);
	one = json_array_get(json_object_get(doc, "containers"), 1);
	security = json_object_get(one, "security");
	EXPECT(json_is_null(json_object_get(security, "no_new_privs")));
	EXPECT(json_is_null(json_object_get(security, "devices_all")));
	EXPECT(json_is_null(
		json_object_get(json_object_get(security, "limits"), "memory_max_bytes")));
	EXPECT_STR(json_get_str(json_object_get(security, "limits"), "pids_max"), "none");
	EXPECT_STR(json_string_value(json_array_get(json_object_get(security, "unread"), 0)),
		   "devices");
	one = json_array_get(json_object_get(doc, "containers"), 2);
	EXPECT(json_is_null(json_object_get(one, "security")));
	EXPECT(json_is_false(json_object_get(one, "shares_kernel")));
	EXPECT_STR(json_get_str(one, "vm"), "kata");
}
