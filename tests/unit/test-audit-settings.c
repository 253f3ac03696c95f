/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Settings of containerd, CRI-O and podman, and the TOML that they are written in. */
#include "audit-fixture.h"
#include "audit/toml.h"

#define CONTAINERD "etc/containerd/config.toml"
#define CRIO       "etc/crio/crio.conf"
#define PODMAN     "etc/containers/containers.conf"
#define REGISTRIES "etc/containers/registries.conf"
#define CRI        "[plugins.\"io.containerd.grpc.v1.cri\"]\n"

static const struct {
	const char *id, *file, *good, *bad;
	enum audit_verdict otherwise;
} cases[] = {
	{ "containerd.tcp", CONTAINERD, "[grpc]\n  address = \"/run/x\"\n  tcp_address = \"\"\n",
	  "[grpc]\n  tcp_address = \"0.0.0.0:9\" # all\n", AUDIT_FAIL },
	{ "containerd.registry-tls", CONTAINERD, CRI "insecure_skip_verify = false\n",
	  "[plugins.\"io.containerd.grpc.v1.cri\".registry.configs.\"r.example\".tls]\n"
	  "insecure_skip_verify = true\n[plugins.\"a\".tls]\ninsecure_skip_verify = false\n",
	  AUDIT_FAIL },
	{ "containerd.apparmor", CONTAINERD, CRI "disable_apparmor = false\n",
	  CRI "disable_apparmor = true\n", AUDIT_FAIL },
	{ "containerd.seccomp", CONTAINERD, CRI "unset_seccomp_profile = \"runtime/default\"\n",
	  CRI "unset_seccomp_profile = \"\"\n", AUDIT_INFO },
	{ "containerd.privileged-ports", CONTAINERD, CRI "enable_unprivileged_ports = false\n",
	  CRI "enable_unprivileged_ports = true\n", AUDIT_INFO },
	{ "crio.seccomp", CRIO, "[crio.runtime]\nseccomp_profile = \"\"\n",
	  "[crio.runtime]\nseccomp_profile = \"unconfined\"\n", AUDIT_FAIL },
	{ "crio.apparmor", CRIO, "[crio.runtime]\napparmor_profile = \"crio-default\"\n",
	  "[crio.runtime]\napparmor_profile = 'unconfined'\n", AUDIT_FAIL },
	{ "crio.registry-tls", CRIO, "[crio.image]\ninsecure_registries = [\n]\n",
	  "[crio.image]\ninsecure_registries = [\n \"r.example\",\n]\n", AUDIT_FAIL },
	{ "crio.capabilities", CRIO,
	  "[crio.runtime]\ndefault_capabilities = [\"CHOWN\", \"KILL\"]\n",
	  "[crio.runtime]\ndefault_capabilities = [\n\t\"CHOWN\", # fine\n\t\"SYS_ADMIN\",\n]\n",
	  AUDIT_FAIL },
	{ "crio.pids", CRIO, "[crio.runtime]\npids_limit = 1024\n",
	  "[crio.runtime]\npids_limit = -1\n", AUDIT_WARN },
	{ "podman.seccomp", PODMAN, "[containers]\n#seccomp_profile = \"unconfined\"\n",
	  "[containers]\nseccomp_profile = \"unconfined\"\n", AUDIT_FAIL },
	{ "podman.apparmor", PODMAN, "[containers]\n",
	  "[containers]\napparmor_profile=\"unconfined\"\n", AUDIT_FAIL },
	{ "podman.label", PODMAN, "[containers]\nlabel = true\n", "[containers]\nlabel = false\n",
	  AUDIT_FAIL },
	{ "podman.capabilities", PODMAN, "[containers]\ndefault_capabilities = [\"CHOWN\"]\n",
	  "[containers]\ndefault_capabilities = [\"CHOWN\", \"CAP_SYS_MODULE\"]\n", AUDIT_FAIL },
	{ "podman.privileged", PODMAN, "[containers]\nprivileged = false\n",
	  "[containers]\nprivileged = true\n", AUDIT_FAIL },
	{ "podman.pids", PODMAN, "[containers]\npids_limit = 2048\n",
	  "[containers]\npids_limit = 0\n", AUDIT_WARN },
	{ "podman.netns", PODMAN, "[containers]\nnetns = \"private\"\n",
	  "[containers]\nnetns = \"host\"\n", AUDIT_FAIL },
	{ "podman.pidns", PODMAN, "[containers]\npidns = \"private\"\n",
	  "[containers]\npidns = \"host\"\n", AUDIT_FAIL },
	{ "podman.ipcns", PODMAN, "[containers]\nipcns = \"shareable\"\n",
	  "[containers]\nipcns = \"host\"\n", AUDIT_FAIL },
	{ "registries.insecure", REGISTRIES, "[[registry]]\nlocation = \"a\"\ninsecure = false\n",
	  "[[registry]]\nlocation = \"a\"\ninsecure = true\n[[registry]]\ninsecure = false\n",
	  AUDIT_FAIL },
	{ "registries.short-names", REGISTRIES, "unqualified-search-registries = [\"docker.io\"]\n",
	  "unqualified-search-registries = [\"docker.io\", \"quay.io\"]\n", AUDIT_WARN },
	{ "registries.short-name-mode", REGISTRIES, "short-name-mode = \"enforcing\"\n",
	  "short-name-mode = \"permissive\"\n", AUDIT_WARN },
};

