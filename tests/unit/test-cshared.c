/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "test.h"

#include "build/cshared.h"

#define FUNCTION "int f(int a)\n{\n\tint b = a;\n\n\treturn b;\n}\n"

TEST(cshared_judge_knows_what_stays_inside_of_functions)
{
	static const struct {
		const char *name, *old, *new;
		bool types, prototypes;
	} cases[] = {
		{ "nothing", FUNCTION, FUNCTION, false, false },
		{ "a body", "int f(void)\n{\n\treturn 1;\n}\n", "int f(void)\n{\n\treturn 2;\n}\n",
		  false, false },
		{ "a comment", FUNCTION, "/* one more */\n" FUNCTION, false, false },
		{ "a head", "int f(int a)\n{\n\treturn 1;\n}\n",
		  "int f(long a)\n{\n\treturn 1;\n}\n", false, true },
		{ "a new static function", FUNCTION,
		  FUNCTION "static int g(void)\n{\n\treturn 1;\n}\n", false, false },
		{ "a new function", FUNCTION, FUNCTION "int g(void)\n{\n\treturn 1;\n}\n", false,
		  true },
		{ "a function that returns a struct", FUNCTION,
		  FUNCTION "struct s *g(struct s *s)\n{\n\tstruct s t = { 1 };\n\treturn s;\n}\n",
		  false, true },
		{ "a member", "struct s {\n\tint a;\n};\n", "struct s {\n\tint a;\n\tint b;\n};\n",
		  true, true },
		{ "a member goes", "struct s {\n\tint a;\n\tint b;\n};\n",
		  "struct s {\n\tint a;\n};\n", true, true },
		{ "a member after an attribute",
		  "struct __attribute__((packed)) s {\n\tint a;\n};\n",
		  "struct __attribute__((packed)) s {\n\tlong a;\n};\n", true, true },
		{ "the same without a tag",
		  "typedef struct __attribute__((packed)) {\n\tint a;\n} s;\n",
		  "typedef struct __attribute__((packed)) {\n\tlong a;\n} s;\n", true, true },
		{ "a type that a macro opens", "STRUCT(s) {\n\tint a;\n};\n",
		  "STRUCT(s) {\n\tlong a;\n};\n", false, false },
		{ "a constant", "enum {\n\tA,\n};\n", "enum {\n\tB,\n\tA,\n};\n", true, true },
		{ "a type in a body", "int f(void)\n{\n\tstruct {\n\t\tint a;\n\t} s;\n}\n",
		  "int f(void)\n{\n\tstruct {\n\t\tlong a;\n\t} s;\n}\n", true, true },
		{ "a macro", "#define N 1\n" FUNCTION, "#define N 2\n" FUNCTION, true, true },
		{ "a macro in a body", "int f(void)\n{\n#define N 1\n\treturn N;\n}\n",
		  "int f(void)\n{\n#define N 2\n\treturn N;\n}\n", true, true },
		{ "an include", FUNCTION, "#include <a.h>\n" FUNCTION, true, true },
		{ "a condition around a body", "#if A\n" FUNCTION "#endif\n",
		  "#if B\n" FUNCTION "#endif\n", true, true },
		{ "a body inside of a condition", "#if A\nint f(void)\n{\n\treturn 1;\n}\n#endif\n",
		  "#if A\nint f(void)\n{\n\treturn 2;\n}\n#endif\n", false, false },
		{ "a variable", "static int v;\n", "static long v;\n", true, true },
		{ "a declaration", "", "struct s *f(struct s *s, int n);\n", false, true },
		{ "an export", FUNCTION, FUNCTION "EXPORT_SYMBOL_GPL(f);\n", false, true },
		{ "a variable by a macro", "", "static DEFINE_IDR(v);\n", true, true },
		{ "the same with an attribute", "", "static __read_mostly DEFINE_IDR(v);\n", true,
		  true },
		{ "a typedef of a function", "", "typedef int *f(void);\n", true, true },
		{ "a typedef of a pointer to one", "", "typedef int (*f)(void);\n", true, true },
		{ "a pointer to a function", "", "static int (*v)(int);\n", true, true },
		{ "a call of a macro", FUNCTION, FUNCTION "TRACE_EVENT(a, b);\n", true, true },
		{ "a new file", "", FUNCTION, false, true },
		{ "a file that goes", FUNCTION, "", false, true },
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct cshared got = { 0 };
		struct oak_error err;

		test_case = cases[i].name;
		EXPECT(cshared_judge(cases[i].old, strlen(cases[i].old), cases[i].new,
				     strlen(cases[i].new), &got, &err) == 0);
		EXPECT(got.types == cases[i].types);
		EXPECT(got.prototypes == cases[i].prototypes);
	}
}

TEST(cshared_judge_adds_to_what_it_is_given)
{
	struct cshared got = { .types = true, .prototypes = true };
	struct oak_error err;

	EXPECT(cshared_judge("", 0, "", 0, &got, &err) == 0);
	EXPECT(got.types && got.prototypes);
}
