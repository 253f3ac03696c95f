/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Versions of what containers stand on: every row, backports of distributions, replaced files. */
#include "audit-fixture.h"
#include "audit/platform.h"
#include "audit/version.h"
#include "fake-docker.h"

/* Versions parted by blanks; "" where there are none. */
struct cve_case {
	const char *component, *id, *affected, *fixed, *unknown;
};

static const struct cve_case cve_cases[] = {
	{ "runc", "CVE-2016-9962", "0.0.1", "1.0.0-rc3", "" },
	{ "runc", "CVE-2019-5736", "0.0.1", "1.0.0-rc7", "" },
	{ "runc", "CVE-2019-16884", "0.0.1", "1.0.0-rc9", "" },
	{ "runc", "CVE-2019-19921", "0.0.1", "1.0.0-rc10", "" },
	{ "runc", "GHSA-g54h-m393-cpwq", "0.0.1", "1.0.0-rc91", "" },
	{ "runc", "CVE-2021-30465", "0.0.1", "1.0.0-rc95", "" },
	{ "runc", "CVE-2021-43784", "1.0.0", "1.0.3", "" },
	{ "runc", "CVE-2022-29162", "0.0.1", "1.1.2", "" },
	{ "runc", "CVE-2023-25809", "0.0.1", "1.1.5", "" },
	{ "runc", "CVE-2023-27561", "1.0.0-rc95", "1.1.5", "" },
	{ "runc", "CVE-2023-28642", "0.0.1", "1.1.5", "" },
	{ "runc", "CVE-2024-21626", "1.0.0-rc93", "1.1.12", "" },
	{ "runc", "CVE-2024-45310", "0.0.1 1.2.0-rc.1", "1.1.14 1.2.0-rc.3", "" },
	{ "runc", "CVE-2025-31133", "0.0.1 1.3.0-rc.1 1.4.0-rc.1", "1.2.8 1.3.3 1.4.0-rc.3", "" },
	{ "runc", "CVE-2025-52565", "1.0.0-rc3 1.3.0-rc.1 1.4.0-rc.1", "1.2.8 1.3.3 1.4.0-rc.3",
	  "" },
	{ "runc", "CVE-2025-52881", "0.0.1 1.3.0-rc.1 1.4.0-rc.1", "1.2.8 1.3.3 1.4.0-rc.3", "" },
	{ "runc", "CVE-2026-41579", "0.0.1 1.4.0 1.5.0-rc.1", "1.3.6 1.4.3 1.5.0-rc.3", "" },
	{ "crun", "CVE-2019-16884", "0.0.1", "0.10", "" },
	{ "crun", "CVE-2019-18837", "0.0.1", "0.10.5", "" },
	{ "crun", "CVE-2022-27650", "0.0.1", "1.4.4", "" },
	{ "crun", "CVE-2025-24965", "0.0.1", "1.20", "" },
	{ "crun", "CVE-2026-30892", "0.0.1", "1.27", "" },
	{ "crun", "CVE-2026-47766", "0.0.1", "1.28", "" },
	{ "containerd", "CVE-2020-15157", "0.0.1", "1.2.14", "" },
	{ "containerd", "CVE-2020-15257", "0.0.1 1.4.0", "1.3.9 1.4.3", "" },
	{ "containerd", "CVE-2021-32760", "0.0.1 1.5.0", "1.4.8 1.5.4", "" },
	{ "containerd", "CVE-2021-41103", "0.0.1 1.5.0", "1.4.11 1.5.7", "" },
	{ "containerd", "CVE-2021-43816", "1.5.0", "1.5.9", "" },
	{ "containerd", "CVE-2022-23648", "0.0.1 1.5.0 1.6.0", "1.4.13 1.5.10 1.6.1", "" },
	{ "containerd", "CVE-2022-24769", "0.0.1 1.6.0", "1.5.11 1.6.2", "" },
	{ "containerd", "CVE-2022-31030", "0.0.1 1.6.0", "1.5.13 1.6.6", "" },
	{ "containerd", "CVE-2022-23471", "0.0.1 1.6.0", "1.5.16 1.6.12", "" },
	{ "containerd", "CVE-2023-25153", "0.0.1 1.6.0", "1.5.18 1.6.18", "" },
	{ "containerd", "CVE-2023-25173", "0.0.1 1.6.0", "1.5.18 1.6.18", "" },
	{ "containerd", "GHSA-7ww5-4wqc-m92c", "0.0.1 1.7.0", "1.6.26 1.7.11", "" },
	{ "containerd", "CVE-2024-40635", "0.0.1 1.7.0-beta.0 2.0.0", "1.6.38 1.7.27 2.0.4", "" },
	{ "containerd", "CVE-2025-47290", "2.1.0", "2.1.1", "" },
	{ "containerd", "CVE-2025-47291", "2.0.1", "2.0.5", "" },
	{ "containerd", "CVE-2024-25621", "0.0.1 2.0.0 2.1.0-beta.0 2.2.0-beta.0",
	  "1.7.29 2.0.7 2.1.5 2.2.0", "" },
	{ "containerd", "CVE-2025-64329", "0.0.1 2.0.0 2.1.0-beta.0 2.2.0-beta.0",
	  "1.7.29 2.0.7 2.1.5 2.2.0", "" },
	{ "containerd", "CVE-2026-46680", "1.7.27 2.0.4 2.1.0-beta.0 2.3.0-beta.0",
	  "1.7.32 2.0.9 2.2.4 2.3.1", "" },
	{ "containerd", "CVE-2026-47262", "1.7.0 2.0.0 2.1.0 2.2.0 2.3.0",
	  "1.7.33 2.0.10 2.1.9 2.2.5 2.3.2", "" },
	{ "containerd", "CVE-2026-53488", "1.7.0 2.0.0 2.1.0 2.2.0 2.3.0",
	  "1.7.33 2.0.10 2.1.9 2.2.5 2.3.2", "" },
	{ "containerd", "CVE-2026-50195", "2.1.0 2.2.0 2.3.0", "2.1.9 2.2.5 2.3.2", "" },
	{ "containerd", "CVE-2026-53489", "2.1.0 2.2.0 2.3.0", "2.1.9 2.2.5 2.3.2", "" },
	{ "containerd", "CVE-2026-53492", "2.1.0 2.2.0 2.3.0", "2.1.9 2.2.5 2.3.2", "" },
	{ "containerd", "CVE-2026-53495", "", "2.3.5", "1.0.0" },
	{ "docker", "CVE-2019-14271", "19.03.0", "19.03.1", "" },
	{ "docker", "CVE-2019-13139", "0.0.1", "18.09.4", "" },
	{ "docker", "CVE-2021-21284", "0.0.1 20.10.0", "19.03.15 20.10.3", "" },
	{ "docker", "CVE-2021-21285", "0.0.1 20.10.0", "19.03.15 20.10.3", "" },
	{ "docker", "CVE-2021-41089", "0.0.1", "20.10.9", "" },
	{ "docker", "CVE-2021-41091", "0.0.1", "20.10.9", "" },
	{ "docker", "CVE-2022-24769", "0.0.1", "20.10.14", "" },
	{ "docker", "CVE-2022-36109", "0.0.1", "20.10.18", "" },
	{ "docker", "GHSA-vp35-85q5-9f25", "0.0.1", "20.10.20", "" },
	{ "docker", "CVE-2023-28840", "1.12.0 23.0.0", "20.10.24 23.0.3", "" },
	{ "docker", "CVE-2024-24557", "0.0.1 25.0.0", "24.0.9 25.0.2", "" },
	{ "docker", "CVE-2024-29018", "25.0.0 26.0.0-rc1", "25.0.5 26.0.0-rc3", "" },
	{ "docker", "CVE-2024-32473", "26.0.0", "26.0.2", "" },
	{ "docker", "CVE-2024-41110",
	  "19.03.0 20.10.0 23.0.0 24.0.0 25.0.0 26.0.0 26.1.0 27.0.0 27.1.0",
	  "19.03.16 20.10.28 23.0.15 24.0.10 25.0.6 26.0.3 26.1.5 27.0.4 27.1.1", "" },
	{ "docker", "CVE-2025-54388", "28.2.0", "28.3.3", "" },
	{ "docker", "CVE-2025-54410", "0.0.1 26.0.0", "25.0.13 28.0.0", "" },
	{ "docker", "CVE-2026-34040", "0.0.1", "29.3.1", "" },
	{ "docker", "CVE-2026-33997", "0.0.1", "29.3.1", "" },
	{ "docker", "CVE-2026-41567", "0.0.1", "29.5.1", "" },
	{ "docker", "CVE-2026-41568", "0.0.1", "29.5.1", "" },
	{ "docker", "CVE-2026-42306", "0.0.1", "29.5.1", "" },
	{ "buildkit", "CVE-2024-23650", "0.0.1", "0.12.5", "" },
	{ "buildkit", "CVE-2024-23651", "0.0.1", "0.12.5", "" },
	{ "buildkit", "CVE-2024-23652", "0.0.1", "0.12.5", "" },
	{ "buildkit", "CVE-2024-23653", "0.0.1", "0.12.5", "" },
	{ "buildkit", "CVE-2026-33747", "0.0.1", "0.28.1", "" },
	{ "buildkit", "CVE-2026-33748", "0.0.1", "0.28.1", "" },
	{ "buildkit", "CVE-2026-15792", "0.0.1", "0.31.2", "" },
	{ "podman", "CVE-2019-10152", "0.0.1", "1.4.0", "" },
	{ "podman", "CVE-2021-4024", "3.3.0", "3.4.3", "" },
	{ "podman", "CVE-2022-27649", "0.0.1", "4.0.3", "" },
	{ "podman", "CVE-2022-4122", "0.0.1", "4.5.0", "" },
	{ "podman", "CVE-2023-0778", "0.0.1", "4.4.2", "" },
	{ "podman", "CVE-2024-1753", "0.0.1", "4.9.4 5.0.1", "" },
	{ "podman", "CVE-2024-9407", "0.0.1", "5.2.4", "" },
	{ "podman", "CVE-2024-9341", "0.0.1", "5.2.4", "" },
	{ "podman", "CVE-2024-9675", "0.0.1", "5.2.5", "" },
	{ "podman", "CVE-2024-9676", "0.0.1", "5.2.5", "" },
	{ "podman", "CVE-2025-6032", "4.8.0", "5.5.2", "" },
	{ "podman", "CVE-2025-9566", "4.0.0", "5.6.1", "" },
	{ "podman", "CVE-2026-55686", "0.0.1", "5.7.1", "" },
	{ "podman", "CVE-2026-33414", "4.8.0", "5.8.2", "" },
	{ "buildah", "CVE-2024-11218", "0.0.1 1.35.0 1.37.0 1.38.0", "1.33.12 1.35.5 1.37.6 1.38.1",
	  "" },
	{ "buildah", "CVE-2026-44517", "", "", "1.38.1" },
	{ "cri-o", "CVE-2022-0811", "1.19.0 1.20.0 1.21.0 1.22.0 1.23.0",
	  "1.19.6 1.20.7 1.21.6 1.22.3 1.23.2", "" },
	{ "cri-o", "CVE-2022-1708", "0.0.1 1.23.0 1.24.0", "1.22.5 1.23.3 1.24.1", "" },
	{ "cri-o", "CVE-2022-4318", "0.0.1", "1.26.0", "" },
	{ "cri-o", "CVE-2023-6476", "0.0.1 1.28.0 1.29.0", "1.27.3 1.28.3 1.29.1", "" },
	{ "cri-o", "CVE-2024-3154", "0.0.1 1.28.0 1.29.0", "1.27.6 1.28.6 1.29.4", "" },
	{ "cri-o", "CVE-2024-5154", "1.28.6 1.29.4 1.30.0", "1.28.7 1.29.5 1.30.1", "" },
	{ "cri-o", "CVE-2024-8676", "0.0.1 1.30.0 1.31.0", "1.29.11 1.30.8 1.31.3", "" },
	{ "cri-o", "CVE-2026-15809", "", "", "1.0.0" },
	{ "kubelet", "CVE-2021-25741", "0.0.1 1.20.0 1.21.0 1.22.0",
	  "1.19.15 1.20.11 1.21.5 1.22.2", "" },
	{ "kubelet", "CVE-2023-2431", "0.0.1 1.25.0 1.26.0 1.27.0", "1.24.14 1.25.10 1.26.5 1.27.2",
	  "" },
	{ "kubelet", "CVE-2024-10220", "0.0.1 1.29.0 1.30.0", "1.28.12 1.29.7 1.30.3", "" },
	{ "kubelet", "CVE-2025-0426", "0.0.1 1.30.0 1.31.0 1.32.0", "1.29.14 1.30.10 1.31.6 1.32.2",
	  "" },
	{ "cni-plugins", "CVE-2020-10749", "0.0.1", "0.8.6", "" },
	{ "cni-plugins", "CVE-2025-67499", "1.6.0", "1.9.0", "" },
	{ "nvidia-container-toolkit", "CVE-2024-0132", "0.0.1", "1.16.2", "" },
	{ "nvidia-container-toolkit", "CVE-2025-23359", "0.0.1", "1.17.4", "" },
	{ "nvidia-container-toolkit", "CVE-2025-23266", "0.0.1", "1.17.8", "" },
};

