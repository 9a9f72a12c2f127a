// SPDX-License-Identifier: EUPL-1.2
// Question trees: every fault is named, what is released leads to an end from every answer, and is
// seen by four eyes.
#include "knowledge/guide_book.h"
#include "knowledge/public_view.h"
#include "knowledge/search_document.h"
#include "knowledge/testing/imported_knowledge.h"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <algorithm>
#include <set>

namespace fernamt::knowledge {
namespace {

using enum GuideFaultKind;
using Faults = std::vector<GuideFault>;

GuideStep ask(const std::string &key, const std::vector<GuideAnswer> &answers) {
    return {.key = key, .text = key + "?", .answers = answers};
}
GuideStep tell(const std::string &key) {
    return {.key = key, .text = key + ".", .answers = {}, .end = GuideEnd::request, .service = {}};
}
// An end at the forms and online services for it: all, or one.
GuideStep fill_in(const std::string &key, ServiceId service, std::int64_t offer = 0) {
    return {.key = key,
            .text = key + ".",
            .answers = {},
            .end = GuideEnd::online,
            .service = service,
            .offer = offer};
}
GuideSteps good() {
    return {ask("start", {{"ja", "frist"}, {"nein", "ende"}}),
            ask("frist", {{"früher", "ende"}, {"später", "antrag"}}), tell("ende"), tell("antrag")};
}

TEST(Guide, AGoodOneHasNoFault) {
    EXPECT_TRUE(faults_of(good()).empty());
    EXPECT_TRUE(faults_of({tell("nur das")}).empty());
    EXPECT_EQ(parse_guide_steps(to_json(good())), good());
    for (const GuideSteps &steps : {GuideSteps{fill_in("alle", ServiceId{7})},
                                    GuideSteps{fill_in("dieses", ServiceId{7}, 8)}}) {
        EXPECT_TRUE(faults_of(steps).empty());
        EXPECT_EQ(parse_guide_steps(to_json(steps)), steps);
    }
    const auto earlier =
        parse_guide_steps(R"([{"key":"a","text":"b","answers":[],"request":true,"service":7}])");
    ASSERT_TRUE(earlier);
    EXPECT_EQ(earlier->front().end, GuideEnd::request);
    EXPECT_EQ(earlier->front().service, ServiceId{7});
    EXPECT_FALSE(parse_guide_steps("{}"));
    EXPECT_FALSE(parse_guide_steps("[{\"key\":1}]"));
}

TEST(Guide, FaultsAreNamed) {
    EXPECT_EQ(faults_of({}), (Faults{{no_steps, ""}}));
    GuideSteps steps = good();
    steps[1].answers[1].next = "start";
    EXPECT_EQ(faults_of(steps), (Faults{{loop, "start"}, {out_of_reach, "antrag"}}));
    steps = good();
    steps[1].answers[1].next = "frist"; // to itself
    EXPECT_EQ(faults_of(steps), (Faults{{loop, "frist"}, {out_of_reach, "antrag"}}));
    steps = good();
    steps[0].answers[0].next = "weg";
    EXPECT_EQ(faults_of(steps),
              (Faults{{next_unknown, "start"}, {out_of_reach, "frist"}, {out_of_reach, "antrag"}}));
    steps = good();
    steps[3].key = "ende";
    EXPECT_EQ(faults_of(steps), (Faults{{next_unknown, "frist"}, {key_twice, "ende"}}));
    steps = good();
    steps[2].text.clear();
    steps[0].answers[0].text.clear();
    EXPECT_EQ(faults_of(steps), (Faults{{text_missing, "start"}, {text_missing, "ende"}}));
    EXPECT_EQ(faults_of({ask("eine", {{"ja", "ende"}}), tell("ende")}),
              (Faults{{single_answer, "eine"}}));
    EXPECT_EQ(faults_of({fill_in("ende", {})}), (Faults{{service_missing, "ende"}}));
    GuideStep question = ask("frage", {{"ja", "ende"}, {"nein", "ende"}});
    question.end = GuideEnd::online; // a question is no end
    EXPECT_TRUE(faults_of({question, tell("ende")}).empty());
}

// Follows every answer of a guide without faults: it always ends, within as many steps as there
// are.
RC_GTEST_PROP(Guide, WithoutFaultsEveryWayEnds, ()) {
    const int count = *rc::gen::inRange(1, 9);
    GuideSteps steps;
    for (int i = 0; i < count; ++i) {
        GuideStep step{.key = std::to_string(i), .text = "x"};
        for (int answers = *rc::gen::inRange(0, 4); answers > 0; --answers)
            step.answers.push_back({"a", std::to_string(*rc::gen::inRange(0, count + 1))});
        steps.push_back(step);
    }
    const auto faults = faults_of(steps);
    std::set<std::string> ways{"0"};
    for (int walked = 0; walked <= count && !ways.empty(); ++walked) {
        std::set<std::string> next;
        for (const std::string &key : ways) {
            const auto step = std::ranges::find(steps, key, &GuideStep::key);
            if (step == steps.end()) {
                RC_ASSERT(!faults.empty());
                continue;
            }
            for (const GuideAnswer &answer : step->answers)
                next.insert(answer.next);
        }
        ways = next;
    }
    if (faults.empty()) RC_ASSERT(ways.empty());
    // And the other way round: what never ends is called a loop.
    const bool named =
        std::ranges::any_of(faults, [](const GuideFault &fault) { return fault.kind == loop; });
    if (!ways.empty()) RC_ASSERT(named);
}

using testing::kHere;
using testing::kThere;
const Editor kAnna{UserId{1}, kHere};
const Editor kBernd{UserId{2}, kHere};
const Editor kStranger{UserId{3}, kThere};
const Editor kCentre{UserId{4}, std::nullopt};

class GuideBookTest : public storage::testing::DatabaseTest {
  protected:
    GuideBook book() { return {db(), clock_}; }
    ManualClock clock_{to_instant({2026, 11, 23}, 12 * 3600)};
};
FERNAMT_ON_EVERY_ENGINE(GuideBookTest);

TEST_P(GuideBookTest, AGuideIsReleasedWithoutFaultsByAnotherPerson) {
    GuideSteps steps = good();
    steps[1].answers[1].next = "start";
    auto guide = book().add(kAnna, kHere, ServiceId{1}, "Umzug", steps);
    ASSERT_TRUE(guide) << describe(guide.error());
    const GuideId id = guide->id;
    EXPECT_TRUE(book().released(kHere)->empty());
    EXPECT_EQ(book().submit(kAnna, id, 1).error(),
              (Problem{ProblemKind::conflict,
                       "knowledge.guide_faulty",
                       {{"step", "start"}, {"fault", "loop"}}}));
    EXPECT_EQ(book().save(kAnna, id, 9, "Umzug", good()).error().code, "knowledge.guide_stale");
    ASSERT_TRUE(book().save(kAnna, id, 1, "Umzug", good()));
    EXPECT_EQ(book().release(kBernd, id, 2).error().code, "knowledge.draft_state");
    ASSERT_TRUE(book().submit(kAnna, id, 2));
    EXPECT_EQ(book().release(kAnna, id, 3).error().code, "knowledge.four_eyes");
    ASSERT_TRUE(book().give_back(kBernd, id, 3));
    ASSERT_TRUE(book().submit(kAnna, id, 4));
    guide = book().release(kBernd, id, 5);
    ASSERT_TRUE(guide);
    EXPECT_EQ(guide->released, good());
    EXPECT_FALSE(guide->state);
    ASSERT_EQ(book().released(kHere)->size(), 1U);
    EXPECT_EQ(book().released(kHere)->front().title, "Umzug");
    EXPECT_TRUE(book().released(kThere)->empty());
    EXPECT_EQ(book().released(std::nullopt)->size(), 1U);
    // A new draft leaves what is told alone.
    ASSERT_TRUE(book().save(kBernd, id, 6, "Umzug neu", {tell("kurz")}));
    EXPECT_EQ(book().find(id)->released, good());
    EXPECT_EQ(book().find(id)->title, "Umzug");
    EXPECT_EQ(book().remove(kAnna, id, 6).error().code, "knowledge.guide_stale");
    ASSERT_TRUE(book().remove(kAnna, id, 7));
    EXPECT_EQ(book().find(id).error().code, "knowledge.guide_not_found");
}

TEST_P(GuideBookTest, ForeignGuidesLookLikeNone) {
    const auto own = book().add(kAnna, kHere, {}, "Eigener", good());
    const auto common = book().add(kCentre, kCommonText, {}, "Für alle", good());
    ASSERT_TRUE(own && common);
    EXPECT_EQ(book().add(kAnna, kThere, {}, "x", good()).error().code, "municipality.not_found");
    EXPECT_EQ(book().add(kAnna, kCommonText, {}, "x", good()).error().code,
              "knowledge.common_text_centre_only");
    EXPECT_EQ(book().save(kStranger, own->id, 1, "x", good()).error().code,
              "knowledge.guide_not_found");
    EXPECT_EQ(book().submit(kStranger, own->id, 1).error().code, "knowledge.guide_not_found");
    EXPECT_EQ(book().remove(kStranger, own->id, 1).error().code, "knowledge.guide_not_found");
    EXPECT_EQ(book().submit(kAnna, common->id, 1).error().code,
              "knowledge.common_text_centre_only");
    EXPECT_EQ(book().all(kAnna)->size(), 1U);
    EXPECT_TRUE(book().all(kStranger)->empty());
    EXPECT_EQ(book().all(kCentre)->size(), 2U);
    EXPECT_EQ(book().add(kAnna, kHere, {}, "", good()).error().code, "knowledge.text_invalid");
    EXPECT_EQ(book().add(kAnna, kHere, {}, "x", GuideSteps(101)).error().code,
              "knowledge.text_invalid");
}

// A form for Langenhagen and an online service for the whole Region, both of service 1.
class GuideToAForm : public testing::ImportedKnowledge {
  protected:
    void SetUp() override {
        import(samples::service("1", "Umzug") + samples::service("2", "Ohne alles") +
               offer("onlinedienst", "Onlinedienst", "o", "Ummelden im Netz",
                     "https://region.example/ummelden") +
               offer("formular", "Formular", "f", "Formular", "https://stadt.example/formular") +
               offer("formular", "Formular", "x", "Falle", "javascript:alert(1)") +
               answers("Onlinedienst", "o", "03241") + answers("Formular", "f", "032410010010") +
               answers("Formular", "x", "03241"));
    }
    static std::string offer(const char *element, const char *scheme, const char *id,
                             const char *name, const char *address) {
        return fmt::format("<xzufi:schreibe><xzufi:{0}><xzufi:id schemeAgencyID=\"L1\" "
                           "schemeID=\"{1}\">{2}</xzufi:id><xzufi:bezeichnung "
                           "languageCode=\"de\">{3}</xzufi:bezeichnung><xzufi:link>{4}"
                           "</xzufi:link></xzufi:{0}></xzufi:schreibe>",
                           element, scheme, id, name, address);
    }
    static std::string answers(const char *scheme, const char *id, const char *area) {
        return fmt::format(
            "<xzufi:schreibe><xzufi:zustaendigkeitTransferObjekt><xzufi:uebergeordnetesObjektID "
            "schemeAgencyID=\"L1\" schemeID=\"{0}\">{1}</xzufi:uebergeordnetesObjektID>"
            "<xzufi:zustaendigkeit><xzufi:id schemeAgencyID=\"L1\" schemeID=\"Zustaendigkeit{0}\">"
            "z{1}</xzufi:id><xzufi:leistungID schemeAgencyID=\"L1\">1</xzufi:leistungID>"
            "<xzufi:gebietID>{2}</xzufi:gebietID></xzufi:zustaendigkeit>"
            "</xzufi:zustaendigkeitTransferObjekt></xzufi:schreibe>",
            scheme, id, area);
    }
    // "Formular* https://..." for a form, without the star for an online service.
    std::vector<std::string> offers(std::optional<MunicipalityId> municipality) {
        std::vector<std::string> all;
        EXPECT_TRUE(db().read([&](storage::Connection &connection) -> Expected<void> {
            const auto read = offers_for(connection, service_, municipality);
            if (!read) return tl::unexpected(read.error());
            for (const Offer &one : *read)
                all.push_back(one.name + (one.form ? "* " : " ") + one.address);
            return {};
        }));
        return all;
    }
    Faults faults(const Editor &editor, MunicipalityId municipality, const GuideStep &step) {
        GuideBook book(db(), clock_);
        const auto guide = book.add(editor, municipality, {}, "Umzug", {step});
        EXPECT_TRUE(guide) << describe(guide.error());
        const auto found = book.faults(*guide);
        EXPECT_TRUE(found);
        const auto submitted = book.submit(editor, guide->id, 1);
        EXPECT_EQ(submitted.has_value(), found->empty()) << "what has faults leads nobody";
        return *found;
    }
    const std::int64_t form_ = object_id(ObjectKind::form, "L1", "f");
    const std::int64_t online_ = object_id(ObjectKind::online_service, "L1", "o");
};
FERNAMT_ON_EVERY_ENGINE(GuideToAForm);

TEST_P(GuideToAForm, ShowsWhatTheTownOfTheCallHas) {
    const std::string region = "Ummelden im Netz https://region.example/ummelden";
    const std::string town = "Formular* https://stadt.example/formular";
    const std::string trap = "Falle* "; // no address is led to that could do something
    EXPECT_EQ(offers(kHere), (std::vector<std::string>{town, trap, region})) << "the nearest first";
    EXPECT_EQ(offers(kThere), (std::vector<std::string>{trap, region}));
    EXPECT_TRUE(offers(testing::kFarAway).empty());
    EXPECT_EQ(offers(std::nullopt).size(), 3U);
    // A form that the texts link to, under the address of one that is delivered, and one besides.
    const auto linked = [](const char *address, const char *title) {
        return fmt::format("<xzufi:weiterfuehrenderLink languageCode=\"de\"><xzufi:uri>{}"
                           "</xzufi:uri><xzufi:titel>{}</xzufi:titel></xzufi:weiterfuehrenderLink>",
                           address, title);
    };
    import(samples::service("1", "Umzug",
                            "<xzufi:modulText><xzufi:leikaTextmodul><code>14</code>"
                            "</xzufi:leikaTextmodul>" +
                                linked("https://stadt.example/formular", "Dasselbe") +
                                linked("https://land.example/antrag", "") + "</xzufi:modulText>"));
    EXPECT_EQ(offers(kThere), (std::vector<std::string>{
                                  trap, region, "Dasselbe* https://stadt.example/formular",
                                  "https://land.example/antrag* https://land.example/antrag"}));
    EXPECT_EQ(offers(kHere),
              (std::vector<std::string>{
                  town, trap, region, "https://land.example/antrag* https://land.example/antrag"}));
}

TEST_P(GuideToAForm, IsNotReleasedWhereThereIsNone) {
    EXPECT_TRUE(faults(kAnna, kHere, fill_in("ende", service_)).empty());
    EXPECT_TRUE(faults(kAnna, kHere, fill_in("ende", service_, form_)).empty());
    EXPECT_TRUE(faults(kStranger, kThere, fill_in("ende", service_)).empty());
    EXPECT_EQ(faults(kStranger, kThere, fill_in("ende", service_, form_)),
              (Faults{{form_missing, "ende"}}));
    EXPECT_TRUE(faults(kStranger, kThere, fill_in("ende", service_, online_)).empty());
    // One for all: some municipality has it.
    EXPECT_TRUE(faults(kCentre, kCommonText, fill_in("ende", service_, form_)).empty());
    const ServiceId without{object_id(ObjectKind::service, "L1", "2")};
    EXPECT_EQ(faults(kCentre, kCommonText, fill_in("ende", without)),
              (Faults{{form_missing, "ende"}}));
    GuideStep article = tell("ende");
    article.service = without;
    EXPECT_TRUE(faults(kCentre, kCommonText, article).empty());
    article.service = ServiceId{4711};
    EXPECT_EQ(faults(kCentre, kCommonText, article), (Faults{{service_unknown, "ende"}}));
    EXPECT_EQ(faults(kCentre, kCommonText, fill_in("ende", ServiceId{4711})),
              (Faults{{service_unknown, "ende"}}));
}

// What the search index is told of, all or since a generation; "-guide": what has to go first.
std::vector<std::string> told(storage::Database &database, std::int64_t since) {
    std::vector<std::string> ids;
    const auto done = each_changed_document(
        database, since,
        [&](const std::string &subject) {
            ids.push_back("-" + subject);
            return true;
        },
        [&](const SearchDocument &document) {
            ids.push_back(document.id + " " + document.title);
            return true;
        });
    EXPECT_TRUE(done);
    return ids;
}

TEST_P(GuideBookTest, TheSearchIsToldOfReleasedGuidesAndOfThoseThatGo) {
    auto guide = book().add(kAnna, kHere, ServiceId{}, "Umzug", good());
    ASSERT_TRUE(guide) << describe(guide.error());
    EXPECT_TRUE(told(db(), -1).empty()) << "a draft is nobody's";
    ASSERT_TRUE(book().submit(kAnna, guide->id, 1));
    const auto before = knowledge_generation(db());
    guide = book().release(kBernd, guide->id, 2);
    ASSERT_TRUE(guide) << describe(guide.error());
    EXPECT_GT(*knowledge_generation(db()), *before) << "the index looks again";
    const std::string id = "guide@" + std::to_string(guide->id.value) + " Umzug";
    EXPECT_EQ(told(db(), -1), std::vector<std::string>{id});
    EXPECT_EQ(told(db(), *before), (std::vector<std::string>{"-guide", id}));
    const auto released = knowledge_generation(db());
    ASSERT_TRUE(book().remove(kAnna, guide->id, guide->version));
    EXPECT_GT(*knowledge_generation(db()), *released);
    EXPECT_EQ(told(db(), *released), std::vector<std::string>{"-guide"});
}

} // namespace
} // namespace fernamt::knowledge
