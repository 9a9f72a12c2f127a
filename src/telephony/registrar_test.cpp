// SPDX-License-Identifier: EUPL-1.2
#include "telephony/registrar.h"
#include "telephony/trunk.h"

#include <gtest/gtest.h>

namespace fernamt::telephony {
namespace {

using namespace std::chrono_literals;
const Instant kNow{1'000'000'000};

RegisterRequest request(const std::string &contact, std::optional<int> expires, std::uint32_t cseq,
                        const std::string &call_id = "c") {
    RegisterRequest r;
    r.user = "agent7";
    if (!contact.empty()) r.contacts = {{contact, std::nullopt}};
    r.expires = expires;
    r.cseq = cseq;
    r.call_id = call_id;
    r.next_hop = "sip:10.0.0.7:5060;transport=udp";
    return r;
}

TEST(Registrar, a_phone_comes_stays_and_goes) {
    Registrar registrar({60, 600, 3600, {}, {}, {}});
    auto reply = registrar.handle(request("sip:a@10.0.0.7", 120, 1), kNow);
    EXPECT_EQ(reply.status, 200);
    EXPECT_TRUE(reply.registered_now);
    EXPECT_EQ(reply.contacts.at(0).second, 120);
    reply = registrar.handle(request("sip:a@10.0.0.7", 120, 2), kNow + 60s);
    EXPECT_FALSE(reply.registered_now) << "a refresh";
    ASSERT_NE(registrar.find("agent7", kNow + 179s), nullptr);
    EXPECT_EQ(registrar.find("agent7", kNow + 180s), nullptr) << "not after it has expired";
    EXPECT_EQ(*registrar.next_expiry(), kNow + 180s);
    EXPECT_EQ(registrar.expire(kNow + 179s).size(), 0U);
    EXPECT_EQ(registrar.expire(kNow + 180s), std::vector<std::string>{"agent7"});
    reply = registrar.handle(request("sip:a@10.0.0.7", std::nullopt, 3), kNow + 200s);
    EXPECT_TRUE(reply.registered_now);
    EXPECT_EQ(reply.contacts.at(0).second, 600) << "our default";
    reply = registrar.handle(request("sip:a@10.0.0.7", 0, 4), kNow + 201s);
    EXPECT_TRUE(reply.unregistered_now);
    EXPECT_EQ(registrar.find("agent7", kNow + 201s), nullptr);
}

TEST(Registrar, the_rules_of_rfc_3261_10_3) {
    Registrar registrar({60, 600, 3600, {}, {}, {}});
    const auto brief = registrar.handle(request("sip:a@x", 30, 1), kNow);
    EXPECT_EQ(brief.status, 423);
    EXPECT_EQ(brief.min_expires, 60);
    EXPECT_EQ(registrar.handle(request("sip:a@x", 90'000, 1), kNow).contacts.at(0).second, 3600);
    EXPECT_EQ(registrar.handle(request("sip:b@x", 120, 1), kNow).status, 500) << "an old message";
    EXPECT_EQ(registrar.find("agent7", kNow)->contact, "sip:a@x");
    EXPECT_EQ(registrar.handle(request("sip:b@x", 120, 1, "other"), kNow).status, 200);
    EXPECT_EQ(registrar.find("agent7", kNow)->contact, "sip:b@x") << "the last one wins";
    EXPECT_FALSE(registrar.handle(request("sip:a@x", 0, 9), kNow).unregistered_now)
        << "an old contact is taken back, not the new one";
    EXPECT_NE(registrar.find("agent7", kNow), nullptr);
    EXPECT_EQ(registrar.handle(request("", std::nullopt, 9), kNow).contacts.at(0).first, "sip:b@x");

    auto star = request("", 10, 10);
    star.star = true;
    EXPECT_EQ(registrar.handle(star, kNow).status, 400) << "* only with Expires: 0";
    star.expires = 0;
    EXPECT_TRUE(registrar.handle(star, kNow).unregistered_now);

    auto several = request("sip:a@x", 120, 11);
    several.contacts.push_back({"sip:c@x", 300});
    several.contacts.push_back({"sip:d@x", 0});
    EXPECT_EQ(registrar.handle(several, kNow).contacts.at(0).first, "sip:c@x");
}

TEST(Registrar, a_restart_knows_the_phones) {
    std::map<std::string, Binding> stored;
    const Registrar::Settings settings{60,
                                       600,
                                       3600,
                                       [&](const Binding &b) { stored[b.user] = b; },
                                       [&](const std::string &user) { stored.erase(user); },
                                       [&] {
                                           std::vector<Binding> all;
                                           for (const auto &[user, binding] : stored)
                                               all.push_back(binding);
                                           return all;
                                       }};
    Registrar first(settings);
    static_cast<void>(first.handle(request("sip:a@x", 120, 1), kNow));
    Registrar second(settings);
    ASSERT_NE(second.find("agent7", kNow + 1s), nullptr);
    EXPECT_EQ(second.find("agent7", kNow + 1s)->next_hop, "sip:10.0.0.7:5060;transport=udp");
    static_cast<void>(second.expire(kNow + 200s));
    EXPECT_TRUE(stored.empty());
}

// ---------------------------------------------------------------- trunk

using Keeper = TrunkKeeper;
using Question = TrunkKeeper::Question;

Duration wait_of(const std::vector<Keeper::Action> &actions) {
    for (const auto &action : actions)
        if (const auto *later = std::get_if<Keeper::AskLater>(&action)) return later->after;
    return Duration{-1};
}

TEST(TrunkKeeper, registers_refreshes_and_backs_off) {
    Keeper keeper({true, 300, 0s});
    auto actions = keeper.handle(Keeper::Start{}, 0);
    ASSERT_EQ(actions.size(), 1U);
    EXPECT_EQ(std::get<Keeper::Ask>(actions[0]).expires, 300);
    EXPECT_FALSE(keeper.up());
    actions = keeper.handle(Keeper::Answered{Question::registration, 200, 120, 0, 0}, 0);
    EXPECT_TRUE(keeper.up());
    EXPECT_GE(wait_of(actions), 60s);
    EXPECT_LT(wait_of(actions), 120s);
    Duration last{0};
    for (int i = 0; i < 10; ++i) {
        const auto failed =
            keeper.handle(Keeper::Answered{Question::registration, 503, 0, 0, 0}, 1'000'000);
        EXPECT_GE(wait_of(failed), 2s);
        EXPECT_LE(wait_of(failed), 300s);
        last = wait_of(failed);
    }
    EXPECT_FALSE(keeper.up());
    EXPECT_GE(last, 150s) << "longer and longer";
    actions = keeper.handle(Keeper::Answered{Question::registration, 503, 0, 0, 900}, 0);
    EXPECT_EQ(wait_of(actions), 900s) << "as the far end wishes";
    actions = keeper.handle(Keeper::Answered{Question::registration, 423, 0, 1800, 0}, 0);
    EXPECT_EQ(std::get<Keeper::Ask>(actions.at(0)).expires, 1800);
}

TEST(TrunkKeeper, options_two_silences_are_an_outage_and_any_answer_its_end) {
    Keeper keeper({false, 300, 30s});
    static_cast<void>(keeper.handle(Keeper::Start{}, 0));
    EXPECT_TRUE(keeper.up());
    static_cast<void>(keeper.handle(Keeper::Answered{Question::options, 408, 0, 0, 0}, 0));
    EXPECT_TRUE(keeper.up());
    auto actions = keeper.handle(Keeper::Answered{Question::options, 503, 0, 0, 0}, 0);
    EXPECT_FALSE(keeper.up());
    EXPECT_FALSE(std::get<Keeper::Changed>(actions.back()).up);
    EXPECT_EQ(wait_of(actions), 30s);
    actions = keeper.handle(Keeper::Answered{Question::options, 404, 0, 0, 0}, 0);
    EXPECT_TRUE(keeper.up());
    EXPECT_TRUE(std::get<Keeper::Changed>(actions.back()).up);
}

} // namespace
} // namespace fernamt::telephony
