/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Why each symbol is in a module: the document, its reader, and what a person is shown. */
#include "test.h"

#include "base/hash.h"
#include "build/explain-priv.h"
#include "build/explain-tree.h"
#include "level-fixture.h"

/* A module's fix that climbs from an inlined function to its caller, and brings what is new. */
static const char handmade[] =
	"{'schema':1,'level':7,'module':{'name':'oakum_7','sha256':'00'},"
	"'kernel':{'release':'6.1.0-1-test'},"
	"'fixes':[{'title':'First','file':'1.patch','cve':['CVE-1-1','CVE-1-2']},"
	"         {'title':'2.patch','file':'2.patch','cve':[]}],"
	"'objects':[{'object':'a.o','source':'a.c','patches':'mod','fixes':[0,1],'functions':3,"
	"            'identical':2,'by_header':true},"
	"           {'object':'b.o','source':'b.c','patches':'vmlinux','fixes':[1]}],"
	"'pieces':["
	" {'object':0,'name':'inner','kind':'function','role':'changed','how':'root','because':0,"
	"  'size':10},"
	" {'object':0,'name':'outer.isra.1','old_name':'outer.isra.0','kind':'function',"
	"  'role':'replaced','how':'caller','because':0,'size':20,'address':'0x40','sympos':2,"
	"  'proof':'identical','entries':[{'section':'.orc_unwind','n':3,'left_out':0},"
	"  {'section':'__jump_table','n':0,'left_out':1}],'uses':[{'piece':0,'calls':true},"
	"  {'piece':2,'calls':false},{'symbol':0,'calls':true},{'symbol':1,'calls':false},"
	"  {'symbol':2,'calls':true}]},"
	" {'object':0,'name':'','text':'hi\\\\n','kind':'string','role':'carried','how':'uses',"
	"  'via':'__bug_table','because':0,'size':4}],"
	"'symbols':[{'symbol':'.klp.sym.dep.twin,3','name':'twin','object':'dep','late':'mod',"
	"            'sympos':3,'address':'0x8'},"
	"           {'symbol':'.klp.sym.vmlinux.hidden,1','name':'hidden','object':'vmlinux',"
	"            'sympos':1},"
	"           {'symbol':'kfree','name':'kfree','object':'vmlinux','exported':true}],"
	"'own':[{'name':'init_module','why':'called first'},{'name':'odd','why':''}]}";

static json_t *parse(const char *text)
{
	json_error_t e;
	_cleanup_(freep) char *copy = strdup(text);
	json_t *doc;

	EXPECT(copy);
	for (char *c = copy; *c; c++)
		if (*c == '\'')
			*c = '"';
	doc = json_loads(copy, 0, &e);
	if (!doc)
		print_error("%s\n", e.text);
	EXPECT(doc);
	return doc;
}

static struct explain *read_text(const char *text)
{
	_cleanup_(json_decrefp) json_t *doc = parse(text);
	struct oak_error err = { .code = OAK_OK };
	struct explain *e = NULL;

	if (explain_read(doc, &e, &err) < 0)
		print_error("%s\n", err.msg);
	EXPECT(e);
	return e;
}

static void draw(const struct explain_rows *rows, struct buf *ret)
{
	for (size_t i = 0; i < rows->n; i++)
		EXPECT(buf_printf(ret, "%s%s\n", rows->v[i].prefix, rows->v[i].text) == 0);
}

