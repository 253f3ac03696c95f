/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What a host says about its CVEs: statements, versions, formats, signature. */
#include "fake-tree.h"

#include <sys/stat.h>

#include "agent/tell-vex.h"
#include "base/json.h"
#include "cve-fixture.h"
#include "fake-picture.h"
#include "host/vex/evidence.h"
#include "host/vex/read.h"
#include "host/vex/signing.h"
#include "host/vex/write.h"
#include "trust/cve/version.h"

#define NOW   INT64_C(1795722000) /* 2026-11-26T19:40:00Z */
#define LEVEL "var/lib/oakum/levels/000102030405060708090a0b0c0d0e0f10111213/3/manifest.json"

TEST(package_urls)
{
	static const struct {
		struct cve_kernel k;
		const char *upstream, *kernel, *source;
	} cases[] = {
		{ { .distribution = CVE_DISTRIBUTION_DEBIAN,
		    .release = "6.1.0-50-amd64",
		    .package = "6.1.176-1" },
		  "6.1.176",
		  "pkg:deb/debian/linux-image-6.1.0-50-amd64@6.1.176-1?arch=amd64",
		  "pkg:deb/debian/linux@6.1.176-1?arch=source" },
		{ { .distribution = CVE_DISTRIBUTION_DEBIAN,
		    .release = "6.12.9+bpo-amd64",
		    .package = "6.12.9-1~bpo12+1" },
		  "6.12.9",
		  "pkg:deb/debian/linux-image-6.12.9%2Bbpo-amd64@6.12.9-1~bpo12%2B1?arch=amd64",
		  "pkg:deb/debian/linux@6.12.9-1~bpo12%2B1?arch=source" },
		{ { .distribution = CVE_DISTRIBUTION_UBUNTU,
		    .release = "5.15.0-91-generic",
		    .package = "5.15.0-91.101-generic" },
		  "5.15.131",
		  "pkg:deb/ubuntu/linux-image-5.15.0-91-generic@5.15.0-91.101?arch=amd64",
		  "pkg:deb/ubuntu/linux@5.15.0-91.101?arch=source" },
		{ { .release = "6.18.44-fc" }, "6.18.44", "pkg:generic/linux@6.18.44", "" },
	};
	char purl[PURL_MAX];

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct cve_kernel k = cases[i].k;

		test_case = cases[i].kernel;
		EXPECT(cve_version_parse(cases[i].upstream, &k.upstream) > 0);
		purl_of_kernel(&k, "x86_64", purl);
		EXPECT_STR(purl, cases[i].kernel);
		purl_of_source(&k, purl);
		EXPECT_STR(purl, cases[i].source);
	}
	test_case = NULL;
	purl_encode("a b/%\xc3\xa9?", purl, sizeof(purl));
	EXPECT_STR(purl, "a%20b%2F%25%C3%A9%3F");
	purl_encode("++++", purl, 8);
	EXPECT_STR(purl, "%2B%2B");
}

/* Level 3 is on the disk of Debian's 6.1.140, and closes two CVEs of which no record is needed. */
static int host_new(void)
{
	static const char *const cves[] = { "CVE-2026-1009", "CVE-2026-1010" };
	int root = tree_new_host();
	_cleanup_(manifest_freep) struct manifest *m = fake_cves(cves, 2);
	_cleanup_(freep) char *text = json_text(m->json);

	tree_put(root, LEVEL, text);
	tree_put(root, "proc/sys/kernel/hostname", "ship\n");
	tree_put(root, "proc/version",
		 "Linux version 6.1.0-50-amd64 (x) #1 SMP Debian 6.1.140-1 (x)\n");
	return root;
}

static void load(int root, const char *transition)
{
	tree_put_livepatch(root, "oakum_3", "f0,1", "1\n", transition);
	tree_put_livepatch(root, "oakum_3", "f1,1", "1\n", transition);
}

static void take(int root, struct vex_taken *t)
{
	const struct vex_wanted w = { .all = false };
	struct oak_error err = { .code = OAK_OK };

	if (vex_take(root, &w, t, &err) < 0)
		test_fail(err.msg, __FILE__, __LINE__);
}

static void check(int root, enum vex_status status, const char *notes, const char *action)
{
	_cleanup_(vex_taken_clear) struct vex_taken t = { .changed = false };

	take(root, &t);
	EXPECT(t.vex.n == 2);
	for (size_t i = 0; i < t.vex.n; i++) {
		EXPECT(t.vex.v[i].year == 2026 && t.vex.v[i].number == 1009 + i);
		EXPECT_STR(vex_status_name(t.vex.v[i].status), vex_status_name(status));
		EXPECT_CONTAINS(vex_text(&t.vex, t.vex.v[i].notes), notes);
		EXPECT_STR(vex_text(&t.vex, t.vex.v[i].action), action);
	}
	EXPECT_STR(t.database_why, "no CVE database: only what levels close is known");
	EXPECT_STR(t.vex.author, "oakum on ship");
}