#define STATUS "var/lib/dpkg/status"

/* A package that has one file. */
static void put_package(int root, const char *package, const char *version, const char *file)
{
	_cleanup_(freep) char *path = NULL, *text = NULL, *list = NULL;

	EXPECT(asprintf(&path, "var/lib/dpkg/info/%s.list", package) > 0);
	EXPECT(asprintf(&list, "/.\n/usr\n/%s\n/%s.other\n", file, file) > 0);
	tree_put(root, path, list);
	EXPECT(asprintf(&text,
			"Package: other\nStatus: install ok installed\nVersion: 9\n\n"
			"Package: %s\nStatus: install ok installed\nVersion: %s\n"
			"Description: x\n y\n\n",
			package, version) > 0);
	tree_put(root, STATUS, text);
	tree_put(root, file, "x");
}

static const char *file_of(const char *component)
{
	for (size_t i = 0; i < platform_n_components; i++) {
		const struct platform_component *c = &platform_components[i];
		static char path[64];

		if (strcmp(c->name, component) != 0)
			continue;
		(void)snprintf(path, sizeof(path), "usr/bin/%s", c->programs[0]);
		return path;
	}
	return NULL;
}

static const char *package_of(const char *component)
{
	for (size_t i = 0; i < platform_n_components; i++)
		if (strcmp(platform_components[i].name, component) == 0)
			return platform_components[i].packages[0];
	return NULL;
}

