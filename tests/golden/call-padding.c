/* expect changed padded typed */
/* expect new added */
#include "pair.h"

/*
 * As 6.2 and later with CONFIG_CALL_PADDING (objtool names the room before a function), and as
 * clang's kCFI, whose type hash stands before it.
 */
#ifdef PATCHED
#define VALUE "1"
#define HASH  "0x1111"
#else
#define VALUE "2"
#define HASH  "0x2222"
#endif

#define FUNCTION(name, prefix, before, body)                                             \
	__asm__(".pushsection .text." #name ",\"ax\",@progbits\n"                        \
		".balign 16\n"                                                           \
		".type " prefix #name ",@function\n" prefix #name ":\n" before "\n"      \
		".balign 16, 0x90\n"                                                     \
		".size " prefix #name ", . - " prefix #name "\n"                         \
		".globl " #name "\n"                                                     \
		".type " #name ",@function\n" #name ": call __fentry__\n" body "\nret\n" \
		".size " #name ", . - " #name "\n"                                       \
		".popsection")

FUNCTION(same, "__pfx_", ".fill 16, 1, 0x90", "movl $3, %eax");
FUNCTION(padded, "__pfx_", ".fill 16, 1, 0x90", "movl $" VALUE ", %eax");
FUNCTION(steady, "__cfi_", ".fill 11, 1, 0x90\nmovl $0x3333, %eax", "movl $3, %eax");
FUNCTION(typed, "__cfi_", ".fill 11, 1, 0x90\nmovl $" HASH ", %eax", "movl $3, %eax");
#ifdef PATCHED
FUNCTION(added, "__pfx_", ".fill 16, 1, 0x90", "movl $4, %eax");
#endif