TEST(without_a_database_levels_speak)
{
	_cleanup_(closep) int root = host_new();

	check(root, VEX_AFFECTED, "exposed: level 3 closes it, and it is not wholly in the kernel",
	      "load level 3: oakum update");
	load(root, "1\n");
	check(root, VEX_AFFECTED, "exposed: ", "wait: level 3 is between the old code and the new");
	load(root, "0\n");
	check(root, VEX_FIXED,
	      "patched-live: level 3: t; oakum_3 is applied in the kernel of build-id "
	      "000102030405060708090a0b0c0d0e0f10111213, 2 of 2 functions redirected, manifest "
	      "sha256:",
	      "");
	tree_drop(root, "sys/kernel/livepatch/oakum_3");
	check(root, VEX_AFFECTED, "exposed: ", "load level 3: oakum update");
}

/* Each verdict, in the words of OpenVEX. */
TEST(what_a_verdict_means_to_others)
{
	static const struct {
		const char *id;
		enum cve_verdict verdict;
		enum vex_status status;
		const char *justification;
	} cases[] = {
		{ "CVE-2025-38236", CVE_VERDICT_EXPOSED, VEX_AFFECTED, NULL },
		{ "CVE-2025-38236", CVE_VERDICT_MODULE_NOT_LOADED, VEX_AFFECTED, NULL },
		{ "CVE-2025-38236", CVE_VERDICT_BLOCKED, VEX_NOT_AFFECTED,
		  "vulnerable_code_not_in_execute_path" },
		{ "CVE-2025-38236", CVE_VERDICT_NOT_BUILT, VEX_NOT_AFFECTED,
		  "vulnerable_code_not_present" },
		{ "CVE-2025-38236", CVE_VERDICT_FIXED, VEX_FIXED, NULL },
		{ "CVE-2025-38236", CVE_VERDICT_NOT_AFFECTED, VEX_NOT_AFFECTED,
		  "vulnerable_code_not_present" },
	};
	_cleanup_(cve_db_close) struct cve_db db = { 0 };
	struct cve_compile_options opt = { .records = CVE_RECORDS };
	struct cve_compile_report report;
	const struct cve_host h = { .next = { .upstream = 0 } };
	struct oak_error err;

	fixture_compile(&opt, &report, &db);
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		_cleanup_(vex_free) struct vex v = { .n = 0 };
		const struct cve_judgement j = { .verdict = cases[i].verdict,
						 .built = { .module = "net/a/b" } };

		test_case = cve_verdict_name(cases[i].verdict);
		EXPECT(vex_add(&v, &h, &db, fixture_find(&db, cases[i].id), &j, &err) == 0);
		EXPECT(v.n == 1 && v.v[0].status == cases[i].status);
		EXPECT((v.v[0].action != 0) == (cases[i].status == VEX_AFFECTED));
		if (cases[i].justification)
			EXPECT_STR(vex_justification_name(v.v[0].justification),
				   cases[i].justification);
		else
			EXPECT(!vex_justification_name(v.v[0].justification));
		EXPECT_CONTAINS(vex_text(&v, v.v[0].title), "af_unix");
	}
	test_case = NULL;
	_cleanup_(vex_free) struct vex none = { .n = 0 };
	const struct cve_judgement rejected = { .verdict = CVE_VERDICT_NONE };

	EXPECT(vex_add(&none, &h, &db, fixture_find(&db, "CVE-2025-38236"), &rejected, &err) == 0);
	EXPECT(none.n == 0);
}