TEST(tree_shows_the_way_from_fix_to_symbol)
{
	_cleanup_(explain_rows_free) struct explain_rows rows = { 0 };
	_cleanup_(explain_freep) struct explain *e = read_text(handmade);
	_cleanup_(buf_free) struct buf text = { 0 };
	struct oak_error err;

	EXPECT(explain_tree(e, &rows, &err) == 0);
	draw(&rows, &text);
	EXPECT_STR(
		buf_str(&text),
		"oakum_7, level 7 of kernel 6.1.0-1-test: replaces 1 function\n"
		"fix: First, CVE-1-1, CVE-1-2 (1.patch)\n"
		"`- a.c\n"
		"   `- a.o, part of module mod: 2 of 3 functions are what was shipped; includes a "
		"header of the fix\n"
		"      `- inner: changed function, 10 bytes; only the level itself uses it\n"
		"         |- cannot be redirected, so its caller outer.isra.1: replaced, 20 bytes\n"
		"         |    running: outer.isra.0 of mod at section offset 0x40, sympos 2; proof: "
		"identical\n"
		"         |  |- described by: 3 .orc_unwind\n"
		"         |  |- left out, for the kernel would read it before the module comes: 1 "
		"__jump_table\n"
		"         |  |- livepatch finds in dep when mod comes: twin,3\n"
		"         |  |- livepatch finds in vmlinux: hidden,1\n"
		"         |  |- vmlinux exports: kfree\n"
		"         |  `- also uses: \"hi\\n\"\n"
		"         `- uses through __bug_table \"hi\\n\": string, 4 bytes, copied\n"
		"fix: 2.patch\n"
		"|- a.c\n"
		"|  `- a.o, see above: \"First\" changes it too\n"
		"`- b.c\n"
		"   `- b.o, part of vmlinux: 0 of 0 functions are what was shipped\n"
		"      `- its code stays the same\n"
		"the level's own\n"
		"|- init_module: called first\n"
		"`- odd: NOT EXPLAINED\n");
}

TEST(chain_goes_up_to_the_fix)
{
	static const struct {
		const char *symbol, *want;
	} cases[] = {
		{ "inner", "inner: changed function, 10 bytes; only the level itself uses it\n"
			   "`- a.o, part of module mod: 2 of 3 functions are what was shipped; "
			   "includes a header of the fix\n"
			   "   |- fix: First, CVE-1-1, CVE-1-2 (1.patch)\n"
			   "   `- fix: 2.patch\n" },
		{ "twin",
		  "twin: not exported; livepatch finds it in dep by sympos 3 when module mod "
		  "comes, at 0x8\n"
		  "`- called by outer.isra.1: replaced, 20 bytes\n"
		  "     running: outer.isra.0 of mod at section offset 0x40, sympos 2; proof: "
		  "identical\n"
		  "   `- instead of what it calls, which cannot be redirected: inner: changed "
		  "function, 10 bytes; only the level itself uses it\n"
		  "      `- a.o, part of module mod: 2 of 3 functions are what was shipped; "
		  "includes a header of the fix\n"
		  "         |- fix: First, CVE-1-1, CVE-1-2 (1.patch)\n"
		  "         `- fix: 2.patch\n" },
		{ "init_module", "init_module: the level's own: called first\n" },
		{ "odd", "odd: the level's own: NOT EXPLAINED\n" },
	};
	_cleanup_(explain_freep) struct explain *e = read_text(handmade);

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		_cleanup_(explain_rows_free) struct explain_rows rows = { 0 };
		_cleanup_(buf_free) struct buf text = { 0 };
		struct oak_error err;

		test_case = cases[i].symbol;
		EXPECT(explain_chain(e, cases[i].symbol, &rows, &err) == 0);
		draw(&rows, &text);
		EXPECT_STR(buf_str(&text), cases[i].want);
	}
}

/* As the module spells it, or as the source does: without the compiler's number. */
TEST(chain_finds_names_as_people_know_them)
{
	static const struct {
		const char *symbol;
		bool found;
	} cases[] = {
		{ "outer", true },
		{ "outer.isra", true },
		{ "outer.isra.1", true },
		{ "outer.isra.0", false },
		{ "oute", false },
		{ "hidden", true },
		{ "kfree", true },
		{ ".klp.sym.dep.twin,3", true },
		{ "", false },
	};
	_cleanup_(explain_freep) struct explain *e = read_text(handmade);

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		_cleanup_(explain_rows_free) struct explain_rows rows = { 0 };
		struct oak_error err = { .code = OAK_OK };
		int r = explain_chain(e, cases[i].symbol, &rows, &err);

		test_case = cases[i].symbol;
		EXPECT(r == (cases[i].found ? 0 : -OAK_E_NOTFOUND));
		if (!cases[i].found)
			EXPECT_CONTAINS(err.msg, "no symbol of this name is in module oakum_7");
	}
}