/* Each version in the list, as a package "VERSION-1" of a distribution that names no flaw. */
static void try_versions(int root, const struct cve_case *c, const char *list,
			 enum audit_verdict want)
{
	_cleanup_(freep) char *copy = strdup(list);
	char *rest = copy, id[96], name[160];

	(void)snprintf(id, sizeof(id), "cve.%s.%s", c->component, c->id);
	for (char *v; rest && *rest && (v = strsep(&rest, " "));) {
		_cleanup_(freep) char *version = NULL;
		char *dash = strchr(v, '-');

		/* As a package's: a candidate sorts before its release. */
		if (dash)
			*dash = '~';
		EXPECT(asprintf(&version, "%s-1", v) > 0);
		(void)snprintf(name, sizeof(name), "%s %s", id, version);
		test_case = name;
		put_package(root, package_of(c->component), version, file_of(c->component));
		expect_verdict(root, id, want);
	}
	test_case = NULL;
}

TEST(platform_knows_every_flaw)
{
	const char *ids[sizeof(cve_cases) / sizeof(cve_cases[0]) + 16];
	char texts[sizeof(cve_cases) / sizeof(cve_cases[0])][96];
	size_t n = sizeof(cve_cases) / sizeof(cve_cases[0]);

	for (size_t i = 0; i < n; i++) {
		const struct cve_case *c = &cve_cases[i];
		_cleanup_(closep) int root = tree_new_host();

		(void)snprintf(texts[i], sizeof(texts[i]), "cve.%s.%s", c->component, c->id);
		ids[i] = texts[i];
		expect_verdict(root, ids[i], AUDIT_INAPPLICABLE);
		try_versions(root, c, c->affected, AUDIT_FAIL);
		try_versions(root, c, c->fixed, AUDIT_PASS);
		try_versions(root, c, c->unknown, AUDIT_UNKNOWN);
	}
	ids[n++] = "platform.replaced";
	ids[n++] = "cve.kernel.CVE-2016-5195";
	ids[n++] = "cve.kernel.CVE-2017-1000112";
	ids[n++] = "cve.kernel.CVE-2022-0185";
	ids[n++] = "cve.kernel.CVE-2022-0492";
	ids[n++] = "cve.kernel.CVE-2022-0847";
	ids[n++] = "cve.kernel.CVE-2023-0386";
	ids[n++] = "cve.kernel.CVE-2023-32233";
	ids[n++] = "cve.kernel.CVE-2024-1086";
	expect_all_of("platform-cves", ids, n);
}

