// SPDX-License-Identifier: EUPL-1.2
// Deliveries beside a running exchange, on both databases: uploaded in pieces, read, applied and
// undone in the background; refused at once what can be known at once; gone on with after a death.
#include "knowledge/delivery_office.h"
#include "knowledge/delivery_samples.h"
#include "storage/test_database.h"

#include <gtest/gtest.h>

#include <atomic>
#include <fstream>
#include <future>
#include <thread>

namespace fernamt::knowledge {
namespace {

using samples::service;
using samples::transfer;

constexpr UserId kEditor{7};

// Somebody else writes, until told to end: whoever wants to write waits.
class WritersTurn {
  public:
    explicit WritersTurn(storage::Database &database) {
        writer_ = std::async(std::launch::async, [this, &database] {
            return database.write([this](storage::Connection &) -> Expected<void> {
                holds_.set_value();
                may_end_.get_future().wait();
                return {};
            });
        });
        holds_.get_future().wait();
    }
    void end() {
        may_end_.set_value();
        EXPECT_TRUE(writer_.get());
    }

  private:
    std::promise<void> holds_, may_end_;
    std::future<Expected<void>> writer_;
};

class DeliveryOfficeTest : public storage::testing::DatabaseTest {
  protected:
    void open(DeliveryUploads::Limits limits = {.keep_free_bytes = 0}, int undo_days = 90,
              const std::string &schema_file = "") {
        office_ = std::make_unique<DeliveryOffice>(
            db(), clock_,
            DeliveryOffice::Options{.directory = directory_.path() + "/uploads",
                                    .uploads = limits,
                                    .piece_objects = 2,
                                    .schema_file = schema_file,
                                    .undo_days = undo_days,
                                    .on_change = [this](bool) {
                                        ++told_;
                                        if (on_told_) on_told_();
                                    }});
    }
    std::int64_t upload_and_read(const std::string &text, bool complete = false) {
        const auto upload = office_->uploads().begin(kEditor, "delivery.xml", text.size());
        EXPECT_TRUE(upload) << describe(upload.error());
        for (std::size_t at = 0; at < text.size(); at += 100) {
            const auto got = office_->uploads().add(kEditor, *upload, at,
                                                    std::string_view(text).substr(at, 100));
            EXPECT_TRUE(got) << describe(got.error());
        }
        const auto taken = office_->uploads().take(kEditor, *upload);
        EXPECT_TRUE(taken) << describe(taken.error());
        const auto id = office_->read(
            kEditor, {.path = taken->file, .source = "test", .complete = complete}, taken->folder);
        EXPECT_TRUE(id);
        office_->wait_for(*id);
        return *id;
    }
    static std::string code_of(const Expected<void> &done) { return done ? "" : done.error().code; }
    DeliveryReport report(std::int64_t id) {
        const auto found = find_delivery(db(), id);
        EXPECT_TRUE(found) << describe(found.error());
        return found ? *found : DeliveryReport{};
    }
    std::int64_t count(const std::string &table) {
        std::int64_t value = -1;
        EXPECT_TRUE(db().read([&](storage::Connection &connection) {
            return connection.each("SELECT COUNT(*) FROM " + table, {},
                                   [&](const storage::Row &row) {
                                       value = row.integer(0);
                                       return true;
                                   });
        }));
        return value;
    }
    static std::string services(int from, int to, const std::string &name = "Dienst") {
        std::string body;
        for (int i = from; i < to; ++i)
            body += service(std::to_string(i), name + " " + std::to_string(i));
        return transfer(body);
    }
    // Stops the office after the first piece of a step.
    void interrupt(std::int64_t id, DeliveryStep step) {
        while (true) {
            const auto now = office_->progress(id);
            if (!now || (now->step == step && now->objects > 0)) break;
            std::this_thread::yield();
        }
        office_.reset();
    }

