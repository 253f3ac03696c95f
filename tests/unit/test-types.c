/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Layouts as real compilers write them: each pair is compiled with and without PATCHED. */
#include "test.h"

#include <fcntl.h>

#include "base/file.h"
#include "base/process.h"
#include "build/types.h"

#define STAYS ": the running kernel's memory holds the old layout"

/* How the kernel's compiler is called for types, and the other ways there are. */
static const struct {
	const char *name, *argv[4];
} compilers[] = {
	{ "gcc, for the link", { "gcc", "-flto", "-fno-fat-lto-objects", "-gdwarf-4" } },
	{ "gcc, DWARF 5", { "gcc", "-gdwarf-5", "-O2", "-w" } },
	{ "clang", { "clang", "-gdwarf-4", "-O2", "-fstandalone-debug" } },
};

static bool is_there(const char *program)
{
	_cleanup_(process_result_free) struct process_result res = { 0 };
	struct oak_error err;

	return process_run((const char *[]){ program, "--version", NULL }, NULL, &res, &err) == 0;
}

static void read_one(size_t compiler, const char *source, bool patched, struct types *ret)
{
	_cleanup_(process_result_free) struct process_result res = { 0 };
	const char *const *cc = compilers[compiler].argv;
	const char *argv[] = { cc[0],
			       cc[1],
			       cc[2],
			       cc[3],
			       "-x",
			       "c",
			       "-ffreestanding",
			       "-fno-eliminate-unused-debug-types",
			       patched ? "-DPATCHED" : "-DORIGINAL",
			       "-c",
			       "-o",
			       NULL,
			       "-",
			       NULL };
	const struct process_options opt = { .input = source, .input_len = strlen(source) };
	_cleanup_(freep) char *out = path_join(test_dir(), "types.o");
	struct oak_error err = { .msg = "" };

	argv[11] = out;
	EXPECT(process_run(argv, &opt, &res, &err) == 0);
	EXPECT_STR(res.status == 0 ? "" : buf_str(&res.err), "");
	if (types_read(out, ret, &err) < 0)
		EXPECT_STR(err.msg, "");
}

/* "SYMBOL: why" of each finding, a line each. */
static void compare(size_t compiler, const char *source, struct buf *ret)
{
	_cleanup_(types_free) struct types orig = { 0 }, patched = { 0 };
	struct findings f = { 0 };
	struct oak_error err;

	read_one(compiler, source, false, &orig);
	read_one(compiler, source, true, &patched);
	EXPECT(orig.n > 0);
	EXPECT(types_compare(&orig, &patched, &f, &err) == 0);
	for (size_t i = 0; i < f.n; i++) {
		EXPECT_STR(f.v[i].rule->id, "type-layout");
		EXPECT(buf_printf(ret, "%s%s: %s", i ? "\n" : "", f.v[i].symbol, f.v[i].why) == 0);
	}
	free(f.v);
}

/* O(a) stands in the original only, P(a) in the patched source only. */
#define HEAD                           \
	"#ifdef PATCHED\n"             \
	"#define O(...)\n"             \
	"#define P(...) __VA_ARGS__\n" \
	"#else\n"                      \
	"#define O(...) __VA_ARGS__\n" \
	"#define P(...)\n"             \
	"#endif\n"                     \
	"typedef unsigned int u32;\n"