/*
 * runc (1.1.5+ds1-1+deb12u1): CVE-2024-21626, CVE-2024-1086
 * runc (1.0.0-1): CVE-2022-0185, CVE-2019-57361
 */
static void put_changelog(int root, const char *path)
{
	static const uint8_t packed[] = {
		0x1f, 0x8b, 0x08, 0x00, 0x00, 0x00, 0x00, 0x00, 0x02, 0x03, 0x8d, 0x8e, 0x4f, 0x8b,
		0xc2, 0x30, 0x14, 0xc4, 0xef, 0xfd, 0x14, 0x73, 0xd4, 0xad, 0x29, 0xef, 0x45, 0x5b,
		0xab, 0xeb, 0x8a, 0x8b, 0x78, 0x11, 0xbc, 0x7a, 0x4f, 0xed, 0x63, 0x59, 0x4c, 0x93,
		0x25, 0x35, 0xfe, 0xf9, 0xf6, 0x76, 0x45, 0x10, 0x3d, 0x39, 0xcc, 0x65, 0x60, 0x86,
		0xf9, 0x85, 0xe8, 0x76, 0xe8, 0x71, 0xc6, 0x59, 0x9e, 0xd6, 0x2d, 0x2b, 0x4e, 0x6b,
		0xa9, 0x58, 0x47, 0xee, 0xa3, 0xf2, 0x7e, 0x7f, 0xf2, 0xa1, 0xf9, 0x44, 0x0c, 0x3f,
		0xe2, 0x76, 0x97, 0xaf, 0x46, 0xea, 0xdf, 0xd8, 0x24, 0x09, 0xf0, 0x81, 0xe5, 0x76,
		0xa5, 0x34, 0xe9, 0x91, 0xd2, 0x5c, 0xe8, 0x62, 0x8a, 0x56, 0x8e, 0x12, 0x8c, 0x85,
		0x15, 0xb3, 0x6f, 0x9f, 0x1b, 0x4c, 0x65, 0xd1, 0x8d, 0x94, 0xc2, 0x37, 0x66, 0x66,
		0x21, 0x67, 0xd3, 0xfc, 0x59, 0x99, 0x03, 0x1b, 0xef, 0x06, 0x20, 0xc6, 0xda, 0x38,
		0xfc, 0x37, 0x41, 0x34, 0xbd, 0x19, 0x29, 0x75, 0x4a, 0x92, 0x70, 0xa7, 0xa3, 0x8c,
		0x54, 0x47, 0x14, 0x5d, 0x7b, 0x30, 0x95, 0x95, 0x07, 0x91, 0xf5, 0xa7, 0x27, 0x1c,
		0xad, 0x88, 0xcb, 0x7c, 0x70, 0x8f, 0x3c, 0x51, 0xf9, 0x78, 0x58, 0xf0, 0x1b, 0xe7,
		0x5c, 0xbe, 0x9e, 0x5f, 0x01, 0x03, 0xc3, 0x79, 0xc0, 0x1a, 0x01, 0x00, 0x00,
	};
	_cleanup_(freep) char *file = NULL;

	EXPECT(asprintf(&file, "%s/changelog.Debian.gz", path) > 0);
	tree_put_bytes(root, file, packed, sizeof(packed));
}

