/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Sections 1, 2 and 7 of the Docker Benchmark. Many cases are those in which
 * docker-bench-security errs: they say so.
 */
#include "audit-fixture.h"
#include "audit/audit-rules.h"
#include "audit/flags.h"
#include "audit/users.h"
#include "fake-docker.h"

struct daemon_case {
	const char *id, *argv, *settings;
	enum audit_verdict want;
};

static const struct daemon_case daemon_cases[] = {
	{ "2.1", "", "{}", AUDIT_INFO },
	{ "2.2", "--icc=false", NULL, AUDIT_PASS },
	{ "2.2", "", "{\"icc\": false}", AUDIT_PASS },
	{ "2.2", "", "{}", AUDIT_WARN },
	{ "2.2", "--icc=true", NULL, AUDIT_WARN },
	{ "2.3", "", NULL, AUDIT_PASS },
	{ "2.3", "-l\ndebug", NULL, AUDIT_WARN },
	{ "2.3", "--log-level=info", NULL, AUDIT_PASS },
	{ "2.3", "", "{\"log-level\": \"debug\"}", AUDIT_WARN },
	{ "2.4", "", "{}", AUDIT_PASS },
	{ "2.4", "--iptables=false", NULL, AUDIT_FAIL },
	{ "2.4", "", "{\"iptables\": false}", AUDIT_FAIL },
	{ "2.5", "", "{}", AUDIT_PASS },
	{ "2.5", "", "{\"insecure-registries\": []}", AUDIT_PASS },
	{ "2.5", "", "{\"insecure-registries\": [\"127.0.0.0/8\"]}", AUDIT_PASS },
	{ "2.5", "", "{\"insecure-registries\": [\"localhost:5000\", \"r.example\"]}", AUDIT_FAIL },
	{ "2.5", "--insecure-registry\nr.example:5000", NULL, AUDIT_FAIL },
	{ "2.6", "", "{\"storage-driver\": \"overlay2\"}", AUDIT_PASS },
	{ "2.6", "", "{\"storage-driver\": \"aufs\"}", AUDIT_FAIL },
	{ "2.6", "-s\ndevicemapper", NULL, AUDIT_FAIL },
	{ "2.7", "", "{}", AUDIT_PASS },
	{ "2.7", "-H\nfd://\n--containerd=/run/containerd/containerd.sock", NULL, AUDIT_PASS },
	{ "2.7", "-H\ntcp://0.0.0.0:2375", NULL, AUDIT_FAIL },
	{ "2.7", "-H=tcp://0.0.0.0:2376\n--tlsverify", NULL, AUDIT_PASS },
	{ "2.7", "-Htcp://0.0.0.0:2376\n--tlsverify=false", NULL, AUDIT_FAIL },
	{ "2.7", "--host=tcp://[::]:2376\n--tls", NULL, AUDIT_FAIL },
	/* docker-bench looks for hosts and tcp:// in one line. */
	{ "2.7", "", "{\"hosts\": [\n  \"fd://\",\n  \"tcp://0.0.0.0:2375\"\n]}", AUDIT_FAIL },
	{ "2.7", "", "{\"hosts\": [\"tcp://0.0.0.0:2376\"], \"tlsverify\": true}", AUDIT_PASS },
	{ "2.8", "", "{}", AUDIT_INFO },
	{ "2.8", "", "{\"default-ulimits\": {\"nofile\": {\"Soft\": 1, \"Hard\": 2}}}", AUDIT_PASS },
	{ "2.8", "--default-ulimit\nnofile=1:2", NULL, AUDIT_PASS },
	{ "2.9", "", "{}", AUDIT_WARN },
	{ "2.9", "--userns-remap=default", NULL, AUDIT_PASS },
	{ "2.9", "", "{\"userns-remap\": \"default\"}", AUDIT_PASS },
	{ "2.9", "", "{\"userns-remap\": \"\"}", AUDIT_WARN },
	{ "2.10", "", "{}", AUDIT_PASS },
	/* docker-bench never reports it from daemon.json. */
	{ "2.10", "", "{\"cgroup-parent\": \"/mine\"}", AUDIT_WARN },
	{ "2.10", "--cgroup-parent=/mine", NULL, AUDIT_WARN },
	{ "2.11", "", "{\"storage-opts\": [\"dm.basesize=50G\"]}", AUDIT_WARN },
	{ "2.11", "", "{\"storage-opts\": [\"overlay2.size=50G\"]}", AUDIT_PASS },
	{ "2.12", "", "{}", AUDIT_WARN },
	{ "2.12", "", "{\"authorization-plugins\": [\"opa\"]}", AUDIT_PASS },
	{ "2.13", "", "{}", AUDIT_WARN },
	{ "2.13", "", "{\"log-driver\": \"journald\"}", AUDIT_PASS },
	/* docker-bench passes anything but json-file. */
	{ "2.13", "", "{\"log-driver\": \"local\"}", AUDIT_WARN },
	{ "2.13", "--log-driver\nnone", NULL, AUDIT_WARN },
	{ "2.14", "--no-new-privileges", NULL, AUDIT_PASS },
	{ "2.14", "", "{\"no-new-privileges\": true}", AUDIT_PASS },
	/* docker-bench looks for the name alone. */
	{ "2.14", "--no-new-privileges=false", NULL, AUDIT_WARN },
	{ "2.14", "", "{\"no-new-privileges\": false}", AUDIT_WARN },
	{ "2.15", "", "{}", AUDIT_WARN },
	{ "2.15", "--live-restore", NULL, AUDIT_PASS },
	{ "2.16", "", "{}", AUDIT_WARN },
	{ "2.16", "--userland-proxy=false", NULL, AUDIT_PASS },
	{ "2.16", "--userland-proxy=0", NULL, AUDIT_PASS },
	/* docker-bench knows "default" only, never what engines since 23 say. */
	{ "2.17", "", "{}", AUDIT_PASS },
	{ "2.17", "--seccomp-profile=builtin", NULL, AUDIT_PASS },
	{ "2.17", "--seccomp-profile=unconfined", NULL, AUDIT_FAIL },
	{ "2.17", "", "{\"seccomp-profile\": \"/etc/docker/mine.json\"}", AUDIT_INFO },
	{ "2.18", "", "{}", AUDIT_PASS },
	{ "2.18", "--experimental", NULL, AUDIT_WARN },
	{ "C.2", "", "{}", AUDIT_PASS },
	{ "C.2", "--disable-legacy-registry=false", NULL, AUDIT_FAIL },
	/* What is not JSON, or not readable, is not known. */
	{ "2.2", "", "{\"icc\": false", AUDIT_UNKNOWN },
	{ "2.7", "", "[", AUDIT_UNKNOWN },
};