static const struct pair {
	const char *name, *source, *want;
} pairs[] = {
	{ "nothing changes", "struct a { int x; } v;", "" },
	{ "a member in a hole", "struct a { char c; P(char d;) int x; } v;",
	  "struct a: member d is new at byte 1" STAYS },
	{ "a member at the end", "struct a { int x; P(int y;) } v;",
	  "struct a: size 4 becomes 8, member y is new at byte 4" STAYS },
	{ "a member in front", "struct a { P(int y;) int x; int z; } v;",
	  "struct a: size 8 becomes 12, member y is new at byte 0" STAYS },
	{ "a member goes", "struct a { O(int y;) int x; } v;",
	  "struct a: size 8 becomes 4, member y at byte 0 is gone" STAYS },
	{ "two members change places", "struct a { O(int y;) int x; P(int y;) } v;",
	  "struct a: member y moves from byte 0 to byte 4" STAYS },
	{ "another size of an array, inside another type",
	  "struct a { int x[O(3) P(4)]; }; struct b { struct a a; int y; } v;",
	  "struct a: size 12 becomes 16, member x at byte 0 changes from signed 32-bit[3] to "
	  "signed 32-bit[4]" STAYS "\n"
	  "struct b: size 16 becomes 20, member y moves from byte 12 to byte 16" STAYS },
	{ "signed becomes unsigned", "struct a { O(int) P(u32) x; } v;",
	  "struct a: member x at byte 0 changes from signed 32-bit to unsigned 32-bit" STAYS },
	{ "another name of the same integer", "struct a { O(unsigned) P(u32) x; } v;", "" },
	{ "const does not count", "struct a { P(const) char *x; } v;", "" },
	{ "a pointer to another type", "struct b; struct c; struct a { struct O(b) P(c) *x; } v;",
	  "struct a: member x at byte 0 changes from struct b * to struct c *" STAYS },
	{ "a callback takes more", "struct a { int (*f)(int P(, void *)); } v;",
	  "struct a: member f at byte 0 changes from signed 32-bit(signed 32-bit) * to "
	  "signed 32-bit(signed 32-bit, void *) *" STAYS },
	{ "a bit field becomes wider", "struct a { int k; unsigned x : O(3) P(4), y : 2; } v;",
	  "struct a: member x moves from byte 4 bit 0 (3 wide) to byte 4 bit 0 (4 wide)" STAYS },
	{ "nameless members are members",
	  "struct a { int k; union { int x; P(long) O(int) y; }; } v;",
	  "struct a: size 8 becomes 16, member x moves from byte 4 to byte 8" STAYS },
	{ "members of a nameless member", "struct a { struct { int x; P(int y;) } in; } v;",
	  "struct a: size 4 becomes 8, member in.y is new at byte 4" STAYS },
	{ "an array of a nameless struct", "struct a { struct { char x; P(char y;) } in[2]; } v;",
	  "struct a: size 2 becomes 4, member in at byte 0 changes from struct { signed 8-bit x "
	  "@0:0; }[2] to struct { signed 8-bit x @0:0; signed 8-bit y @8:0; }[2]" STAYS },
	{ "only a typedef names it", "typedef struct { char x; P(char y;) } a_t; a_t *v;",
	  "a_t: size 1 becomes 2, member y is new at byte 1" STAYS },
	{ "a union", "union a { int x; P(char y;) } v;",
	  "union a: member y is new at byte 0" STAYS },
	{ "an enum grows at its end", "enum a { A, B P(, C) } v;", "" },
	{ "constants of an enum move", "enum a { A, P(N,) B, C } v;",
	  "enum a: constant B changes from 1 to 2" STAYS },
	{ "a constant goes", "enum a { A, O(B,) C = 2 } v;",
	  "enum a: constant B (1) is gone" STAYS },
	{ "a negative constant", "enum a { A = O(-1) P(-2), B = 7 } v;",
	  "enum a: constant A changes from -1 to -2" STAYS },
	{ "an enum becomes wider", "enum a { A P(, B = 1ull << 40) } v;",
	  "enum a: size 4 becomes 8" STAYS },
	{ "an enum without a name", "enum { A, P(N,) MAX }; int v;",
	  "MAX: constant MAX changes from 1 to 2" STAYS },
	{ "a new type", "P(struct a { int x; } v;) int w;", "" },
	{ "a type goes", "O(struct a { int x; } v;) int w;", "" },
	{ "a type gets its members", "struct a P({ int x; }); struct a *v;", "" },
	{ "a variable of another type",
	  "static struct { int x; O(int y;) P(int z;) } v; void *f(void); void *f(void) { return &v; }",
	  "v: the variable's type changes from struct { signed 32-bit x @0:0; signed 32-bit y "
	  "@32:0; } to struct { signed 32-bit x @0:0; signed 32-bit z @32:0; }" STAYS },
	{ "a variable that a macro numbers", "int w; O(int) P(long) __UNIQUE_ID_x7;", "" },
	{ "a longer variable is the differ's", "int v[O(3) P(4)];", "" },
	{ "inside a function",
	  "int f(void *); int f(void *p) { struct a { int x; P(int y;) } *a = p; return a->x; }",
	  "struct a: size 4 becomes 8, member y is new at byte 4 (in f)" STAYS },
	{ "of one name in two functions",
	  "int f(void *); int f(void *p) { struct a { int x; } *a = p; return a->x; }"
	  "long g(void *); long g(void *p) { struct a { long x; } *a = p; return a->x; }",
	  "" },
};

TEST(types_compare_tells_what_memory_would_be_misread)
{
	for (size_t c = 0; c < sizeof(compilers) / sizeof(compilers[0]); c++) {
		if (!is_there(compilers[c].argv[0]))
			continue;
		for (size_t i = 0; i < sizeof(pairs) / sizeof(pairs[0]); i++) {
			_cleanup_(buf_free) struct buf source = { 0 }, got = { 0 };
			char name[128];

			(void)snprintf(name, sizeof(name), "%s: %s", compilers[c].name,
				       pairs[i].name);
			test_case = name;
			EXPECT(buf_printf(&source, "%s%s\n", HEAD, pairs[i].source) == 0);
			compare(c, buf_str(&source), &got);
			EXPECT_STR(buf_str(&got), pairs[i].want);
		}
	}
}

TEST(types_read_wants_debugging_information)
{
	_cleanup_(freep) char *out = path_join(test_dir(), "none.o");
	_cleanup_(process_result_free) struct process_result res = { 0 };
	const struct process_options opt = { .input = "int v;", .input_len = 6 };
	_cleanup_(types_free) struct types t = { 0 };
	struct oak_error err = { .msg = "" };

	EXPECT(process_run((const char *[]){ "gcc", "-x", "c", "-c", "-o", out, "-", NULL }, &opt,
			   &res, &err) == 0);
	EXPECT(types_read(out, &t, &err) == -OAK_E_FORMAT);
	EXPECT_CONTAINS(err.msg, "none.o: no debugging information: ");
}