TEST(platform_believes_the_kernels_own_changelog)
{
	static const char *const cases[] = {
		"CVE-2016-5195", "CVE-2017-1000112", "CVE-2022-0185",  "CVE-2022-0492",
		"CVE-2022-0847", "CVE-2023-0386",    "CVE-2023-32233", "CVE-2024-1086",
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		_cleanup_(closep) int root = tree_new_host();
		char id[64];

		(void)snprintf(id, sizeof(id), "cve.kernel.%s", cases[i]);
		test_case = id;
		tree_put(root, "proc/sys/kernel/osrelease", "7.0.1-amd64\n");
		expect_verdict(root, id, AUDIT_PASS);
		tree_put(root, "proc/sys/kernel/osrelease", "3.10.0-1160.el7.x86_64\n");
		expect_verdict(root, id, AUDIT_UNKNOWN);
		/* A distribution's own number says nothing. */
		put_changelog(root, "usr/share/doc/linux-image-3.10.0-1160.el7.x86_64");
		expect_verdict(root, id,
			       strcmp(cases[i], "CVE-2024-1086") == 0 ||
					       strcmp(cases[i], "CVE-2022-0185") == 0
				       ? AUDIT_PASS
				       : AUDIT_UNKNOWN);
	}
	test_case = NULL;
}