TEST(docker_daemon_is_judged)
{
	const char *ids[sizeof(daemon_cases) / sizeof(daemon_cases[0])];
	char name[512];

	for (size_t i = 0; i < sizeof(daemon_cases) / sizeof(daemon_cases[0]); i++) {
		const struct daemon_case *c = &daemon_cases[i];
		_cleanup_(closep) int root = docker_new(c->argv, c->settings);

		(void)snprintf(name, sizeof(name), "%s: %s: %s", c->id, c->argv,
			       c->settings ? c->settings : "");
		ids[i] = c->id;
		test_case = name;
		expect_verdict(root, c->id, c->want);
	}
	expect_all_of("docker-daemon", ids, sizeof(ids) / sizeof(ids[0]));
}

TEST(docker_is_the_process_that_executes_it)
{
	_cleanup_(closep) int root = docker_new("--icc=false", NULL);

	/* docker-bench takes the newest process whose command line has "dockerd". */
	docker_put_process(root, 200, "/usr/bin/vi", "vi\ndockerd.log\n--icc=true");
	expect_finding(root, "2.2", "pass: /proc/100/cmdline: icc=false");
	/* One within a container is another's. */
	docker_put_process(root, 50, "/usr/local/bin/dockerd", "dockerd\n--icc=true");
	proc_put_ns(root, 1, "pid", "pid:[1]");
	proc_put_ns(root, 50, "pid", "pid:[50]");
	proc_put_ns(root, 100, "pid", "pid:[1]");
	expect_finding(root, "2.2", "pass: /proc/100/cmdline: icc=false");
	/* One that was replaced still runs with its arguments. */
	docker_put_process(root, 100, "/usr/bin/dockerd (deleted)", "dockerd\n--icc=true");
	expect_finding(root, "2.2", "warn: /proc/100/cmdline: icc=true");
}

TEST(docker_that_is_not_here_is_not_judged)
{
	_cleanup_(closep) int root = tree_new_host();

	expect_finding(root, "2.2", "not-applicable: /usr/bin/dockerd: docker is not on this host");
	expect_finding(root, "3.1", "not-applicable: /usr/bin/dockerd: docker is not on this host");
	expect_finding(root, "7.1", "not-applicable: /usr/bin/dockerd: docker is not on this host");
}

TEST(docker_runs_as_a_user)
{
	_cleanup_(closep) int root = docker_new("", "{}");

	proc_put(root, 100, "status", "Name:\tdockerd\nUid:\t1000\t1000\t1000\t1000\n");
	expect_finding(root, "2.1", "pass: /proc/100/cmdline: process 100 runs as user 1000");
}