/* Replaces one piece of text of the document, once. */
static char *with(const char *from, const char *to)
{
	const char *at = strstr(handmade, from);
	char *ret = NULL;

	EXPECT(at);
	EXPECT(asprintf(&ret, "%.*s%s%s", (int)(at - handmade), handmade, to, at + strlen(from)) >
	       0);
	return ret;
}

TEST(read_refuses_what_does_not_hang_together)
{
	static const struct {
		const char *name, *from, *to, *want;
	} cases[] = {
		{ "another schema", "'schema':1", "'schema':2",
		  "explain.json: of a schema that is not known" },
		{ "object out of range", "{'object':0,'name':'inner'", "{'object':2,'name':'inner'",
		  "explain.json: pieces 0: 'object' is missing or wrong" },
		{ "because out of range", "'because':0,'size':20", "'because':3,'size':20",
		  "explain.json: pieces 1: 'because' is missing or wrong" },
		{ "no because", "'because':0,'size':20", "'size':20",
		  "explain.json: pieces 1: 'because' is missing or wrong" },
		{ "a circle", "'how':'root','because':0", "'how':'root','because':1",
		  "explain.json: piece 0 is there because of itself" },
		{ "an unknown role", "'changed'", "'swapped'",
		  "explain.json: pieces 0: 'role' is missing or wrong" },
		{ "a negative size", "'size':10", "'size':-1",
		  "explain.json: pieces 0: 'size' is missing or wrong" },
		{ "a use out of range", "{'symbol':2,'calls'", "{'symbol':3,'calls'",
		  "explain.json: pieces 1: 'symbol' is missing or wrong" },
		{ "a fix out of range", "'fixes':[0,1]", "'fixes':[2]",
		  "explain.json: objects 0: 'fixes' is missing or wrong" },
		{ "a fix that is no number", "'fixes':[0,1]", "'fixes':['0']",
		  "explain.json: objects 0: 'fixes' is missing or wrong" },
		{ "a name that drives the terminal", "'name':'odd'", "'name':'\\u001b[2J'",
		  "explain.json: own 1: 'name' is missing or wrong" },
		{ "a table that is none", "'own':[", "'own':0,'other':[",
		  "explain.json: head 0: 'own' is missing or wrong" },
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		_cleanup_(json_decrefp) json_t *doc = NULL;
		_cleanup_(explain_freep) struct explain *e = NULL;
		_cleanup_(freep) char *text = NULL;
		struct oak_error err = { .code = OAK_OK };

		test_case = cases[i].name;
		text = with(cases[i].from, cases[i].to);
		doc = parse(text);
		EXPECT(explain_read(doc, &e, &err) == -OAK_E_FORMAT);
		EXPECT_STR(err.msg, cases[i].want);
	}
}

TEST(names_are_counted)
{
	_cleanup_(explain_names_free) struct explain_names a = { 0 }, b = { 0 }, ret = { 0 };
	static const char *const all[] = { "z", "b", "a", "b", "c", "b" };
	static const char *const told[] = { "b", "c", "x", "b" };
	struct oak_error err;

	for (size_t i = 0; i < sizeof(all) / sizeof(all[0]); i++)
		EXPECT(explain_names_add(&a, all[i], &err) == 0);
	for (size_t i = 0; i < sizeof(told) / sizeof(told[0]); i++)
		EXPECT(explain_names_add(&b, told[i], &err) == 0);
	explain_names_sort(&a);
	explain_names_sort(&b);
	EXPECT(explain_names_minus(&a, &b, &ret, &err) == 0);
	EXPECT(ret.n == 3);
	EXPECT_STR(ret.v[0], "a");
	EXPECT_STR(ret.v[1], "b");
	EXPECT_STR(ret.v[2], "z");
}

TEST(escape_keeps_one_line)
{
	_cleanup_(buf_free) struct buf b = { 0 }, cut = { 0 };
	char many[200];

	EXPECT(explain_escape("a\n\t\x1b\xe9z", 6, &b) == 0);
	EXPECT_STR(buf_str(&b), "a\\n\\t\\x1b\\xe9z");
	memset(many, 'm', sizeof(many));
	EXPECT(explain_escape(many, sizeof(many), &cut) == 0);
	EXPECT(cut.len == 103);
	EXPECT_STR(buf_str(&cut) + 98, "mm...");
}

