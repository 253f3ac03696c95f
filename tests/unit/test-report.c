/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The page that a reviewer reads, of a manifest and an explanation by hand. */
#include "test.h"

#include "build/report.h"

static const char document[] =
	"{'schema':1,'level':3,'module':{'name':'oakum_3','sha256':'ab12'},"
	"'kernel':{'release':'6.1.0-1-test'},"
	"'checks':{'types_compared':true,'crcs_compared':false,'self_check':true},"
	"'fixes':[{'title':'Do *not* | run <b>','file':'a.patch','cve':['CVE-1-1','CVE-1-2'],'files':['a.c','h.h']}],"
	"'objects':[{'object':'a.o','source':'a.c','patches':'mod','fixes':[0],'functions':3,"
	"  'identical':2,'differs':[{'name':'g','status':'differs','cause':'a weak default'}]}],"
	"'pieces':[{'object':0,'name':'f.1','old_name':'f.0','kind':'function','role':'replaced',"
	"  'how':'root','because':0,'size':20,'address':'0x40','sympos':2,'proof':'identical'},"
	" {'object':0,'name':'n','kind':'function','role':'new','how':'calls','because':0,'size':4},"
	" {'object':0,'name':'','text':'hi','kind':'string','role':'carried','how':'uses',"
	"  'because':1,'size':3}],"
	"'symbols':[{'symbol':'.klp.sym.mod.twin,3','name':'twin','object':'mod','late':'mod',"
	"  'sympos':3,'address':'0x8'},"
	" {'symbol':'kfree','name':'kfree','object':'vmlinux','exported':true,'address':'0xf0'}],"
	"'own':[{'name':'odd','why':''},{'name':'init_module','why':'called first'}]}";

static const char manifest[] =
	"{'kernel':{'release':'6.1.0-1-test','package_version':'6.1-1','build_id':'aa'},"
	"'channel':'edge','tested':[{'what':'loaded #1','result':'passed','seconds':17}],'built':{'compiler':'gcc','oakum':'1.0'},"
	"'module':{'size':99,'sha256':'ab12','signer':'Me'},'fixes':[{'patch_sha256':'cd','cve':['CVE-1-1']}],"
	"'warnings':[{'rule':'never-leaves','symbol':'kthread','why':'may never end','advice':'restart'}],"
	"'accepted':[{'rule':'data-changed','symbol':'x','why':'it changed','reason':'unused'}]}";

static const char page[] =
	"# Level 3 of kernel 6.1.0-1-test\n"
	"\n"
	"| | |\n"
	"|---|---|\n"
	"| kernel | `6.1.0-1-test` |\n"
	"| package | `6.1-1` |\n"
	"| build-id | `aa` |\n"
	"| module | `oakum_3` |\n"
	"| size | 99 bytes |\n"
	"| SHA-256 | `ab12` |\n"
	"| signed by | Me |\n"
	"| compiler | `gcc` |\n"
	"| Oakum | `1.0` |\n"
	"| channel | `edge` |\n"
	"\n"
	"## Fixes\n"
	"\n"
	"- **Do \\*not\\* \\| run \\<b\\>**, CVE-1-1, CVE-1-2 (the patch's message says so; hosts are told "
	"nothing); `a.patch`, SHA-256 `cd`; changes `a.c`, `h.h`\n"
	"\n"
	"## Refusals that the author accepted\n"
	"\n"
	"- `data-changed` `x`: it changed; accepted: unused\n"
	"\n"
	"## Warnings\n"
	"\n"
	"- `never-leaves` `kthread`: may never end; advice: restart\n"
	"\n"
	"## Functions replaced\n"
	"\n"
	"| function | of | sympos | address | bytes now | proof |\n"
	"|---|---|---|---|---|---|\n"
	"| `f.0` | mod | 2 | `0x40` | 20 | identical |\n"
	"\n"
	"The address of a module's function is its offset in its section.\n"
	"\n"
	"## Objects\n"
	"\n"
	"- `a.o`, part of mod: 2 of 3 functions are what was shipped, 1 differ\n"
	"  - replaced: `f.1`\n"
	"  - new: `n`\n"
	"  - carried along: \"hi\"\n"
	"  - not proven, and not replaced: `g`, differs: a weak default\n"
	"\n"
	"## Checks\n"
	"\n"
	"- types: compared by debugging information in each object whose code changes\n"
	"- exported symbols: the fix's text touches no prototype that others share\n"
	"- self-check: passed; read again from its bytes, loading simulated, each relocation "
	"compared with objects and shipped kernel\n"
	"\n"
	"## Tests\n"
	"\n"
	"- passed: loaded \\#1\n"
	"\n"
	"## Symbols of the kernel\n"
	"\n"
	"| symbol | of | how | sympos | address |\n"
	"|---|---|---|---|---|\n"
	"| `twin` | mod | livepatch, when the module comes | 3 | `0x8` |\n"
	"| `kfree` | vmlinux | exported | | `0xf0` |\n"
	"\n"
	"## The level's own symbols\n"
	"\n"
	"- `odd`: **not explained**\n"
	"- `init_module`: called first\n";

static json_t *parse(const char *text)
{
	_cleanup_(freep) char *copy = strdup(text);
	json_error_t e;
	json_t *j;

	EXPECT(copy);
	for (char *c = copy; *c; c++)
		if (*c == '\'')
			*c = '"';
	j = json_loads(copy, 0, &e);
	EXPECT(j);
	return j;
}

TEST(report_says_what_a_reviewer_asks)
{
	_cleanup_(json_decrefp) json_t *doc = parse(document), *m = parse(manifest);
	_cleanup_(explain_freep) struct explain *e = NULL;
	_cleanup_(buf_free) struct buf got = { 0 };
	struct oak_error err;

	EXPECT(explain_read(doc, &e, &err) == 0);
	EXPECT(report_write(m, e, &got, &err) == 0);
	EXPECT_STR(buf_str(&got), page);
}

TEST(report_is_of_one_module)
{
	_cleanup_(json_decrefp) json_t *doc = parse(document), *m = parse("{'module':{}}");
	_cleanup_(explain_freep) struct explain *e = NULL;
	_cleanup_(buf_free) struct buf got = { 0 };
	struct oak_error err;

	EXPECT(explain_read(doc, &e, &err) == 0);
	EXPECT(report_write(m, e, &got, &err) == -OAK_E_FORMAT);
	EXPECT_STR(err.msg, "manifest and explanation are of different modules");
}
