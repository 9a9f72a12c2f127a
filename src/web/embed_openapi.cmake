# SPDX-License-Identifier: EUPL-1.2
# Writes OUTPUT, a C++ source with the text of INPUT.
file(READ ${INPUT} content)
file(WRITE ${OUTPUT} "// Made by embed_openapi.cmake. Do not edit.\n#include \"web/openapi.h\"\n
namespace fernamt::web {\n\nstd::string_view openapi_text() {\n    return R\"fernamt(${content})fernamt\";\n}\n\n} // namespace fernamt::web\n")
