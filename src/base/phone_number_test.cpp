// SPDX-License-Identifier: EUPL-1.2
#include "base/phone_number.h"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <string>
#include <vector>

namespace fernamt {
namespace {

std::string parsed(std::string_view text, std::string_view area_code = {}) {
    const auto number = parse_phone_number(text, area_code);
    return number ? number->e164 : "none";
}

TEST(ParsePhoneNumber, knows_how_germans_write) {
    const std::vector<std::pair<std::string, std::string>> rows = {
        {"0511 123-0", "+495111230"},
        {"0511 1230", "+495111230"},
        {"(0511) 123/0", "+495111230"},
        {"0511/123 0", "+495111230"},
        {"0511.123.0", "+495111230"},
        {"  0511\t1230 ", "+495111230"},
        {"+49 511 1230", "+495111230"},
        {"+49 (0)511 123-0", "+495111230"},
        {"+49 (0511) 1230", "+495111230"},
        {"+49(511)1230", "+495111230"},
        {"0049 511 1230", "+495111230"},
        {"0049 (0) 511 1230", "+495111230"},
        {"00495111230", "+495111230"},
        {"0511\u00a0123\u20110", "+495111230"}, // no-break blank and hyphen
        {"0511 123\u20130", "+495111230"},      // dash of a word processor
        {"0151 23456789", "+4915123456789"},
        {"030 23125-000", "+493023125000"},
        {"05136 12345-6", "+495136123456"},
        {"0800 0123456", "+498000123456"},
        {"+43 1 5224633", "+4315224633"},
        {"0043 1 5224633", "+4315224633"},
        {"+1 (202) 555-0123", "+12025550123"},
        {"+352 1234", "+3521234"},
    };
    for (const auto &[text, expected] : rows)
        EXPECT_EQ(parsed(text), expected) << text;
}

TEST(ParsePhoneNumber, keeps_short_numbers_as_they_are) {
    for (const char *number : {"110", "112", "115", "116117", "116016", "11833", "118000"}) {
        EXPECT_EQ(parsed(number), number);
        EXPECT_EQ(parsed(number, "511"), number);
    }
    EXPECT_EQ(parsed(" 1 1 5 "), "115");
    EXPECT_EQ(parsed("+49115"), "115"); // from abroad
    EXPECT_EQ(parsed("0049 115"), "115");
    EXPECT_EQ(parsed("+49 116 117"), "116117");
    EXPECT_EQ(parsed("0511 115"), "+49511115"); // a subscriber, as some networks route it
    EXPECT_EQ(parsed("+49110"), "none");        // emergencies are local
    for (const char *wrong : {"111", "113", "1150", "1161170", "1180", "11800000"}) {
        EXPECT_EQ(parsed(wrong), "none") << wrong;
    }
}

TEST(ParsePhoneNumber, completes_local_numbers_by_an_area_code) {
    EXPECT_EQ(parsed("168-0"), "none");
    EXPECT_EQ(parsed("23125-168", "30"), "+493023125168");
    EXPECT_EQ(parsed("23125-168", "030"), "+493023125168");
    EXPECT_EQ(parsed("0221 4710-898", "30"), "+492214710898");
    EXPECT_EQ(parsed("+49 30 23125168", "221"), "+493023125168");
    EXPECT_EQ(parsed("23125168", "3x0"), "none");
    EXPECT_EQ(parsed("23125168", "0"), "none");
    EXPECT_EQ(parsed("495111230"), "none"); // a country code needs + or 00
}

TEST(ParsePhoneNumber, refuses_what_is_no_number) {
    const std::vector<std::string> wrong = {"",
                                            " ",
                                            "+",
                                            "++49 511 1230",
                                            "+49+511",
                                            "0",
                                            "00",
                                            "000",
                                            "0049",
                                            "+49",
                                            "+4",
                                            "+0511",
                                            "0511",
                                            "+49 511",
                                            "0511 1",
                                            "030",

                                            "anonymous",
                                            "0511 CALL-ME",
                                            "0511 12a30",
                                            "0511 123-0 ext. 5",
                                            "0511,1230",
                                            "0511;1230",
                                            "tel:+495111230",
                                            "<sip:0511@x>",
                                            "#31#0511",
                                            "*21*0511",
                                            "0511 \u0661\u0662\u0663",
                                            "０５１１１２３０",
                                            "0511\n1230",
                                            "0511 1230\r\n",
                                            std::string("0511 12\0"
                                                        "30",
                                                        10),
                                            "\xff\xfe",
                                            "0511 \xc2",
                                            std::string(40, '1'),
                                            "0" + std::string(40, '5'),
                                            "+" + std::string(16, '4'),
                                            std::string(100'000, '0'),
                                            std::string(100'000, ' '),
                                            "--",
                                            "()",
                                            "+49 511 12345678901234"};
    for (const std::string &text : wrong)
        EXPECT_EQ(parsed(text), "none") << text.substr(0, 60);
}

TEST(ParsePhoneNumber, allows_fifteen_digits_and_no_more) {
    EXPECT_EQ(parsed("+495111234567890"), "+495111234567890"); // 15
    EXPECT_EQ(parsed("+4951112345678901"), "none");
    EXPECT_EQ(parsed("0511 1234567890"), "+495111234567890");
    EXPECT_EQ(parsed("0511 12345678901"), "none");
    EXPECT_EQ(parsed("+431234567890123"), "+431234567890123");
    EXPECT_EQ(parsed("+4312345678901234"), "none");
}

// ---------------------------------------------------------------------------------------- DIN 5008

std::string shown(std::string_view e164) {
    return to_din5008({std::string(e164)});
}

TEST(Din5008, separates_the_area_code) {
    const std::vector<std::pair<std::string, std::string>> rows = {
        // two digits
        {"+493023125000", "030 23125000"},
        {"+494066969000", "040 66969000"},
        {"+496990009000", "069 90009000"},
        {"+498999998000", "089 99998000"},
        // three
        {"+495111230", "0511 1230"},
        {"+492214710100", "0221 4710100"},
        {"+4920812345", "0208 12345"},
        {"+4922812345", "0228 12345"},
        {"+4934112345", "0341 12345"},
        {"+4934012345", "0340 12345"},
        {"+4939512345", "0395 12345"},
        {"+4990612345", "0906 12345"},
        {"+4971112345", "0711 12345"},
        {"+4999112345", "0991 12345"},
        // four
        {"+495136123456", "05136 123456"},
        {"+492921123456", "02921 123456"},
        {"+4920412345", "02041 2345"},
        {"+492294123456", "02294 123456"},
        {"+493301123456", "03301 123456"},
        {"+493327123456", "03327 123456"},
        {"+493461123456", "03461 123456"},
        {"+493571123456", "03571 123456"},
        {"+493641123456", "03641 123456"},
        {"+493860123456", "03860 123456"},
        {"+493961123456", "03961 123456"},
        {"+497031123456", "07031 123456"},
        {"+499071123456", "09071 123456"},
        {"+498031123456", "08031 123456"},
        // five
        {"+4933701123456", "033701 123456"},
        {"+4933051123456", "033051 123456"},
        {"+4934206123456", "034206 123456"},
        {"+4935022123456", "035022 123456"},
        {"+4936028123456", "036028 123456"},
        {"+4937291123456", "037291 123456"},
        {"+4938203123456", "038203 123456"},
        {"+4939404123456", "039404 123456"},
        // mobile, services, abroad, short
        {"+4915123456789", "0151 23456789"},
        {"+4916012345678", "0160 12345678"},
        {"+4917612345678", "0176 12345678"},
        {"+498000123456", "0800 0123456"},
        {"+49180612345", "0180 6 12345"},
        {"+499005123456", "0900 5 123456"},
        {"+493222123456", "032 22123456"},
        {"+4315224633", "+43 15224633"},
        {"+12025550123", "+1 2025550123"},
        {"+74951234567", "+7 4951234567"},
        {"+352123456", "+352 123456"},
        {"+420123456789", "+420 123456789"},
        {"115", "115"},
        {"116117", "116117"},
        {"", ""},
    };
    for (const auto &[e164, expected] : rows)
        EXPECT_EQ(shown(e164), expected) << e164;
}

// What is shown reads back as the same number: for every German area and any subscriber.
RC_GTEST_PROP(Din5008, reads_back, (std::uint32_t area, std::uint32_t subscriber)) {
    const std::string number =
        std::to_string(11 + area % 89'989) + std::to_string(1000 + subscriber % 8999);
    const auto first = parse_phone_number("0" + number);
    RC_PRE(first.has_value());
    RC_ASSERT(parse_phone_number(to_din5008(*first)) == first);
    RC_ASSERT(parse_phone_number(first->e164) == first);
}

// Any bytes at all: a number, or none, but never anything else.
RC_GTEST_PROP(ParsePhoneNumber, takes_any_bytes, (const std::string &text)) {
    const auto number = parse_phone_number(text);
    if (!number) return;
    const std::string_view digits = number->e164[0] == '+'
                                        ? std::string_view(number->e164).substr(1)
                                        : std::string_view(number->e164);
    RC_ASSERT(digits.size() >= 3U);
    RC_ASSERT(digits.size() <= 15U);
    RC_ASSERT(digits.find_first_not_of("0123456789") == std::string_view::npos);
}

} // namespace
} // namespace fernamt
