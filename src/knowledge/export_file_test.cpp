// SPDX-License-Identifier: EUPL-1.2
// An export to a file is there whole and obeys the schema, or what stood there before is.
#include "knowledge/delivery.h"
#include "knowledge/delivery_samples.h"
#include "knowledge/export.h"
#include "storage/test_database.h"

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <iterator>

namespace fernamt::knowledge {
namespace {

// Written for this test: the envelope in its order, and of the objects only that they are services
// with an id. What stands in a service is any of the same family.
std::string schema(const std::string &object) {
    return "<xs:schema xmlns:xs=\"http://www.w3.org/2001/XMLSchema\" "
           "xmlns:x=\"http://xoev.de/schemata/xzufi/2_3_1\" "
           "targetNamespace=\"http://xoev.de/schemata/xzufi/2_3_1\" "
           "elementFormDefault=\"qualified\">"
           "<xs:complexType name=\"Any\" mixed=\"true\"><xs:sequence><xs:any "
           "processContents=\"skip\" minOccurs=\"0\" maxOccurs=\"unbounded\"/></xs:sequence>"
           "<xs:anyAttribute processContents=\"skip\"/></xs:complexType>"
           "<xs:element name=\"transfer\"><xs:complexType><xs:sequence>"
           "<xs:element name=\"nachrichtenkopf\" type=\"x:Any\"/>"
           "<xs:element name=\"transaktionID\" type=\"xs:string\"/>"
           "<xs:element name=\"transaktionPosition\" type=\"xs:string\"/>"
           "<xs:element name=\"schreibe\" minOccurs=\"0\" maxOccurs=\"unbounded\">"
           "<xs:complexType><xs:sequence><xs:element name=\"" +
           object +
           "\"><xs:complexType><xs:sequence><xs:element name=\"id\" type=\"x:Any\"/><xs:any "
           "processContents=\"skip\" minOccurs=\"0\" maxOccurs=\"unbounded\"/></xs:sequence>"
           "<xs:anyAttribute processContents=\"skip\"/></xs:complexType></xs:element>"
           "</xs:sequence></xs:complexType></xs:element>"
           "</xs:sequence><xs:anyAttribute processContents=\"skip\"/></xs:complexType>"
           "</xs:element></xs:schema>";
}

class ExportFileTest : public storage::testing::DatabaseTest {
  protected:
    void SetUp() override {
        import(samples::service("1", "Hund anmelden"));
        file_ = directory_.path() + "/all.xml";
    }
    std::string write(const std::string &name, const std::string &text) {
        std::ofstream(directory_.path() + "/" + name, std::ios::binary) << text;
        return directory_.path() + "/" + name;
    }
    void import(const std::string &body) {
        const DeliveryOptions options{.path = write("in.xml", samples::transfer(body)),
                                      .source = "test"};
        const auto staged = stage_delivery(db(), clock_, options);
        ASSERT_TRUE(staged) << describe(staged.error());
        ASSERT_TRUE(apply_delivery(db(), clock_, staged->id, options));
    }
    std::string read() {
        std::ifstream in(file_, std::ios::binary);
        return {std::istreambuf_iterator<char>(in), {}};
    }
    // "" when it was written.
    std::string problem_of(const std::string &schema_file) {
        const auto written = export_xzufi_file(db(), {}, file_, schema_file);
        EXPECT_FALSE(std::filesystem::exists(file_ + ".part"));
        return written ? "" : written.error().code;
    }

    storage::testing::TemporaryDirectory directory_;
    ManualClock clock_{Instant{1'700'000'000'000'000}};
    std::string file_;
};
FERNAMT_ON_EVERY_ENGINE(ExportFileTest);

TEST_P(ExportFileTest, IsWrittenOnlyIfItObeysTheSchema) {
    const std::string services = write("services.xsd", schema("leistung"));
    EXPECT_EQ(problem_of(services), "");
    const std::string good = read();
    EXPECT_NE(good.find("Hund anmelden"), std::string::npos);

    import(samples::service("2", "Katze anmelden"));
    EXPECT_EQ(problem_of(write("offices.xsd", schema("organisationseinheit"))),
              "knowledge.schema_violated");
    EXPECT_EQ(read(), good) << "what stood there stays";
    EXPECT_EQ(problem_of(directory_.path() + "/none.xsd"), "knowledge.schema_unreadable");
    EXPECT_EQ(read(), good);
    EXPECT_EQ(problem_of(services), "");
    EXPECT_NE(read().find("Katze anmelden"), std::string::npos);

    import(samples::office("7", "Bürgerbüro"));
    EXPECT_EQ(problem_of(services), "knowledge.schema_violated") << "an office among services";
    EXPECT_EQ(problem_of(""), "") << "without a schema all of it";
    EXPECT_NE(read().find("Bürgerbüro"), std::string::npos);
}

TEST_P(ExportFileTest, ThatCannotBeWrittenSaysSo) {
    file_ = directory_.path() + "/no/such/folder/all.xml";
    EXPECT_EQ(problem_of(""), "knowledge.export_failed");
}

} // namespace
} // namespace fernamt::knowledge
