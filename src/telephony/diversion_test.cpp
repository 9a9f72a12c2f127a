// SPDX-License-Identifier: EUPL-1.2
#include "telephony/diversion.h"

#include <gtest/gtest.h>

namespace fernamt::telephony {
namespace {

const PhoneNumber kDialled{"+493023125321"};

TEST(Diversion, CountsHopsByWhicheverHeaderSaysMore) {
    EXPECT_EQ(hops_of({}), 0);
    EXPECT_EQ(hops_of(diverted_of({.history_info = {"<sip:+491@a>;index=1"}})), 0)
        << "only what was dialled";
    EXPECT_EQ(
        hops_of(diverted_of({.history_info = {"<sip:+491@a>;index=1, <sip:+492@a>;index=1.1"}})),
        1);
    EXPECT_EQ(hops_of(diverted_of({.diversion = {"<sip:+491@a>;reason=no-answer"}})), 1);
    EXPECT_EQ(
        hops_of(diverted_of({.diversion = {"<sip:+492@a>;counter=3, <sip:+491@a>;counter=x"}})), 4);
    EXPECT_EQ(hops_of(diverted_of({.diversion = {"<sip:+491@a>;counter=999999999999999999999"}})),
              1);
}

TEST(Diversion, ContinuesTheHistoryOfACallThatWasPassedOnBefore) {
    const Diverted before = diverted_of(
        {{"\"Frau Meier\" <sip:+493023125900@pbx>;index=1, <sip:+493023125321@us>;index=1.1"},
         {"<sip:+493023125900@pbx>;reason=no-answer;counter=1"}});
    const auto headers =
        headers_for_forward(before, kDialled, "sip:+49301@trunk:5060;transport=udp",
                            routing::Rule::overflow_queue_length);
    std::vector<std::string> history;
    std::vector<std::string> diversion;
    for (const auto &[name, value] : headers)
        (name == "Diversion" ? diversion : history).push_back(value);
    EXPECT_EQ(history, (std::vector<std::string>{
                           "<sip:+493023125900@pbx>;index=1", "<sip:+493023125321@us>;index=1.1",
                           "<sip:+49301@trunk:5060;cause=486>;index=1.1.1;mp=1.1"}));
    EXPECT_EQ(diversion,
              (std::vector<std::string>{"<sip:+493023125321@trunk:5060>;reason=user-busy;counter=1",
                                        "<sip:+493023125900@pbx>;reason=no-answer;counter=1"}));
}

// RFC 7044 10.1.2: where it has been is the caller's secret; how often it went on is not.
TEST(Diversion, WhoPassedItOnStaysUnnamedIfTheCallerWishesSo) {
    const Diverted before = diverted_of({{"<sip:+493023125900@pbx>;index=1"},
                                         {"<sip:+493023125900@pbx>;reason=no-answer;counter=2"},
                                         true});
    const auto headers =
        headers_for_forward(before, kDialled, "sip:+49301@trunk", routing::Rule::agent_request);
    const std::vector<std::pair<std::string, std::string>> expected = {
        {"History-Info", "<sip:anonymous@anonymous.invalid>;index=1"},
        {"History-Info", "<sip:+49301@trunk;cause=302>;index=1.1;mp=1"},
        {"Diversion", "<sip:+493023125321@trunk>;reason=unconditional;counter=1"},
        {"Diversion", "<sip:anonymous@anonymous.invalid>;reason=no-answer;counter=2"},
        {"Privacy", "history"}};
    EXPECT_EQ(headers, expected);
}

TEST(Diversion, AnEntryThatHidesItselfStaysUnnamed) {
    const Diverted before = diverted_of(
        {{"<sip:+493023125900@pbx?Privacy=history>;index=1, "
          "<sip:+493023125901@pbx?privacy=none>;index=1.1"},
         {"<sip:+493023125900@pbx>;reason=no-answer;privacy=full, <sip:+493023125901@pbx>"}});
    std::string all;
    for (const auto &[name, value] :
         headers_for_forward(before, kDialled, "sip:+49301@trunk", routing::Rule::agent_request))
        all += name + ": " + value + "\n";
    EXPECT_EQ(all.find("+493023125900"), std::string::npos) << all;
    EXPECT_NE(all.find("<sip:+493023125901@pbx>"), std::string::npos) << all;
    EXPECT_EQ(all.find("Privacy: "), std::string::npos) << "was not asked for the whole";
}

TEST(Diversion, KnowsWhereACallHasBeen) {
    const Diverted before =
        diverted_of({.diversion = {"<sip:030-23125-900@pbx;user=phone>;reason=no-answer"}});
    EXPECT_TRUE(was_at(before, PhoneNumber{"+493023125900"}));
    EXPECT_FALSE(was_at(before, PhoneNumber{"+493023125901"}));
}

TEST(Diversion, ALoopOfOthersDoesNotGrowWithoutEnd) {
    std::vector<std::string> many;
    for (int i = 0; i < 50; ++i)
        many.push_back("<sip:+493023125" + std::to_string(100 + i) + "@a>;index=1");
    const Diverted before = diverted_of({many, many});
    EXPECT_EQ(before.history.size(), kMostDiversions);
    EXPECT_EQ(before.history.front(), "<sip:+493023125100@a>;index=1")
        << "the number that was dialled";
    EXPECT_EQ(before.diversions.size(), kMostDiversions);
    EXPECT_EQ(before.diversions.back(), "<sip:+493023125149@a>;index=1") << "the first one";
}

} // namespace
} // namespace fernamt::telephony
