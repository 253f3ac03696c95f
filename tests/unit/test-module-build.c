/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "fake-tree.h"

#include <elf.h>

#include "fake-manifest.h"
#include "host/module-build.h"
#include "host/preflight.h"

#define SHIPPED "000102030405060708090a0b0c0d0e0f10111213"
#define OTHER   "ff0102030405060708090a0b0c0d0e0f10111213"

/* A .note.gnu.build-id whose first byte is @first. */
static void put_note(struct buf *b, uint8_t first)
{
	static const uint8_t head[] = { 4, 0, 0, 0, 20, 0, 0, 0, 3, 0, 0, 0, 'G', 'N', 'U', 0 };

	EXPECT(buf_add(b, head, sizeof(head)) == 0);
	for (uint8_t i = 0; i < 20; i++)
		EXPECT(buf_add(b, i ? &i : &first, 1) == 0);
}

/* A module's file with that note in its second section. */
static void put_file(struct buf *b, uint8_t first)
{
	Elf64_Ehdr eh = { .e_ident = { 0x7f, 'E', 'L', 'F', ELFCLASS64, ELFDATA2LSB, EV_CURRENT },
			  .e_type = ET_REL,
			  .e_shentsize = sizeof(Elf64_Shdr),
			  .e_shnum = 2,
			  .e_shoff = sizeof(eh) };
	Elf64_Shdr sh[2] = {
		{ 0 }, { .sh_type = SHT_NOTE, .sh_offset = sizeof(eh) + sizeof(sh), .sh_size = 36 }
	};

	EXPECT(buf_add(b, &eh, sizeof(eh)) == 0 && buf_add(b, sh, sizeof(sh)) == 0);
	put_note(b, first);
}

static void load(int root, uint8_t first)
{
	_cleanup_(buf_free) struct buf note = { 0 };

	put_note(&note, first);
	tree_put(root, "sys/module/demo/initstate", "live\n");
	tree_put_bytes(root, "sys/module/demo/notes/.note.gnu.build-id", note.data, note.len);
}

static void install(int root, const char *dep, const char *path, uint8_t first)
{
	_cleanup_(buf_free) struct buf file = { 0 };

	put_file(&file, first);
	tree_put(root, "lib/modules/6.1.0-50-amd64/modules.dep", dep);
	tree_put_bytes(root, path, file.data, file.len);
}

static void install_shipped(int root)
{
	install(root, "kernel/a.ko:\nkernel/demo.ko: kernel/a.ko\n",
		"lib/modules/6.1.0-50-amd64/kernel/demo.ko", 0);
}

static void arrange_nothing(int root)
{
	(void)root;
}

static void arrange_loaded(int root)
{
	load(root, 0);
}

/* What runs decides, whatever lies on the disk. */
static void arrange_other_loaded(int root)
{
	load(root, 0xff);
	install_shipped(root);
}

static void arrange_no_note(int root)
{
	tree_put(root, "sys/module/demo/initstate", "live\n");
}

/* A module that is built in has parameters, but is not loaded. */
static void arrange_builtin(int root)
{
	tree_put(root, "sys/module/demo/parameters/debug", "0\n");
	install_shipped(root);
}

static void arrange_dkms(int root)
{
	install(root, "updates/dkms/demo.ko: kernel/a.ko\n",
		"lib/modules/6.1.0-50-amd64/updates/dkms/demo.ko", 0xff);
}

static void arrange_compressed(int root)
{
	install(root, "kernel/demo.ko.xz:\n", "lib/modules/6.1.0-50-amd64/kernel/demo.ko.xz", 0);
}