TEST(formats_are_read_back)
{
	static const enum vex_format formats[] = { VEX_OPENVEX, VEX_CSAF, VEX_CYCLONEDX };
	_cleanup_(vex_taken_clear) struct vex_taken t = { .changed = false };
	_cleanup_(closep) int root = host_new();
	struct oak_error err = { .code = OAK_OK };

	load(root, "0\n");
	take(root, &t);
	EXPECT(vex_taken_issue(root, &t, "", NOW, &err) == 0 && t.changed);
	for (size_t i = 0; i < sizeof(formats) / sizeof(formats[0]); i++) {
		_cleanup_(buf_free) struct buf text = { 0 }, again = { 0 };
		_cleanup_(vex_document_free) struct vex_document d = { .n = 0 };

		test_case = vex_format_name(formats[i]);
		EXPECT(vex_format_parse(test_case) == formats[i]);
		EXPECT(vex_write(&t.vex, formats[i], &text, &err) == 0);
		EXPECT(vex_write(&t.vex, formats[i], &again, &err) == 0);
		EXPECT(text.len == again.len && memcmp(text.data, again.data, text.len) == 0);
		if (vex_document_parse(text.data, text.len, "d", &d, &err) < 0)
			test_fail(err.msg, __FILE__, __LINE__);
		EXPECT(d.format == formats[i] && d.version == 1 && d.n == 2);
		EXPECT_STR(d.product, t.vex.product);
		EXPECT(vex_document_find(&d, 2026, 1010)->status == VEX_FIXED);
		EXPECT(!vex_document_find(&d, 2026, 1011));
	}
	test_case = NULL;
}

TEST(documents_of_others_are_refused)
{
	static const struct {
		const char *text, *msg;
	} cases[] = {
		{ "{}", "d: neither OpenVEX, CSAF nor CycloneDX" },
		{ "[]", "d: neither OpenVEX, CSAF nor CycloneDX" },
		{ "{\"bomFormat\":\"CycloneDX\",\"version\":1}",
		  "d: without a product, or a version" },
		{ "{\"bomFormat\":\"CycloneDX\",\"version\":1,\"metadata\":{\"component\":{\"purl\":\"p\"}},"
		  "\"vulnerabilities\":[{\"id\":\"CVE-2026-0001\",\"analysis\":{\"state\":\"in_triage\"}}]}",
		  "d: statement 1 is none that oakum writes" },
		{ "{\"bomFormat\":\"CycloneDX\",\"version\":1,\"metadata\":{\"component\":{\"purl\":\"p\"}},"
		  "\"vulnerabilities\":[{\"id\":\"CVE-2026-0001\",\"analysis\":{\"state\":\"not_affected\"}}]}",
		  "d: statement 1 is none that oakum writes" },
		{ "{\"bomFormat\":\"CycloneDX\",\"version\":1,\"metadata\":{\"component\":{\"purl\":\"p\"}},"
		  "\"vulnerabilities\":[{\"id\":\"CVE-2026-0001\",\"analysis\":{\"state\":\"resolved\"}},"
		  "{\"id\":\"CVE-2026-0001\",\"analysis\":{\"state\":\"exploitable\"}}]}",
		  "d: CVE-2026-0001 has two statements" },
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct vex_document d;
		struct oak_error err;

		test_case = cases[i].text;
		EXPECT(vex_document_parse(cases[i].text, strlen(cases[i].text), "d", &d, &err) ==
		       -OAK_E_FORMAT);
		EXPECT_STR(err.msg, cases[i].msg);
	}
	test_case = NULL;
}

TEST(nothing_to_say_is_no_document)
{
	_cleanup_(buf_free) struct buf text = { 0 };
	const struct vex v = { .n = 0 };
	struct oak_error err;

	EXPECT(vex_write(&v, VEX_OPENVEX, &text, &err) == -OAK_E_NOTHING);
	EXPECT_CONTAINS(err.msg, "nothing to state: no CVE database");
}

static void issue(struct vex_history *h, const char *build_id, char digit, int64_t now,
		  struct vex_issue *ret, int want)
{
	char digest[SHA256_HEX_MAX];
	struct oak_error err;

	memset(digest, digit, sizeof(digest) - 1);
	digest[sizeof(digest) - 1] = '\0';
	EXPECT(history_issue(h, build_id, "owner", digest, now, ret, &err) == want);
}

