/* expect changed flush */
#include "pair.h"

/* Entries of 13 bytes (4.0 to 5.12); static_cpu_has() of 4.x gives no replacement. */
#define ALTERNATIVE(replacement, feature)                              \
	__asm__ volatile("1: .byte 0x0f,0x1f,0x00\n"                   \
			 ".pushsection .altinstructions,\"a\"\n"       \
			 ".long 1b - ., 2f - .\n"                      \
			 ".word " feature "\n"                         \
			 ".byte 3, 3, 0\n"                             \
			 ".popsection\n"                               \
			 ".pushsection .altinstr_replacement,\"ax\"\n" \
			 "2: " replacement "\n"                        \
			 ".popsection")

#define NO_REPLACEMENT(feature)                                  \
	__asm__ volatile("1: .byte 0x0f,0x1f,0x00\n"             \
			 ".pushsection .altinstructions,\"a\"\n" \
			 ".long 1b - ., 0\n"                     \
			 ".word " feature "\n"                   \
			 ".byte 3, 0, 0\n"                       \
			 ".popsection")

#ifdef PATCHED
#define FEATURE "9"
#else
#define FEATURE "8"
#endif

int first(int a)
{
	NO_REPLACEMENT("7");
	ALTERNATIVE("mfence", "7");
	return a + read_value();
}

int flush(int a)
{
	NO_REPLACEMENT(FEATURE);
	return a - read_value();
}

int last(int a)
{
	ALTERNATIVE("lfence", "7");
	NO_REPLACEMENT("7");
	return a ^ read_value();
}