/* A distribution's backport is no false alarm. */
TEST(platform_believes_the_distribution)
{
	static const struct {
		const char *component, *id, *version;
		bool changelog;
		enum audit_verdict want;
	} cases[] = {
		/* By the table, where no changelog was installed. */
		{ "runc", "CVE-2024-21626", "1.1.5+ds1-1+deb12u1", false, AUDIT_PASS },
		{ "runc", "CVE-2024-21626", "1.1.5+ds1-1", false, AUDIT_FAIL },
		/* Another distribution's package is not meant, though its version is greater. */
		{ "runc", "CVE-2024-21626", "1.1.7-0ubuntu1~22.04.1", false, AUDIT_FAIL },
		{ "runc", "CVE-2024-21626", "1.1.7-0ubuntu1~22.04.2", true, AUDIT_PASS },
		{ "runc", "CVE-2024-21626", "1.1.12-1", false, AUDIT_PASS },
		/* "CVE-2019-57361" in the changelog is not CVE-2019-5736. */
		{ "runc", "CVE-2019-5736", "1.0.0~rc6-1", true, AUDIT_FAIL },
		{ "runc", "CVE-2025-31133", "1.1.5+ds1-1+deb12u1", true, AUDIT_FAIL },
		{ "containerd", "CVE-2024-25621", "1.6.20~ds1-1+deb12u2", false, AUDIT_PASS },
		{ "containerd", "CVE-2025-64329", "1.6.20~ds1-1+deb12u2", false, AUDIT_FAIL },
		{ "containerd", "CVE-2025-64329", "1.6.20~ds1-1+deb12u3", false, AUDIT_PASS },
		{ "docker", "CVE-2024-41110", "20.10.24+dfsg1-1+deb12u1+b6", false, AUDIT_PASS },
		{ "docker", "CVE-2024-41110", "20.10.24+dfsg1-1", false, AUDIT_FAIL },
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		_cleanup_(closep) int root = tree_new_host();
		const char *package = package_of(cases[i].component);
		char id[96], name[160], doc[96];

		(void)snprintf(id, sizeof(id), "cve.%s.%s", cases[i].component, cases[i].id);
		(void)snprintf(name, sizeof(name), "%s %s", id, cases[i].version);
		(void)snprintf(doc, sizeof(doc), "usr/share/doc/%s", package);
		test_case = name;
		put_package(root, package, cases[i].version, file_of(cases[i].component));
		if (cases[i].changelog)
			put_changelog(root, doc);
		expect_verdict(root, id, cases[i].want);
	}
	test_case = NULL;
}

TEST(platform_says_what_tells)
{
	_cleanup_(closep) int root = tree_new_host();

	put_package(root, "runc", "1.1.5+ds1-1+deb12u1", "sbin/runc");
	put_changelog(root, "usr/share/doc/runc");
	/* Folders were merged: the list has the old name. */
	tree_put(root, "usr/sbin/runc", "x");
	expect_finding(root, "cve.runc.CVE-2024-21626",
		       "pass: /var/lib/dpkg/status: runc 1.1.5+ds1-1+deb12u1; Debian fixed it in "
		       "1.1.5+ds1-1+deb12u1");
	expect_finding(root, "cve.runc.CVE-2025-31133",
		       "fail: /var/lib/dpkg/status: runc 1.1.5+ds1-1+deb12u1: upstream 1.1.5");
	/* One file by two names is one. */
	EXPECT(dir_make(root, "usr/bin", NULL) == 0);
	EXPECT(symlinkat("/usr/sbin/runc", root, "usr/bin/runc") == 0);
	expect_verdict(root, "cve.runc.CVE-2025-31133", AUDIT_FAIL);
	/* A file that no package has, and one of a package of something else. */
	tree_put(root, "var/lib/dpkg/info/runc.list", "/.\n");
	expect_verdict(root, "cve.runc.CVE-2025-31133", AUDIT_UNKNOWN);
	put_package(root, "containerd.io", "1.7.27-1", "usr/sbin/runc");
	expect_verdict(root, "cve.runc.CVE-2025-31133", AUDIT_UNKNOWN);
}