TEST(the_content_decides_the_version)
{
	_cleanup_(history_free) struct vex_history h = { .series = 0 }, got = { .series = 0 };
	_cleanup_(closep) int root = tree_new();
	struct oak_error err = { .code = OAK_OK };
	struct vex_issue one, other;

	EXPECT(history_read(root, &h, &err) == 0);
	issue(&h, "aa", 'a', 100, &one, 1);
	EXPECT(one.version == 1 && one.revisions[0].at_s == 100);
	issue(&h, "aa", 'a', 200, &other, 0);
	EXPECT(other.version == 1 && other.revisions[0].at_s == 100);
	EXPECT_STR(other.id, one.id);
	issue(&h, "aa", 'b', 90, &other, 1); /* a clock that was set back */
	EXPECT(other.version == 2 && other.revisions[1].at_s == 100);
	EXPECT_STR(other.id, one.id);
	EXPECT(history_write(root, &h, &err) == 0 && history_read(root, &got, &err) == 0);
	EXPECT(got.n == 2 && got.series == 1);
	issue(&got, "aa", 'a', 300, &other, 1);
	EXPECT(other.version == 3);
	issue(&got, "bb", 'a', 400, &other, 1);
	EXPECT(other.version == 1 && other.revisions[0].at_s == 400);
	EXPECT(strcmp(other.id, one.id) != 0 && strlen(other.id) == VEX_UUID_MAX - 1);
	for (unsigned i = 1; i < VEX_REVISIONS_MAX; i++)
		issue(&got, "bb", i % 2 ? 'b' : 'a', 500, &one, 1);
	EXPECT(one.version == VEX_REVISIONS_MAX);
	issue(&got, "bb", 'c', 600, &one, 1);
	EXPECT(one.version == 1 && strcmp(one.id, other.id) != 0);
	tree_put(root, VEX_HISTORY_PATH, "{\"schema\": 2}");
	history_free(&got);
	EXPECT(history_read(root, &got, &err) == 0 && got.n == 0);
}

TEST(a_key_of_its_own)
{
	_cleanup_(closep) int root = tree_new();
	_cleanup_(buf_free) struct buf text = { 0 };
	struct vex_key one, again;
	struct vex_public public;
	struct oak_error err = { .code = OAK_OK };
	struct stat st;

	EXPECT(vex_key_read(root, &one, &err) == -OAK_E_NOTFOUND);
	EXPECT_CONTAINS(err.msg,
			"this host has no key of its own yet; run as root: oakum vex --write");
	EXPECT(vex_key_need(root, &one, &err) == 0 && vex_key_need(root, &again, &err) == 0);
	EXPECT_STR(one.public.id, again.public.id);
	EXPECT(fstatat(root, VEX_KEY_PATH, &st, 0) == 0 && (st.st_mode & 07777) == 0600);
	EXPECT(vex_public_text(&one.public, &text, &err) == 0);
	EXPECT(vex_public_parse(buf_str(&text), &public, &err) == 0);
	EXPECT_STR(public.id, one.public.id);
	EXPECT(vex_public_parse("-----BEGIN PUBLIC KEY-----\nAAAA\n-----END PUBLIC KEY-----\n",
				&public, &err) == -OAK_E_FORMAT);
	EXPECT(fchmodat(root, VEX_KEY_PATH, 0644, 0) == 0);
	EXPECT(vex_key_need(root, &again, &err) == -OAK_E_REFUSED);
	EXPECT_CONTAINS(err.msg, "others may read this private key");
	EXPECT(fchmodat(root, VEX_KEY_PATH, 0600, 0) == 0);
	tree_put(root, VEX_KEY_PATH, "no key");
	EXPECT(vex_key_need(root, &again, &err) == -OAK_E_FORMAT);
}

/* The first key of RFC 8032 section 7.1, as "openssl pkey" writes it. */
TEST(the_file_of_another_program)
{
	_cleanup_(closep) int root = tree_new();
	struct vex_key key;
	char hex[65];
	struct oak_error err = { .code = OAK_OK };

	tree_put(root, VEX_KEY_PATH,
		 "-----BEGIN PRIVATE KEY-----\n"
		 "MC4CAQAwBQYDK2VwBCIEIJ1hsZ3v/VpguoRK9JLsLMREScVpezJpGXA7rAMcrn9g\n"
		 "-----END PRIVATE KEY-----\n");
	EXPECT(fchmodat(root, VEX_KEY_PATH, 0600, 0) == 0);
	EXPECT(vex_key_read(root, &key, &err) == 0);
	hex_encode(key.public.raw, sizeof(key.public.raw), hex);
	EXPECT_STR(hex, "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a");
}

TEST(envelopes)
{
	_cleanup_(closep) int root = tree_new();
	_cleanup_(buf_free) struct buf text = { 0 };
	_cleanup_(envelope_free) struct vex_envelope e = { .type = "" };
	struct vex_key key, other;
	struct oak_error err = { .code = OAK_OK };

	EXPECT(vex_key_need(root, &key, &err) == 0);
	tree_drop(root, "var");
	EXPECT(vex_key_need(root, &other, &err) == 0);
	EXPECT(envelope_write(&key, "text/x", "hello", 5, &text, &err) == 0);
	EXPECT(envelope_parse(text.data, text.len, &e, &err) == 0);
	EXPECT_STR(e.type, "text/x");
	EXPECT_STR(buf_str(&e.payload), "hello");
	EXPECT(envelope_verify(&e, &key.public, &err) == 0);
	EXPECT(envelope_verify(&e, &other.public, &err) == -OAK_E_TRUST);
	EXPECT_CONTAINS(err.msg, "the signature is not of key");
	e.type[0] = 'T';
	EXPECT(envelope_verify(&e, &key.public, &err) == -OAK_E_TRUST);
	e.type[0] = 't';
	e.payload.data[0] = 'H';
	EXPECT(envelope_verify(&e, &key.public, &err) == -OAK_E_TRUST);
}

