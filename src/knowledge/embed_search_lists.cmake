# SPDX-License-Identifier: EUPL-1.2
# Writes OUTPUT, a C++ source with the texts of DIRECTORY (data/search), cut into pieces: string
# literals have a limited length.
set(out "// Made by embed_search_lists.cmake. Do not edit.\n#include \"knowledge/analysis_lists.h\"\n\nnamespace fernamt::knowledge {\n\n")
foreach(name words synonyms stopwords weak)
    file(READ ${DIRECTORY}/${name}.txt text)
    string(LENGTH "${text}" length)
    string(APPEND out "std::string_view ${name}_list() {\n    return")
    set(at 0)
    while(at LESS length)
        string(SUBSTRING "${text}" ${at} 4000 piece)
        string(APPEND out " R\"fernamt(${piece})fernamt\"\n")
        math(EXPR at "${at} + 4000")
    endwhile()
    string(APPEND out ";\n}\n\n")
endforeach()
string(APPEND out "} // namespace fernamt::knowledge\n")
file(WRITE ${OUTPUT} "${out}")
