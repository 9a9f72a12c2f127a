// SPDX-License-Identifier: EUPL-1.2
#include "billing/pdf_fonts.h"

// The assembler takes the files in as they are: no generated source of megabytes.
__asm__(".pushsection .rodata\n"
        ".balign 16\n"
        "fernamt_font_regular:\n.incbin \"" FERNAMT_FONT_REGULAR "\"\n"
        "fernamt_font_regular_end:\n.byte 0\n"
        ".balign 16\n"
        "fernamt_font_bold:\n.incbin \"" FERNAMT_FONT_BOLD "\"\n"
        "fernamt_font_bold_end:\n.byte 0\n"
        ".popsection\n");

extern "C" {
extern const char fernamt_font_regular[];
extern const char fernamt_font_regular_end[];
extern const char fernamt_font_bold[];
extern const char fernamt_font_bold_end[];
}

namespace fernamt::billing {

std::span<const char> font_regular() {
    return {fernamt_font_regular, fernamt_font_regular_end};
}
std::span<const char> font_bold() {
    return {fernamt_font_bold, fernamt_font_bold_end};
}

} // namespace fernamt::billing
