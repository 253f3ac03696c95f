/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "fake-tree.h"

#include "host/identity.h"

#define GNU      "\x04\0\0\0\x14\0\0\0\x03\0\0\0GNU\0"
#define ID       "\0\x01\x02\x03\x04\x05\x06\x07\x08\x09\x0a\x0b\x0c\x0d\x0e\x0f\x10\x11\x12\x13"
#define LINUX    "\x06\0\0\0\x04\0\0\0\x01\x01\0\0Linux\0\0\0\0\0\0\0"
#define BYTES(s) (const void *)(s), sizeof(s) - 1
#define ID_OF(n) "\x04\0\0\0" n "\0\0\0\x03\0\0\0GNU\0"

TEST(notes_find_build_id_among_others)
{
	static const struct {
		const char *name;
		const void *in;
		size_t len;
		int want;
		const char *want_text; /* the build-id, or the message */
	} cases[] = {
		{ "alone", BYTES(GNU ID), 0, FAKE_BUILD_ID },
		{ "after another", BYTES(LINUX GNU ID), 0, FAKE_BUILD_ID },
		{ "before a cut off one", BYTES(GNU ID "\x04\0\0"), 0, FAKE_BUILD_ID },
		{ "8 bytes", BYTES(ID_OF("\x08") "abcdefgh"), 0, "6162636465666768" },
		{ "last padding missing", BYTES(ID_OF("\x09") "abcdefghi"), 0,
		  "616263646566676869" },
		{ "nothing", BYTES(""), -OAK_E_NOTFOUND, "no GNU build-id among the notes" },
		{ "only others", BYTES(LINUX), -OAK_E_NOTFOUND, "no GNU build-id among the notes" },
		{ "half a header", BYTES("\x04\0\0\0\x14\0"), -OAK_E_FORMAT, "a note is cut off" },
		{ "half an id", BYTES(GNU "\1\2\3"), -OAK_E_FORMAT, "a note is cut off" },
		{ "huge name", BYTES("\xff\xff\xff\xff\x14\0\0\0\x03\0\0\0GNU\0"), -OAK_E_FORMAT,
		  "a note is cut off" },
		{ "empty id", BYTES(ID_OF("\0")), -OAK_E_FORMAT, "the build-id has 0 bytes" },
		{ "long id", BYTES(ID_OF("\x44") ID ID ID "12345678"), -OAK_E_FORMAT,
		  "the build-id has 68 bytes" },
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct oak_error err = { .code = OAK_OK };
		char id[BUILD_ID_HEX_MAX] = "";

		test_case = cases[i].name;
		EXPECT(notes_find_build_id(cases[i].in, cases[i].len, id, &err) == cases[i].want);
		EXPECT_STR(cases[i].want ? err.msg : id, cases[i].want_text);
	}
	test_case = NULL;
}

TEST(identity_of_a_host_that_can_be_patched)
{
	_cleanup_(closep) int root = tree_new_host();
	struct oak_error err = { .code = OAK_OK };
	struct identity id;

	EXPECT(identity_read(root, &id, &err) == 0);
	EXPECT_STR(id.build_id, FAKE_BUILD_ID);
	EXPECT_STR(id.release, "6.1.0-50-amd64");
	EXPECT_STR(id.boot_id, "b8a7a2a4-0000-4000-8000-1234567890ab");
	EXPECT(id.livepatch && !id.sig_enforce && !id.modules_disabled);
	EXPECT(id.lockdown == LOCKDOWN_NONE);
}

TEST(identity_of_an_empty_tree_is_all_unknown)
{
	_cleanup_(closep) int root = tree_new();
	struct oak_error err = { .code = OAK_OK };
	struct identity id;

	EXPECT(identity_read(root, &id, &err) == 0);
	EXPECT_STR(id.build_id, "");
	EXPECT_STR(id.release, "");
	EXPECT(!id.livepatch && !id.sig_enforce && !id.modules_disabled);
}

TEST(identity_reads_what_locks_modules_out)
{
	static const struct {
		const char *text;
		enum lockdown want;
	} cases[] = {
		{ "[none] integrity confidentiality\n", LOCKDOWN_NONE },
		{ "none [integrity] confidentiality\n", LOCKDOWN_INTEGRITY },
		{ "none integrity [confidentiality]\n", LOCKDOWN_CONFIDENTIALITY },
	};
	_cleanup_(closep) int root = tree_new_host();
	struct oak_error err = { .code = OAK_OK };
	struct identity id;

	tree_put(root, "sys/module/module/parameters/sig_enforce", "Y\n");
	tree_put(root, "proc/sys/kernel/modules_disabled", "1\n");
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		tree_put(root, "sys/kernel/security/lockdown", cases[i].text);
		EXPECT(identity_read(root, &id, &err) == 0);
		EXPECT(id.lockdown == cases[i].want);
	}
	EXPECT(id.sig_enforce && id.modules_disabled);
}

TEST(identity_refuses_malformed_notes)
{
	_cleanup_(closep) int root = tree_new();
	struct oak_error err = { .code = OAK_OK };
	struct identity id;

	tree_put_bytes(root, "sys/kernel/notes", "\x04\0\0", 3);
	EXPECT(identity_read(root, &id, &err) == -OAK_E_FORMAT);
	EXPECT_STR(err.msg, "/sys/kernel/notes: a note is cut off");
}