TEST(settings_of_engines_are_judged)
{
	const char *ids[sizeof(cases) / sizeof(cases[0])];

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		_cleanup_(closep) int root = tree_new_host();

		test_case = ids[i] = cases[i].id;
		expect_verdict(root, cases[i].id, AUDIT_INAPPLICABLE);
		tree_put(root, cases[i].file, cases[i].good);
		expect_verdict(root, cases[i].id, AUDIT_PASS);
		tree_put(root, cases[i].file, cases[i].bad);
		expect_verdict(root, cases[i].id, cases[i].otherwise);
	}
	test_case = NULL;
	expect_all_of("engine-settings", ids, sizeof(ids) / sizeof(ids[0]));
}

TEST(settings_that_come_later_win)
{
	_cleanup_(closep) int root = tree_new_host();

	/* An engine without settings has its defaults. */
	tree_put(root, "usr/bin/podman", "x");
	expect_finding(root, "podman.netns",
		       "pass: /usr/share/containers/containers.conf: no netns");
	tree_put(root, "usr/share/containers/containers.conf", "[containers]\nnetns=\"host\"\n");
	tree_put(root, PODMAN, "[containers]\nnetns=\"private\"\n");
	expect_finding(root, "podman.netns", "pass: /" PODMAN ": netns = private");
	tree_put(root, "etc/containers/containers.conf.d/20.conf", "[containers]\nnetns=\"host\"\n");
	tree_put(root, "etc/containers/containers.conf.d/10.conf", "[containers]\nnetns=\"none\"\n");
	tree_put(root, "etc/containers/containers.conf.d/30.txt", "[containers]\nnetns=\"none\"\n");
	expect_finding(root, "podman.netns",
		       "fail: /etc/containers/containers.conf.d/20.conf: netns = host");
	/* The same key of another section is another. */
	tree_put(root, "etc/containers/containers.conf.d/20.conf", "[engine]\nnetns=\"host\"\n");
	expect_verdict(root, "podman.netns", AUDIT_PASS);
}

TEST(toml_is_read)
{
	static const char text[] =
		"a = 1\n# b = 2\n  \n[s.\"x]y\"] # c\nc = \"q # \\\"r\\\"\" # end\nd = 'l\\'\n"
		"e=[1,2 , 3]\nf = [\n  \"x\", # y\n  [\"z\"],\n]\n\"quoted key\" = true\n"
		"junk\n= 3\n[[t]]\ng =\n[u\nh = {x = 1}\ni = [\"open";
	_cleanup_(buf_free) struct buf b = { 0 };
	struct toml_entry e = { .section = "" };
	const char *p = text;

	while (toml_next(&p, &e))
		EXPECT(buf_printf(&b, "%s/%s=%s\n", e.section, e.key, e.value) == 0);
	EXPECT_STR(buf_str(&b), "/a=1\ns.\"x]y\"/c=q # \"r\"\ns.\"x]y\"/d=l\\\ns.\"x]y\"/e=1,2,3\n"
				"s.\"x]y\"/f=x,z\ns.\"x]y\"/quoted key=true\nt/g=\nu/h={x\n"
				"u/i=open\n");
}
