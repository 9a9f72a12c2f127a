// SPDX-License-Identifier: EUPL-1.2
// The operator's keys over real SIP and sound: dialled, heard, in force; and the operator's phone
// that rings first.
#include "telephony/exchange_real_bench.h"
#include "telephony/real_phones.h"

namespace fernamt::telephony {
namespace {

using namespace exchange_real;

class OfficeFirstReal : public RealExchange {
  protected:
    bool operator_is_registered() {
        bool is = false;
        loop_->run_on_loop([&] { is = legs_->is_registered(std::string(kOperator)); });
        return is;
    }
};

TEST_F(OfficeFirstReal, TheOperatorsKeysAreHeardAndInForce) {
    auto with_office = rules();
    with_office.numbers.front().office = routing::OfficeFirst{kOffice, 20s, {}};
    obey(with_office);
    ASSERT_TRUE(press(AgentCommand::Kind::sign_in));
    world_.dial_code(sip_port_, "*21", kOffice);
    ASSERT_TRUE(hear({{"*21", {kNameTone}}}));
    EXPECT_NE(ledger_text().find("office.switched"), std::string::npos);
    EXPECT_TRUE(eventually([&] { return world_.is("*21", &World::Party::ended); }));
    (void)world_.dial(sip_port_); // absent: the centre answers at once
    ASSERT_TRUE(hear({{"caller", {kPhoneTone}}, {"agent7", {kCitizenTone}}}));
    EXPECT_EQ(world_.calls_of(kOffice.e164), 0U);
    world_.hang_up("caller");
    world_.dial_code(sip_port_, "%2321", kOffice);
    EXPECT_TRUE(eventually([&] { return world_.is("%2321", &World::Party::answered); }));
    EXPECT_TRUE(eventually([&] { return world_.is("%2321", &World::Party::ended); }));
    world_.dial_code(sip_port_, "*21", kCitizen); // anybody else
    EXPECT_TRUE(eventually([&] { return world_.is("*21", &World::Party::ended); }));
    EXPECT_FALSE(world_.is("*21", &World::Party::answered));
    EXPECT_TRUE(nothing_left_over());
}

// The same from a phone that is not ours and registers with us, without any trunk.
TEST_F(OfficeFirstReal, TheOperatorsKeysCountFromItsPhoneRegisteredWithUs) {
    auto with_office = rules();
    with_office.numbers.front().office = routing::OfficeFirst{kOffice, 20s, {}};
    obey(with_office);
    ASSERT_TRUE(press(AgentCommand::Kind::sign_in));
    const std::string here = "@127.0.0.1:" + std::to_string(sip_port_);
    const auto agents = world_.ask_by_second_line("agent7", sip_port_, PhoneNumber{"*21"});
    EXPECT_TRUE(eventually([&] { return agents->ended(); })) << "an agent's phone may not";
    EXPECT_EQ(ledger_text().find("office.switched"), std::string::npos);
    Linphone operators({std::string(kOperator), kPassword, sip_port_}, kCitizenTone);
    ASSERT_TRUE(eventually([&] { return operator_is_registered(); })) << operators.log();
    operators.call("sip:*21" + here);
    EXPECT_TRUE(eventually([&] { return operators.hears({kNameTone}) == Tones{kNameTone}; }))
        << operators.log();
    EXPECT_NE(ledger_text().find("office.switched"), std::string::npos);
    (void)world_.dial(sip_port_); // absent: the centre answers at once
    ASSERT_TRUE(hear({{"caller", {kPhoneTone}}, {"agent7", {kCitizenTone}}}));
    EXPECT_EQ(world_.calls_of(kOffice.e164), 0U);
    world_.hang_up("caller");
    EXPECT_TRUE(nothing_left_over());
}

// A number of the configuration's [[sip.phone]]: no trunk, no telephone system.
TEST_F(OfficeFirstReal, TheOfficesPhoneRegisteredWithUsRingsFirst) {
    office_phone_ = true;
    auto with_office = rules();
    with_office.numbers.front().office = routing::OfficeFirst{kOffice, 20s, {}};
    obey(with_office);
    ASSERT_TRUE(press(AgentCommand::Kind::sign_in));
    (void)world_.dial(sip_port_); // not registered: the centre answers at once
    ASSERT_TRUE(hear({{"caller", {kPhoneTone}}, {"agent7", {kCitizenTone}}}));
    world_.hang_up("caller");
    Baresip operators({std::string(kOperator), kPassword, sip_port_}, kOfficeTone, true);
    ASSERT_TRUE(eventually([&] { return operator_is_registered(); })) << operators.log();
    (void)world_.dial(sip_port_, "second");
    ASSERT_TRUE(hear({{"second", {kOfficeTone}}})) << operators.log();
    EXPECT_TRUE(eventually([&] {
        return operators.hears({kCitizenTone}) == std::set<double>{kCitizenTone};
    })) << operators.log();
    EXPECT_EQ(world_.calls_of("agent7"), 1U);
    EXPECT_EQ(world_.calls_of(kOffice.e164), 0U) << "left the house";
    world_.hang_up("second");
    EXPECT_TRUE(eventually([&] {
        return ledger_text().find("\"reason\":\"taken_by_office\"") != std::string::npos;
    })) << ledger_text();
    EXPECT_TRUE(nothing_left_over());
}

} // namespace
} // namespace fernamt::telephony