/* A level that was emitted, and its document with the head that make adds. */
struct made {
	struct level_fixture l;
	struct buf module;
	struct explain *e;
};

static void made_free(struct made *m)
{
	explain_free(m->e);
	buf_free(&m->module);
	level_fixture_free(&m->l);
}

static void make(struct made *m)
{
	static const size_t fixes[] = { 0 };
	const struct explain_origin origin = { .source = "f.c", .fixes = fixes, .n_fixes = 1 };
	_cleanup_(json_decrefp) json_t *doc = NULL, *head = NULL;
	struct oak_error err = { .code = OAK_OK };
	struct link_world w;
	char sha256[SHA256_HEX_MAX];

	level_fixture_make(&m->l, true);
	w = (struct link_world){ m->l.img, &m->l.unit, 1 };
	EXPECT(emit_module(&m->l.in, &m->module, &err) == 0);
	sha256_hex(m->module.data, m->module.len, sha256);
	EXPECT(explain_document(&w, &origin, &m->module, &doc, &err) == 0);
	head = json_pack("{s:i, s:{s:s, s:s}, s:{s:s}, s:[{s:s, s:s}]}", "level", 1, "module",
			 "name", "oakum_1", "sha256", sha256, "kernel", "release", "6.1.0-1-test",
			 "fixes", "title", "a fix", "file", "fix.patch");
	EXPECT(json_object_update(doc, head) == 0);
	if (explain_read(doc, &m->e, &err) < 0)
		print_error("%s\n", err.msg);
	EXPECT(m->e);
}

TEST(document_explains_a_module)
{
	_cleanup_(made_free) struct made m = { 0 };
	_cleanup_(explain_rows_free) struct explain_rows rows = { 0 };
	_cleanup_(buf_free) struct buf text = { 0 };
	struct oak_error err;

	make(&m);
	EXPECT(explain_tree(m.e, &rows, &err) == 0);
	draw(&rows, &text);
	EXPECT_STR(
		buf_str(&text),
		"oakum_1, level 1 of kernel 6.1.0-1-test: replaces 1 function\n"
		"fix: a fix (fix.patch)\n"
		"`- f.c\n"
		"   `- f.o, part of vmlinux: 1 of 1 functions are what was shipped\n"
		"      `- f: replaced, 28 bytes\n"
		"           running: f of vmlinux at 0xffffffff81000000, sympos 0; proof: identical\n"
		"         |- described by: 1 __mcount_loc\n"
		"         |- livepatch finds in vmlinux: hidden,2\n"
		"         |- vmlinux exports: __fentry__, shown\n"
		"         `- uses unnamed data: data, 5 bytes, copied\n"
		"the level's own\n"
		"|- __this_module: the kernel's record of the module, as every module has one\n"
		"|- __x86_return_thunk: used by cleanup_module\n"
		"|- cleanup_module: called when the module is unloaded; does nothing\n"
		"|- init_module: called when the module is loaded: hands oakum_patch to livepatch\n"
		"|- klp_enable_patch: used by init_module\n"
		"`- oakum_patch: tells livepatch which functions are replaced by which\n");
}

TEST(check_compares_with_the_symbol_table)
{
	_cleanup_(made_free) struct made m = { 0 };
	_cleanup_(buf_free) struct buf none = { 0 }, gaps = { 0 };
	struct oak_error err = { .code = OAK_OK };

	make(&m);
	EXPECT(explain_check(m.e, &m.module, &none, &err) == 0);
	EXPECT(none.len == 0);
	/* A document that says too little, too much, and does not know a why. */
	m.e->pieces[0].name = "g";
	m.e->own[0].why = "";
	EXPECT(explain_check(m.e, &m.module, &gaps, &err) == 0);
	EXPECT_STR(buf_str(&gaps), "f: in the module, but not explained\n"
				   "g: explained, but not in the module\n"
				   "__this_module: nobody knows why it is in the module\n");
	m.module.data[m.module.len - 1] ^= 1;
	EXPECT(explain_check(m.e, &m.module, &gaps, &err) == -OAK_E_FORMAT);
	EXPECT_CONTAINS(err.msg, "explain.json is of another module (SHA-256 ");
}