static void version_of(int root, uint32_t want, char sha256[SHA256_HEX_MAX])
{
	_cleanup_(buf_free) struct buf text = { 0 };
	_cleanup_(vex_document_free) struct vex_document d = { .n = 0 };
	struct oak_error err = { .code = OAK_OK };

	EXPECT(file_read(root, "run/oakum/vex.openvex.json", 1u << 20, &text, &err) == 0);
	EXPECT(vex_document_parse(text.data, text.len, "d", &d, &err) == 0);
	EXPECT(d.version == want);
	sha256_hex(text.data, text.len, sha256);
}

TEST(files_follow_the_kernel)
{
	_cleanup_(settings_free) struct settings s = { 0 };
	_cleanup_(closep) int root = host_new();
	_cleanup_(buf_free) struct buf text = { 0 };
	_cleanup_(envelope_free) struct vex_envelope e = { .type = "" };
	_cleanup_(evidence_free) struct evidence ev = { .doc = NULL };
	struct vex_key key;
	char first[SHA256_HEX_MAX], then[SHA256_HEX_MAX];
	struct oak_error err = { .code = OAK_OK };

	EXPECT(settings_init(&s, &err) == 0);
	EXPECT_STR(s.vex, "openvex");
	EXPECT(tell_vex(root, &s, NOW, NULL, &err) == 0);
	version_of(root, 1, first);
	EXPECT(tell_vex(root, &s, NOW + 60, NULL, &err) == 0);
	version_of(root, 1, then);
	EXPECT_STR(then, first);
	load(root, "0\n");
	EXPECT(tell_vex(root, &s, NOW + 120, NULL, &err) == 0);
	version_of(root, 2, then);

	EXPECT(file_read(root, VEX_ENVELOPE_PATH, 1u << 20, &text, &err) == 0);
	EXPECT(envelope_parse(text.data, text.len, &e, &err) == 0);
	EXPECT(vex_key_read(root, &key, &err) == 0 && envelope_verify(&e, &key.public, &err) == 0);
	EXPECT(evidence_parse(e.payload.data, e.payload.len, &ev, &err) == 0);
	EXPECT(ev.level == 3 && evidence_has(&ev, then) && !evidence_has(&ev, first));
	EXPECT_STR(ev.state, "applied");
	EXPECT(json_array_size(ev.fixes) == 2 && !ev.database);

	/* Nothing is left to say. */
	tree_drop(root, "var/lib/oakum/levels");
	tree_drop(root, "sys/kernel/livepatch/oakum_3");
	EXPECT(tell_vex(root, &s, NOW + 180, NULL, &err) == 0);
	EXPECT(!file_exists(root, "run/oakum/vex.openvex.json") &&
	       !file_exists(root, VEX_ENVELOPE_PATH));
}

TEST(formats_by_setting)
{
	_cleanup_(settings_free) struct settings s = { 0 };
	_cleanup_(closep) int root = host_new();
	struct oak_error err = { .code = OAK_OK };

	tree_put(root, SETTINGS_PATH, "vex = csaf cyclonedx\n");
	EXPECT(settings_read(root, &s, &err) == 0 && tell_vex(root, &s, NOW, NULL, &err) == 0);
	EXPECT(file_exists(root, "run/oakum/vex.csaf.json") &&
	       file_exists(root, "run/oakum/vex.cdx.json") &&
	       !file_exists(root, "run/oakum/vex.openvex.json"));
	settings_free(&s);
	tree_put(root, SETTINGS_PATH, "vex = none\n");
	EXPECT(settings_read(root, &s, &err) == 0 && tell_vex(root, &s, NOW, NULL, &err) == 0);
	EXPECT(!file_exists(root, "run/oakum/vex.csaf.json"));
	settings_free(&s);
	tree_put(root, SETTINGS_PATH, "vex = openvex spdx\n");
	EXPECT(settings_read(root, &s, &err) == -OAK_E_FORMAT);
	EXPECT_CONTAINS(err.msg, "openvex, csaf, cyclonedx or oval with blanks between, or 'none'");
}