TEST(flags_are_read_as_pflag_reads_them)
{
	static const char text[] =
		"dockerd\0-D\0-H\0a\0--host=b\0-Hc\0-H=d\0--other\0--icc\0--x\0y\0"
		"--icc=false\0--group\0-G\0--\0-H\0e";
	static const struct flag host = { "host", 'H', false }, icc = { "icc", 0, true };
	static const struct flag debug = { "debug", 'D', true }, group = { "group", 'G', false };
	const struct flag_words argv = { text, sizeof(text) }, none = { text, 0 };

	EXPECT_STR(flag_value(&argv, &host, 0), "a");
	EXPECT_STR(flag_value(&argv, &host, 1), "b");
	EXPECT_STR(flag_value(&argv, &host, 2), "c");
	EXPECT_STR(flag_value(&argv, &host, 3), "d");
	EXPECT(!flag_value(&argv, &host, 4));
	EXPECT_STR(flag_value(&argv, &icc, 0), "true");
	EXPECT_STR(flag_value(&argv, &icc, 1), "false");
	EXPECT_STR(flag_value(&argv, &debug, 0), "true");
	EXPECT_STR(flag_value(&argv, &group, 0), "-G");
	EXPECT(!flag_value(&none, &host, 0));
	EXPECT(flag_is_true("1", false) && flag_is_true("True", false));
	EXPECT(!flag_is_true("0", true) && flag_is_true("maybe", true) &&
	       !flag_is_true(NULL, false));
}

static int new_host(void)
{
	int root = docker_new("", "{}");

	tree_put(root, "etc/group", "root:x:0:\ndocker:x:999:\nother:x:7:docker\n");
	tree_put(root, "etc/passwd", "root:x:0:0::/root:/bin/sh\n");
	return root;
}

TEST(docker_group_is_root)
{
	_cleanup_(closep) int root = new_host();

	expect_finding(root, "1.1.2", "pass: /etc/group: docker: no members");
	tree_put(root, "etc/group", "docker:x:999:ann,ben\n");
	expect_finding(root, "1.1.2", "warn: /etc/group: docker: ann,ben");
	/* Whose own group it is, and the group that the daemon was told. */
	tree_put(root, "etc/passwd", "carl:x:5:999::/:/bin/sh\n");
	expect_finding(root, "1.1.2", "warn: /etc/group: docker: ann,ben,carl");
	tree_put(root, DAEMON_JSON, "{\"group\": \"wheel\"}");
	expect_finding(root, "1.1.2", "pass: /etc/group: no group wheel");
}

TEST(docker_has_a_disk_of_its_own)
{
	_cleanup_(closep) int root = new_host();

	expect_verdict(root, "1.1.1", AUDIT_UNKNOWN);
	tree_put(root, "proc/1/mountinfo", HOST_MOUNTS);
	expect_verdict(root, "1.1.1", AUDIT_WARN);
	tree_put(root, "proc/1/mountinfo",
		 HOST_MOUNTS "30 27 254:2 / /var/lib/docker rw - ext4 /dev/vdb rw\n");
	expect_verdict(root, "1.1.1", AUDIT_PASS);
	tree_put(root, DAEMON_JSON, "{\"data-root\": \"/srv/docker\"}");
	expect_finding(root, "1.1.1",
		       "warn: /proc/1/mountinfo: /srv/docker is not a file system of its own");
}

TEST(docker_files_are_audited)
{
	static const struct {
		const char *id, *path;
	} cases[] = {
		{ "1.1.3", "usr/bin/dockerd" },
		{ "1.1.4", "run/containerd/x" },
		{ "1.1.5", "var/lib/docker/x" },
		{ "1.1.6", "etc/docker/x" },
		{ "1.1.7", "lib/systemd/system/docker.service" },
		{ "1.1.8", "run/containerd/containerd.sock" },
		{ "1.1.9", "lib/systemd/system/docker.socket" },
		{ "1.1.10", "etc/default/docker" },
		{ "1.1.11", "etc/docker/daemon.json" },
		{ "1.1.12", "etc/containerd/config.toml" },
		{ "1.1.13", "etc/sysconfig/docker" },
		{ "1.1.14", "usr/bin/containerd" },
		{ "1.1.15", "usr/bin/containerd-shim" },
		{ "1.1.16", "usr/bin/containerd-shim-runc-v1" },
		{ "1.1.17", "usr/bin/containerd-shim-runc-v2" },
		{ "1.1.18", "usr/bin/runc" },
	};
	static const char rules[] =
		"-D\n-b 8192\n# -w /etc/other\n"
		"-w /usr/bin -p x -k bin\n-w /run/containerd\n-w /var/lib/docker/ -k d\n"
		"-w /etc/docker -p wa\n-w /lib/systemd/system/docker.service\n"
		"-a always,exit -F path=/lib/systemd/system/docker.socket -F perm=wa\n"
		"-a always,exit -F dir=/etc/default -F perm=wa -k d\n"
		"-w /etc/containerd/config.toml\n-w /etc/sysconfig/docker\n";
	const char *ids[sizeof(cases) / sizeof(cases[0]) + 2];
	size_t n = sizeof(cases) / sizeof(cases[0]);

	for (size_t i = 0; i < n; i++) {
		_cleanup_(closep) int root = new_host();

		test_case = ids[i] = cases[i].id;
		tree_put(root, cases[i].path, "x");
		expect_verdict(root, cases[i].id, AUDIT_WARN);
		tree_put(root, "etc/audit/rules.d/docker.rules", rules);
		expect_verdict(root, cases[i].id, AUDIT_PASS);
		tree_put(root, "etc/audit/audit.rules", "-w /etc/passwd\n");
		expect_verdict(root, cases[i].id, AUDIT_WARN);
	}
	ids[n] = "1.1.1";
	ids[n + 1] = "1.1.2";
	expect_all_of("host", ids, n + 2);
}