    storage::testing::TemporaryDirectory directory_;
    ManualClock clock_{Instant{1'764'000'000'000'000}};
    std::atomic<int> told_ = 0;
    std::function<void()> on_told_; // set before open()
    std::unique_ptr<DeliveryOffice> office_;
};
FERNAMT_ON_EVERY_ENGINE(DeliveryOfficeTest);

TEST_P(DeliveryOfficeTest, TakesADeliveryFromTheUploadToUndo) {
    open();
    const std::int64_t id = upload_and_read(services(0, 9));
    DeliveryReport found = report(id);
    EXPECT_EQ(found.state, "staged");
    EXPECT_EQ(found.by, kEditor);
    EXPECT_EQ(found.kinds[0], (DeliveryCounts{9, 0, 0, 0}));
    EXPECT_EQ(count("knowledge_object"), 0); // nothing has taken effect
    EXPECT_TRUE(std::filesystem::is_empty(directory_.path() + "/uploads"));

    ASSERT_TRUE(office_->apply(id, {}));
    office_->wait_for(id);
    EXPECT_EQ(report(id).state, "applied");
    EXPECT_TRUE(report(id).finished);
    EXPECT_EQ(count("knowledge_object"), 9);
    EXPECT_EQ(count("knowledge_staged"), 0);

    ASSERT_TRUE(office_->undo(id));
    office_->wait_for(id);
    EXPECT_EQ(report(id).state, "undone");
    EXPECT_EQ(count("knowledge_object"), 0);
    EXPECT_GT(told_, 0);
}

TEST_P(DeliveryOfficeTest, KeepsWhatWasWrongWithADelivery) {
    open();
    const std::int64_t broken = upload_and_read("<nothing");
    EXPECT_EQ(report(broken).state, "failed");
    ASSERT_TRUE(report(broken).problem);
    EXPECT_EQ(report(broken).problem->code, "knowledge.xml_malformed");
    EXPECT_EQ(office_->apply(broken, {}).error().code, "knowledge.delivery_state");
    ASSERT_TRUE(office_->discard(broken));
    EXPECT_EQ(find_delivery(db(), broken).error().code, "knowledge.delivery_not_found");

    const std::int64_t findings =
        upload_and_read(transfer(samples::office("1", "") + service("2", "Zwei")));
    ASSERT_EQ(report(findings).findings.size(), 1U);
    EXPECT_GT(report(findings).findings[0].line, 0);
}

TEST_P(DeliveryOfficeTest, RefusesAtOnceWhatWouldRemoveMuch) {
    open();
    const std::int64_t all = upload_and_read(services(0, 10));
    ASSERT_TRUE(office_->apply(all, {}));
    office_->wait_for(all);
    const std::int64_t half = upload_and_read(services(0, 5), true);
    EXPECT_EQ(office_->apply(half, {}).error().code, "knowledge.delivery_mass_deletion");
    ASSERT_TRUE(office_->apply(half, {.allow_mass_deletion = true}));
    office_->wait_for(half);
    EXPECT_EQ(count("knowledge_object"), 5);
    EXPECT_EQ(office_->undo(all).error().code, "knowledge.undo_superseded");
    EXPECT_EQ(office_->discard(half).error().code, "knowledge.delivery_state");
}

TEST_P(DeliveryOfficeTest, HoldsWhatIsDeliveredAgainstTheConfiguredSchema) {
    const std::string path = directory_.path() + "/xzufi.xsd";
    std::ofstream(path)
        << "<xs:schema xmlns:xs=\"http://www.w3.org/2001/XMLSchema\" "
           "targetNamespace=\"http://xoev.de/schemata/xzufi/2_2_0\" "
           "elementFormDefault=\"qualified\"><xs:element name=\"transfer\"><xs:complexType>"
           "<xs:sequence><xs:element name=\"loesche\"/></xs:sequence></xs:complexType>"
           "</xs:element></xs:schema>";
    open({.keep_free_bytes = 0}, 90, path);
    const std::int64_t uploaded = upload_and_read(services(0, 1));
    EXPECT_EQ(report(uploaded).state, "failed");
    ASSERT_TRUE(report(uploaded).problem);
    EXPECT_EQ(report(uploaded).problem->code, "knowledge.schema_violated");
    EXPECT_NE(describe(*report(uploaded).problem).find("delivery.xml"), std::string::npos);

    const std::string file = directory_.path() + "/made.xml";
    std::ofstream(file) << services(0, 1);
    const auto read = [&](DeliveryOptions options) {
        options.path = file;
        const auto id = office_->read(kEditor, options, {});
        EXPECT_TRUE(id);
        office_->wait_for(*id);
        return report(*id).state;
    };
    EXPECT_EQ(read({}), "failed");
    EXPECT_EQ(read({.converted = true}), "staged");
    const std::string any = directory_.path() + "/any.xsd";
    std::ofstream(any) << "<xs:schema xmlns:xs=\"http://www.w3.org/2001/XMLSchema\" "
                          "targetNamespace=\"http://xoev.de/schemata/xzufi/2_2_0\">"
                          "<xs:element name=\"transfer\"/></xs:schema>";
    EXPECT_EQ(read({.schema_file = any}), "staged"); // named for this one
}

TEST_P(DeliveryOfficeTest, ErasesWhatWasReplacedWhenItsTimeIsOver) {
    open({.keep_free_bytes = 0}, 100);
    const std::int64_t id = upload_and_read(services(0, 30));
    ASSERT_TRUE(office_->apply(id, {}));
    office_->wait_for(id);
    EXPECT_EQ(report(id).undo_until, add_days(to_local(clock_.now()).date, 100));
    ASSERT_TRUE(office_->erase_what_is_over());
    office_->wait_for(id);
    EXPECT_EQ(count("knowledge_undo"), 30);
    clock_.advance(std::chrono::hours(24 * 102));
    ASSERT_TRUE(office_->erase_what_is_over());
    EXPECT_FALSE(office_->progress(id)); // nobody has asked for it
    office_->wait_for(id);
    EXPECT_EQ(count("knowledge_undo"), 0);
    EXPECT_EQ(code_of(office_->undo(id)), "knowledge.undo_over");
    EXPECT_EQ(count("knowledge_object"), 30);

    const std::int64_t undecided = upload_and_read(services(30, 40));
    clock_.advance(std::chrono::hours(24 * 102));
    ASSERT_TRUE(office_->erase_what_is_over());
    office_->wait_for(undecided);
    EXPECT_EQ(report(undecided).state, "failed");
    EXPECT_EQ(count("knowledge_staged"), 0);
}

// What is applied while it is being discarded would leave objects of which nobody knows whence.
TEST_P(DeliveryOfficeTest, NobodyElseTakesAStepOfWhatIsBeingDiscarded) {
    open();
    const std::int64_t id = upload_and_read(services(0, 9));
    WritersTurn others(db());
    auto discarded = std::async(std::launch::async, [&] {
        std::string code;
        do { // the question below is a step, too
            code = code_of(office_->discard(id));
        } while (code == "knowledge.delivery_busy");
        return code;
    });
    // Until it has begun, undoing answers that there is nothing to undo.
    const auto deadline = std::chrono::steady_clock::now() + std::chrono::minutes(1);
    while (code_of(office_->undo(id)) != "knowledge.delivery_busy" &&
           std::chrono::steady_clock::now() < deadline)
        std::this_thread::sleep_for(std::chrono::milliseconds(1)); // leaves it room
    EXPECT_EQ(code_of(office_->undo(id)), "knowledge.delivery_busy");
    EXPECT_EQ(code_of(office_->apply(id, {})), "knowledge.delivery_busy");
    EXPECT_EQ(code_of(office_->discard(id)), "knowledge.delivery_busy");
    others.end();
    EXPECT_EQ(discarded.get(), "");
    EXPECT_EQ(count("knowledge_staged"), 0);
    EXPECT_EQ(code_of(office_->apply(id, {})), "knowledge.delivery_not_found");
}

TEST_P(DeliveryOfficeTest, WhatWillBeReadAtOnceIsNotDiscardedWhatNobodyWillReadIs) {
    std::promise<void> may_go_on;
    const auto here = std::this_thread::get_id();
    bool rests = false; // the office's thread, after its first step
    on_told_ = [&] {
        if (std::this_thread::get_id() == here || rests) return;
        const auto all = deliveries(db());
        if (!all || all->empty() || all->back().state != "staged") return; // it reports on the way
        rests = true;
        may_go_on.get_future().wait();
    };
    open();
    upload_and_read(services(0, 1)); // the office has cleaned up by now
    const std::string file = directory_.path() + "/comes.xml";
    std::ofstream(file) << services(0, 1);
    const auto comes = office_->read(kEditor, {.path = file, .source = "test"}, {});
    ASSERT_TRUE(comes);
    EXPECT_EQ(code_of(office_->discard(*comes)), "knowledge.delivery_busy");
    EXPECT_EQ(report(*comes).state, "staging");
    may_go_on.set_value();
    office_->wait_for(*comes);
    EXPECT_EQ(report(*comes).state, "staged");

    // As its reading leaves it when not even that it failed could be written down.
    const auto stuck = open_delivery(db(), clock_, {.path = "stuck.xml", .source = "test"});
    ASSERT_TRUE(stuck);
    EXPECT_EQ(code_of(office_->discard(*stuck)), "");
    EXPECT_EQ(find_delivery(db(), *stuck).error().code, "knowledge.delivery_not_found");
}

TEST_P(DeliveryOfficeTest, WhatIsRefusedWhenItsTurnComesSaysWhy) {
    open();
    const std::int64_t old = upload_and_read(services(0, 3));
    ASSERT_TRUE(office_->apply(old, {}));
    office_->wait_for(old);
    const std::int64_t before = upload_and_read(services(10, 13));
    const auto last_minute = [&] { // of the last day
        return to_instant(*report(old).undo_until, 24 * 3600 - 60);
    };
    clock_.set(last_minute());
    WritersTurn others(db());
    EXPECT_TRUE(office_->apply(before, {})); // waits for the writer, and the next for it
    EXPECT_TRUE(office_->undo(old));
    clock_.set(last_minute() + std::chrono::minutes(2));
    others.end();
    office_->wait_for(old);
    EXPECT_EQ(report(old).state, "applied");
    ASSERT_TRUE(report(old).problem);
    EXPECT_EQ(report(old).problem->code, "knowledge.undo_over");
    EXPECT_EQ(report(before).state, "applied");
    EXPECT_FALSE(report(before).problem);
}

// The guard counts as things are when it is applied, not as they were when the report was made.
TEST_P(DeliveryOfficeTest, TheGuardCountsAgain) {
    open();
    const std::int64_t complete = upload_and_read(services(0, 5), true);
    const std::int64_t more = upload_and_read(services(10, 20));
    ASSERT_TRUE(office_->apply(more, {}));
    office_->wait_for(more);
    EXPECT_EQ(office_->apply(complete, {}).error().code, "knowledge.delivery_mass_deletion");
}

TEST_P(DeliveryOfficeTest, GoesOnWithWhatWasInterruptedInTheMiddle) {
    open();
    const std::int64_t id = upload_and_read(services(0, 300));
    ASSERT_TRUE(office_->apply(id, {}));
    interrupt(id, DeliveryStep::apply);
    ASSERT_EQ(report(id).state, "applying");
    EXPECT_EQ(report(id).problem->code, "knowledge.delivery_interrupted");
    EXPECT_LT(count("knowledge_object"), 300);
    EXPECT_GT(count("knowledge_object"), 0);
    open(); // the next start
    office_->wait_for(id);
    while (report(id).state == "applying") // until the office has taken it up
        std::this_thread::yield();
    office_->wait_for(id); // it says so before it has laid it down
    EXPECT_EQ(report(id).state, "applied");
    EXPECT_FALSE(report(id).problem);
    EXPECT_EQ(count("knowledge_object"), 300);

    ASSERT_TRUE(office_->undo(id));
    interrupt(id, DeliveryStep::undo);
    ASSERT_EQ(report(id).state, "undoing");
    open();
    while (report(id).state == "undoing")
        std::this_thread::yield();
    EXPECT_EQ(report(id).state, "undone");
    EXPECT_EQ(count("knowledge_object"), 0);
}

TEST_P(DeliveryOfficeTest, WhatWasBeingReadAtADeathFailsAndLeavesNoRows) {
    const auto id = open_delivery(db(), clock_, {.path = "gone.xml", .source = "test"});
    ASSERT_TRUE(id);
    ASSERT_TRUE(db().write([&](storage::Connection &connection) -> Expected<void> {
        const auto done = connection.run(
            "INSERT INTO knowledge_staged (delivery, id, kind, agency, local_id, scheme, removal, "
            "hash, changed_at, service, holder, size, xml) VALUES ($1, 1, 1, 'L1', '1', '', 0, '', "
            "'', 0, 0, 0, '')",
            {*id});
        if (!done) return tl::unexpected(done.error());
        return {};
    }));
    open();
    while (report(*id).state == "staging")
        std::this_thread::yield();
    EXPECT_EQ(report(*id).state, "failed");
    EXPECT_EQ(report(*id).problem->code, "knowledge.delivery_interrupted");
    EXPECT_EQ(count("knowledge_staged"), 0);
}

TEST_P(DeliveryOfficeTest, UploadsBelongToOnePersonAndHaveNoGaps) {
    open({.most_bytes = 100, .most_uploads = 2, .keep_free_bytes = 0});
    DeliveryUploads &uploads = office_->uploads();
    EXPECT_EQ(uploads.begin(kEditor, "a", 101).error().code, "knowledge.upload_too_large");
    const auto one = uploads.begin(kEditor, "../../etc/passwd", 10);
    ASSERT_TRUE(one);
    EXPECT_EQ(uploads.add(UserId{8}, *one, 0, "x").error().code, "knowledge.upload_not_found");
    EXPECT_EQ(*uploads.add(kEditor, *one, 0, "01234"), 5U);
    EXPECT_EQ(*uploads.add(kEditor, *one, 0, "01234"), 5U); // sent again
    EXPECT_EQ(uploads.add(kEditor, *one, 6, "6").error().code, "knowledge.upload_offset");
    EXPECT_EQ(uploads.add(kEditor, *one, 5, "56789X").error().code, "knowledge.upload_offset");
    EXPECT_EQ(uploads.take(kEditor, *one).error().code, "knowledge.upload_incomplete");
    EXPECT_EQ(*uploads.add(kEditor, *one, 5, "56789"), 10U);
    const auto taken = uploads.take(kEditor, *one);
    ASSERT_TRUE(taken);
    EXPECT_EQ(taken->file.filename(), "passwd");
    EXPECT_EQ(taken->file.parent_path(), taken->folder);
    std::string text;
    std::getline(std::ifstream(taken->file), text);
    EXPECT_EQ(text, "0123456789");

    ASSERT_TRUE(uploads.begin(kEditor, "b", 1));
    ASSERT_TRUE(uploads.begin(kEditor, "c", 1));
    EXPECT_EQ(uploads.begin(kEditor, "d", 1).error().code, "knowledge.upload_too_many");
    clock_.advance(std::chrono::hours(2)); // abandoned ones make room
    EXPECT_TRUE(uploads.begin(kEditor, "d", 1));
}

TEST_P(DeliveryOfficeTest, LeavesTheTelephonesTheirDisk) {
    open({.keep_free_bytes = std::uint64_t{1} << 62});
    EXPECT_EQ(office_->uploads().begin(kEditor, "a", 1).error().code, "knowledge.delivery_disk");
}

} // namespace
} // namespace fernamt::knowledge