TEST(platform_sees_what_runs_and_was_replaced)
{
	_cleanup_(closep) int root = tree_new_host();

	expect_verdict(root, "platform.replaced", AUDIT_INAPPLICABLE);
	put_package(root, "docker.io", "29.5.1-1", "usr/bin/dockerd");
	docker_put_process(root, 100, "/usr/bin/dockerd", "dockerd");
	expect_verdict(root, "platform.replaced", AUDIT_PASS);
	expect_verdict(root, "cve.docker.CVE-2026-42306", AUDIT_PASS);
	docker_put_process(root, 100, "/usr/bin/dockerd (deleted)", "dockerd");
	expect_finding(root, "platform.replaced",
		       "fail: /proc: process 100 executes /usr/bin/dockerd, which was replaced or "
		       "removed");
	/* Of what runs nothing is known; what is installed is fine. */
	expect_subject(root, "cve.docker.CVE-2026-42306", 2, 0, AUDIT_UNKNOWN,
		       "engine docker (/usr/bin/dockerd)");
	expect_subject(root, "cve.docker.CVE-2026-42306", 2, 1, AUDIT_PASS,
		       "engine docker (/usr/bin/dockerd)");
}

/* A build of Go as its linker leaves it: of the header only the flag counts. */
static void make_go(struct buf *ret, const char *info)
{
	static const uint8_t header[32] = "\xff Go buildinf:\x08\x02";
	static const char sentinel[] = "SSSSSSSSSSSSSSSS";
	size_t len = strlen(info) + 32;
	uint8_t length[2] = { (uint8_t)((len & 0x7f) | 0x80), (uint8_t)(len >> 7) };

	ret->len = 0;
	EXPECT(buf_add(ret, header, sizeof(header)) == 0);
	EXPECT(buf_add_str(ret, "\x08go1.22.1") == 0);
	EXPECT(buf_add(ret, length, sizeof(length)) == 0);
	EXPECT(buf_printf(ret, "%s%s%s", sentinel, info, sentinel) == 0);
}

TEST(go_builds_tell_their_version)
{
	static const struct {
		const char *info, *want; /* NULL: none */
	} cases[] = {
		{ "path\tx\nmod\tgithub.com/opencontainers/runc\tv1.1.12\th1:x\nbuild\t-x=y\n",
		  "1.1.12" },
		{ "mod\tx\t(devel)\t\nbuild\t-ldflags=\"-X main.gitCommit=v1 -X main.version=1.2.3\"\n",
		  "1.2.3" },
		{ "build\t-ldflags=\" -X \\\"github.com/docker/cli/cli/version.Version=28.2.2\\\" -s\"\n",
		  "28.2.2" },
		{ "build\t-ldflags=-X a.Version=v1.7.27", "1.7.27" },
		{ "build\t-ldflags=-X a.Version=unknown\n", NULL },
		{ "build\t-ldflags=-X a.goversion=1.2\n", NULL },
		{ "mod\tx\tv0.0.0-20250530120714-e6534b4\n", NULL },
		{ "dep\tx\tv1.0.0\n", NULL },
		{ "mod\n", NULL },
		{ "", NULL },
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		_cleanup_(buf_free) struct buf b = { 0 };
		char version[GO_VERSION_MAX] = "";

		test_case = cases[i].info;
		make_go(&b, cases[i].info);
		EXPECT(go_build_parse(b.data, b.len, version) == (cases[i].want != NULL));
		if (cases[i].want)
			EXPECT_STR(version, cases[i].want);
		EXPECT(!go_build_parse(b.data, b.len - 1, version));
		b.data[15] = 0;
		EXPECT(!go_build_parse(b.data, b.len, version));
	}
	test_case = NULL;
}

TEST(dpkg_is_read)
{
	static const char status[] =
		"Package: a\nStatus: deinstall ok config-files\nVersion: 1\n\n"
		"Package: aa\nStatus: install ok installed\nVersion: 2\n\n"
		"Package: a\nStatus: install ok installed\nArchitecture: i386\nVersion: 3\n";
	char version[DPKG_VERSION_MAX];

	EXPECT(dpkg_version(status, "a", version));
	EXPECT_STR(version, "3");
	EXPECT(dpkg_version(status, "aa", version));
	EXPECT_STR(version, "2");
	EXPECT(!dpkg_version(status, "b", version));
	EXPECT(!dpkg_version("", "b", version));
	EXPECT(dpkg_list_has("/.\n/bin/x\n/bin/xy\n", "/bin/x"));
	EXPECT(dpkg_list_has("/bin/x", "/bin/x"));
	EXPECT(!dpkg_list_has("/bin/xy\n/usr/bin/x\n", "/bin/x"));
}