TEST(audit_rules_are_read)
{
	static const struct {
		const char *text;
		bool want;
	} cases[] = {
		{ "-w /etc/docker -p wa", true },
		{ "  -w   /etc/docker/ ", true },
		{ "-w /etc", true },
		{ "-w /", true },
		{ "-w /etc/dock", false },
		{ "-w /etc/docker/daemon.json", false },
		{ "#-w /etc/docker", false },
		{ "-a always,exit -F dir=/etc -F perm=wa", true },
		{ "-a always,exit -F path=/etc/docker", true },
		{ "-a always,exit -F path=/etc", false },
		{ "-a never,exit -F dir=/etc", false },
		{ "-w /etc/docker\n-D\n", false },
		{ "-w /etc/docker\n-W /etc/docker\n", false },
		{ "-D\n-w /etc/docker\n", true },
		{ "-w", false },
		{ "", false },
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		const char *line;
		size_t len;

		test_case = cases[i].text;
		EXPECT(audit_rules_watch(cases[i].text, "/etc/docker", &line, &len) ==
		       cases[i].want);
	}
	test_case = NULL;
}

static int new_swarm(void)
{
	int root = docker_new("", "{}");

	tree_put(root, "var/lib/docker/swarm/docker-state.json",
		 "{\"LocalAddr\":\"\",\"ListenAddr\":\"10.0.0.1:2377\"}");
	tree_put(root, "var/lib/docker/swarm/raft/x", "");
	tree_put(root, "var/lib/docker/swarm/state.json", "[{}, {}, {}]");
	tree_put(root, "var/lib/docker/swarm/certificates/swarm-node.key",
		 "-----BEGIN ENCRYPTED PRIVATE KEY-----\n");
	return root;
}

TEST(docker_swarm_is_judged)
{
	static const char *const ids[] = { "5.1", "7.1", "7.2", "7.3", "7.5" };
	_cleanup_(closep) int root = docker_new("", "{}"), swarm = -1;

	expect_verdict(root, "5.1", AUDIT_PASS);
	expect_verdict(root, "7.1", AUDIT_INAPPLICABLE);
	swarm = new_swarm();
	expect_verdict(swarm, "5.1", AUDIT_WARN);
	expect_finding(swarm, "7.1", "pass: /var/lib/docker/swarm/state.json: 3 managers");
	/* docker-bench counts leaders, of which there is always one. */
	tree_put(swarm, "var/lib/docker/swarm/state.json", "[{}]");
	expect_verdict(swarm, "7.1", AUDIT_WARN);
	tree_put(swarm, "var/lib/docker/swarm/state.json", "[{}, {}]");
	expect_verdict(swarm, "7.1", AUDIT_WARN);
	tree_put(swarm, "var/lib/docker/swarm/state.json", "{");
	expect_verdict(swarm, "7.1", AUDIT_UNKNOWN);
	expect_verdict(swarm, "7.2", AUDIT_PASS);
	tree_put(swarm, "var/lib/docker/swarm/docker-state.json",
		 "{\"ListenAddr\":\"0.0.0.0:2377\"}");
	expect_verdict(swarm, "7.2", AUDIT_WARN);
	tree_put(swarm, "var/lib/docker/swarm/docker-state.json", "{\"ListenAddr\":\"[::]:2377\"}");
	expect_verdict(swarm, "7.2", AUDIT_WARN);
	expect_verdict(swarm, "7.3", AUDIT_UNKNOWN);
	expect_verdict(swarm, "7.5", AUDIT_PASS);
	tree_put(swarm, "var/lib/docker/swarm/certificates/swarm-node.key",
		 "-----BEGIN EC PRIVATE KEY-----\n");
	expect_verdict(swarm, "7.5", AUDIT_WARN);
	/* Live restore is not for nodes of a swarm. */
	expect_verdict(swarm, "2.15", AUDIT_INAPPLICABLE);
	expect_all_of("docker-swarm", ids, sizeof(ids) / sizeof(ids[0]));
}
