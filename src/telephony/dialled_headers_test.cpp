// SPDX-License-Identifier: EUPL-1.2
#include "telephony/dialled_headers.h"

#include <gtest/gtest.h>

namespace fernamt::telephony {
namespace {

using routing::DialledSource;

TEST(DialledHeaders, user_of_a_uri) {
    const std::pair<const char *, const char *> cases[] = {
        {"sip:+493023125001@x", "+493023125001"},
        {"SIP:+493023125001@x", "+493023125001"},
        {"sips:+493023125001@[::1]:5061", "+493023125001"},
        {"tel:+493023125001;phone-context=x", "+493023125001"},
        {"tel:115", "115"},
        {"sip:+493023125001;npdi=yes;rn=1@x;user=phone", "+493023125001"},
        {"sip:%2B493023125001@x", "+493023125001"},
        {"sip:a%40b@x", "a@b"},
        {"sip:%00a%0d@x", "a"},
        {"sip:a%@x", "a%"},
        {"sip:a%4@x", "a%4"},
        {"sip:user:secret@x", "user"},
        {"sip:x", ""},
        {"sip:", ""},
        {"http://a@b", ""},
        {"urn:service:sos", ""},
        {"", ""},
        {"@", ""},
    };
    for (const auto &[uri, user] : cases)
        EXPECT_EQ(uri_user(uri), user) << uri;
}

TEST(DialledHeaders, host_of_a_uri) {
    EXPECT_EQ(uri_host("sip:a@example.org:5060;x=y"), "example.org");
    EXPECT_EQ(uri_host("sip:a@[::1]:5060"), "[::1]");
    EXPECT_EQ(uri_host("sip:10.0.0.1"), "10.0.0.1");
    EXPECT_EQ(uri_host("sip:[::1"), "");
    EXPECT_EQ(uri_host("nonsense"), "");
}

TEST(DialledHeaders, addresses_of_a_header) {
    const auto list = split_addresses(
        R"("Amt, \"zentral\" <x>" <sip:a@x;p=1,2>;index=1 , sip:b@x;index=1.1,<tel:+1>, <broken)");
    ASSERT_EQ(list.size(), 3U);
    EXPECT_EQ(list[0].uri, "sip:a@x;p=1,2");
    EXPECT_EQ(list[0].params, ";index=1");
    EXPECT_EQ(list[1].uri, "sip:b@x");
    EXPECT_EQ(param_of(list[1].params, "Index"), "1.1");
    EXPECT_EQ(list[2].uri, "tel:+1");
    EXPECT_TRUE(split_addresses("").empty());
    EXPECT_TRUE(split_addresses(" , ,, ").empty());
}

struct Case {
    const char *what;
    DialledHeaders headers;
    std::vector<std::pair<DialledSource, const char *>> expected;
};

TEST(DialledHeaders, candidates_in_the_order_of_the_rule) {
    const Case cases[] = {
        {"only the request",
         {"sip:1@x", {}, {}, {}, "<sip:2@x>"},
         {{DialledSource::request_uri, "1"}, {DialledSource::to, "2"}}},
        {"nothing", {"sip:x", {}, {}, {}, ""}, {}},
        {"all of them",
         {"sip:1@x",
          {"<sip:2@x>"},
          {"<sip:3@x>;index=1, <sip:9@x>;index=1.1"},
          {"<sip:9@x>;reason=user-busy", "<sip:4@x>"},
          "<sip:5@x>;tag=t"},
         {{DialledSource::request_uri, "1"},
          {DialledSource::called_party_id, "2"},
          {DialledSource::history_info, "3"},
          {DialledSource::diversion, "4"},
          {DialledSource::to, "5"}}},
        {"history out of order",
         {"", {}, {"<sip:9@x>;index=1.10", "<sip:8@x>;index=1.9,<sip:7@x>;index=1"}, {}, ""},
         {{DialledSource::history_info, "7"}}},
        {"history without an index: the first one",
         {"", {}, {"<sip:7@x>", "<sip:8@x>"}, {}, ""},
         {{DialledSource::history_info, "7"}}},
        {"diversions in one header",
         {"", {}, {}, {"<sip:8@x>, <sip:7@x>"}, ""},
         {{DialledSource::diversion, "7"}}},
        {"entries that are no numbers are left out",
         {"sip:x", {"<urn:service:sos>"}, {"<sip:x>"}, {"garbage"}, "\"x\""},
         {}},
    };
    for (const auto &c : cases) {
        const auto found = dialled_candidates(c.headers);
        ASSERT_EQ(found.size(), c.expected.size()) << c.what;
        for (std::size_t i = 0; i < found.size(); ++i) {
            EXPECT_EQ(found[i].source, c.expected[i].first) << c.what;
            EXPECT_EQ(found[i].user, c.expected[i].second) << c.what;
        }
    }
}

TEST(DialledHeaders, who_calls) {
    const struct {
        const char *what;
        CallerHeaders headers;
        const char *caller;
    } cases[] = {
        {"from", {{}, "<sip:+49170@x>", "", true}, "+49170"},
        {"asserted by a trunk", {{"<sip:+49171@x>"}, "<sip:+49170@x>", "", true}, "+49171"},
        {"asserted by anybody", {{"<sip:+49171@x>"}, "<sip:+49170@x>", "", false}, "+49170"},
        {"tel after sip without user",
         {{"<sip:x>, <tel:+49172>"}, "<sip:1@x>", "", true},
         "+49172"},
        {"privacy id", {{"<sip:+49171@x>"}, "<sip:+49170@x>", "id", true}, ""},
        {"privacy list", {{}, "<sip:+49170@x>", "critical; ID", true}, ""},
        {"privacy none", {{}, "<sip:+49170@x>", "none", true}, "+49170"},
        {"anonymous",
         {{"<sip:+49171@x>"}, "\"A\" <sip:anonymous@anonymous.invalid>", "", true},
         ""},
        {"anonymous user", {{}, "<sip:Anonymous@x>", "", true}, ""},
        {"nothing", {{}, "", "", true}, ""},
    };
    for (const auto &c : cases)
        EXPECT_EQ(caller_of(c.headers), c.caller) << c.what;
}

} // namespace
} // namespace fernamt::telephony