static const struct {
	const char *name;
	void (*arrange)(int root);
	enum preflight_verdict want;
	const char *text;
} cases[] = {
	{ "loaded as shipped", arrange_loaded, PREFLIGHT_PASS,
	  "modules that the level patches are those that it knows" },
	{ "on disk as shipped", install_shipped, PREFLIGHT_PASS,
	  "modules that the level patches are those that it knows" },
	{ "beside a parameter", arrange_builtin, PREFLIGHT_PASS,
	  "modules that the level patches are those that it knows" },
	{ "another is loaded", arrange_other_loaded, PREFLIGHT_FAIL,
	  "module demo as it is loaded is build " OTHER
	  ", level 2 was proven against build " SHIPPED ": put the distribution's module back "
	  "(dkms status, /lib/modules/6.1.0-50-amd64/updates)" },
	{ "another on disk", arrange_dkms, PREFLIGHT_FAIL,
	  "module demo in /lib/modules is build " OTHER
	  ", level 2 was proven against build " SHIPPED ": put the distribution's module back "
	  "(dkms status, /lib/modules/6.1.0-50-amd64/updates)" },
	{ "compressed", arrange_compressed, PREFLIGHT_UNKNOWN,
	  "which build of module demo is on this host cannot be read: its file is compressed" },
	{ "no note", arrange_no_note, PREFLIGHT_FAIL,
	  "module demo as it is loaded is build none, level 2 was proven against build " SHIPPED
	  ": put the distribution's module back (dkms status, "
	  "/lib/modules/6.1.0-50-amd64/updates)" },
	{ "no modules.dep", arrange_nothing, PREFLIGHT_UNKNOWN,
	  "which build of module demo is on this host cannot be read: "
	  "lib/modules/6.1.0-50-amd64/modules.dep: no such file" },
};

TEST(preflight_knows_builds_of_modules)
{
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		_cleanup_(closep) int root = tree_new_host();
		_cleanup_(manifest_freep) struct manifest *m = fake_manifest(&(struct fake_level){
			.build_id = FAKE_BUILD_ID,
			.level = 2,
			.module = "module",
			.modules = "[{\"name\":\"demo\",\"build_id\":\"" SHIPPED "\"}]" });
		_cleanup_(host_clear) struct host h = { 0 };
		struct oak_error err = { .code = OAK_OK };
		struct preflight_report report;
		bool found = false;

		test_case = cases[i].name;
		cases[i].arrange(root);
		EXPECT(host_read(root, &h, &err) == 0);
		preflight_run(&h, m, &report);
		for (size_t k = 0; k < report.n; k++) {
			if (strcmp(report.rows[k].id, "module-builds") != 0)
				continue;
			EXPECT_STR(report.rows[k].text, cases[i].text);
			EXPECT(report.rows[k].verdict == cases[i].want);
			found = true;
		}
		EXPECT(found);
		EXPECT((preflight_verdict(&report, &err) < 0) == (cases[i].want == PREFLIGHT_FAIL));
	}
}

TEST(module_dep_knows_names_of_files)
{
	static const char text[] = "kernel/sound/snd-pcm.ko: kernel/sound/snd.ko\n"
				   "kernel/sound/snd.ko.zst:\n"
				   "kernel/snd.ko.d/other.ko:\n";
	static const struct {
		const char *name, *want; /* NULL: none */
	} rows[] = {
		{ "snd_pcm", "kernel/sound/snd-pcm.ko" },
		{ "snd", "kernel/sound/snd.ko.zst" },
		{ "other", "kernel/snd.ko.d/other.ko" },
		{ "pcm", NULL },
		{ "sn", NULL },
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		size_t len = 0;
		const char *got = module_dep_find(text, rows[i].name, &len);

		test_case = rows[i].name;
		EXPECT((got != NULL) == (rows[i].want != NULL));
		EXPECT(!got || (len == strlen(rows[i].want) && !memcmp(got, rows[i].want, len)));
	}
}

TEST(module_file_is_damaged)
{
	_cleanup_(buf_free) struct buf file = { 0 };
	char id[BUILD_ID_HEX_MAX] = "";
	struct oak_error err;

	put_file(&file, 0);
	EXPECT(module_file_build_id(file.data, file.len, id, &err) == 0);
	EXPECT_STR(id, SHIPPED);
	for (size_t len = 0; len < file.len; len++)
		EXPECT(module_file_build_id(file.data, len, id, &err) == -OAK_E_FORMAT);
	file.data[0] = 0;
	EXPECT(module_file_build_id(file.data, file.len, id, &err) == -OAK_E_FORMAT);
	EXPECT_STR(err.msg, "not a 64-bit ELF file with sections");
}
