// SPDX-License-Identifier: EUPL-1.2
#include "web/language.h"

#include <gtest/gtest.h>

namespace fernamt::web {
namespace {

TEST(Language, IsGermanUnlessEnglishIsPreferred) {
    for (const char *header :
         {"", "de", "de-DE,de;q=0.9,en;q=0.8", "fr", "*", "en;q=0", "en;q=0.5, de;q=0.6", "en, de",
          "en;q=zero", "enx", ";;;,,,", "pl,uk;q=0.9"}) {
        EXPECT_EQ(preferred_language(header), Language::german) << header;
    }
    for (const char *header : {"en", "EN-gb", "en-US,en;q=0.9,de;q=0.8", "fr, en;q=0.1",
                               "de;q=0.1,en;q=0.11", "de;q=0,en;q=0.001"}) {
        EXPECT_EQ(preferred_language(header), Language::english) << header;
    }
}

} // namespace
} // namespace fernamt::web
